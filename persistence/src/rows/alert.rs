//! An alert: what somebody had to look after, from when to when, and who saw it.
//!
//! Kinds and facts are the caller's words.
//! Invariant: of one kind and subject one alert is open at most.

use domain::{SiteId, TenantId, Timestamp};
use uuid::Uuid;

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRow {
    pub tenant: TenantId,
    pub id: Uuid,
    pub kind: String,
    /// The queue or the device.
    pub subject: Uuid,
    pub site: SiteId,
    pub raised_at: Timestamp,
    pub cleared_at: Option<Timestamp>,
    /// Who saw it first, in the words of the journal.
    pub acknowledged_by: Option<String>,
    pub acknowledged_at: Option<Timestamp>,
    /// JSON: the figures it was raised on, and what would help.
    pub facts: String,
    /// JSON: by which channels it was told, and how that went.
    pub delivery: String,
    /// Somebody is still to be told.
    pub to_deliver: bool,
}

/// Which alerts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Only those that stand, or only those that were cleared.
    pub open: Option<bool>,
    pub kind: Option<String>,
    /// Only alerts raised before this one, by instant and id.
    pub before: Option<(Timestamp, Uuid)>,
}
