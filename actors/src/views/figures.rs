//! Live figures: what `stats.updated` carries and what a queue's page shows beside its name.
//!
//! Figures of several queues are merged by adding counts and taking the longest wait, never by averaging.
//! Invariant: every count is of the same instant.

use domain::Estimate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::health::HealthView;

/// A wait to come, as a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct EstimateView {
    /// One in ten waits less.
    #[schema(example = 326)]
    pub p10_seconds: u32,
    #[schema(example = 520)]
    pub p50_seconds: u32,
    /// Nine in ten wait less.
    #[schema(example = 780)]
    pub p90_seconds: u32,
}

impl From<Estimate> for EstimateView {
    fn from(range: Estimate) -> Self {
        Self { p10_seconds: range.p10.0, p50_seconds: range.p50.0, p90_seconds: range.p90.0 }
    }
}

/// Agents on duty, by presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct AgentCounts {
    pub available: u32,
    /// With a ticket in hand or writing up the last one.
    pub busy: u32,
    pub on_break: u32,
}

impl AgentCounts {
    /// Agents who are or will soon be free to serve.
    pub const fn serving(self) -> u32 {
        self.available + self.busy
    }
}

/// Data of `stats.updated`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct StatsView {
    /// None for a whole site or tenant.
    pub queue_id: Option<Uuid>,
    pub waiting: u32,
    pub called: u32,
    pub serving: u32,
    pub held: u32,
    pub longest_wait_seconds: u32,
    pub agents: AgentCounts,
    /// For a person who would join now; none while nobody serves. Only of a single queue.
    pub estimate: Option<EstimateView>,
    /// Only of a single queue.
    pub health: Option<HealthView>,
}
