//! What a person said of a visit.
//!
//! Queue, site, service and agent are those of the visit's end, so that figures need no other table.
//! Invariant: a ticket has one opinion at most.

use domain::{AgentId, QueueId, ServiceId, SiteId, TenantId, TicketId, Timestamp};

/// One opinion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedbackRow {
    pub tenant: TenantId,
    pub ticket: TicketId,
    pub site: SiteId,
    pub queue: QueueId,
    pub service: ServiceId,
    pub agent: Option<AgentId>,
    /// 1 to 5.
    pub csat: Option<u8>,
    /// 0 to 10.
    pub nps: Option<u8>,
    pub comment: Option<String>,
    pub at: Timestamp,
}
