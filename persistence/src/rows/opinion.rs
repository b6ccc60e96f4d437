//! Opinions counted, for reports.
//!
//! Invariant: the parts of the marks that were given add up to their number.

use domain::{AgentId, QueueId, ServiceId, SiteId};

/// The opinions of one stretch of time on one queue and one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpinionCount {
    /// Counts stretches from the beginning that was asked for.
    pub stretch: i64,
    pub site: SiteId,
    pub queue: QueueId,
    pub service: ServiceId,
    pub agent: Option<AgentId>,
    pub responses: u64,
    pub csat_count: u64,
    pub csat_sum: u64,
    /// Marks of 4 and 5.
    pub csat_satisfied: u64,
    pub nps_count: u64,
    /// 9 and 10.
    pub promoters: u64,
    /// 0 to 6.
    pub detractors: u64,
}
