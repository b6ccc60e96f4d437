//! What a store keeps of people's opinions.
//!
//! An opinion is given once and never changed.
//! Invariant: of two opinions on one ticket the first stays.

use async_trait::async_trait;
use domain::{SiteId, TenantId, TicketId, Timestamp};

use crate::error::StoreError;
use crate::rows::FeedbackRow;

/// Opinions on visits.
#[async_trait]
pub trait FeedbackStore: Send + Sync {
    /// Keeps an opinion; false when the ticket has one already.
    async fn save_feedback(&self, row: FeedbackRow) -> Result<bool, StoreError>;

    async fn feedback_on(
        &self,
        tenant: TenantId,
        ticket: TicketId,
    ) -> Result<Option<FeedbackRow>, StoreError>;

    /// The newest opinions given before `before`, of one site or of all; at most `limit`.
    async fn feedback(
        &self,
        tenant: TenantId,
        site: Option<SiteId>,
        before: Option<(Timestamp, TicketId)>,
        limit: u32,
    ) -> Result<Vec<FeedbackRow>, StoreError>;
}
