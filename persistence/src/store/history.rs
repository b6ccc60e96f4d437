//! What a store tells of the past, for plans: who came when, how long they waited, how long a counter was taken.
//!
//! It is read straight from the legs that have ended; who is still in line is no history yet.
//! Invariant: both answers are bounded, however long the window is.

use async_trait::async_trait;
use domain::{QueueId, SiteId, TenantId, Timestamp};

use crate::error::StoreError;
use crate::rows::{ArrivalsRow, HistoryRow};

/// Rows of one answer about arrivals: a year of half-hours of a site with ten classes.
pub(crate) const ARRIVALS_ROWS_MAX: u32 = 100_000;
/// Visits of one answer: the newest ones.
pub const HISTORY_ROWS_MAX: u32 = 20_000;

/// Whose past, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryFilter {
    pub tenant: TenantId,
    pub site: SiteId,
    /// One queue of the site; none means all of them.
    pub queue: Option<QueueId>,
    pub from: Timestamp,
    /// The first instant that is no longer asked for.
    pub to: Timestamp,
}

/// Ended visits as history.
#[async_trait]
pub trait HistoryStore: Send + Sync {
    /// How many came, by queue, class and half-hour, the earliest first; at most [`ARRIVALS_ROWS_MAX`] rows.
    async fn arrivals(&self, filter: HistoryFilter) -> Result<Vec<ArrivalsRow>, StoreError>;

    /// The newest ended visits, newest first; at most `limit` and [`HISTORY_ROWS_MAX`].
    async fn history(
        &self,
        filter: HistoryFilter,
        limit: u32,
    ) -> Result<Vec<HistoryRow>, StoreError>;
}
