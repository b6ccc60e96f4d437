//! A queue as the API shows it: its state, its live figures and the head of its line with reasons.
//!
//! The configured part is repeated here so that a kiosk needs one request.
//! Invariant: the head is in the order of the queue's policy at the moment the view was made.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::At;
use super::figures::{AgentCounts, EstimateView};
use super::health::HealthView;
use super::ticket::ReasonView;
use crate::resources::ClassBody;

/// One queue, live.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QueueView {
    pub id: Uuid,
    #[schema(example = "Withdrawals")]
    pub name: String,
    pub site_id: Uuid,
    pub service_id: Uuid,
    #[schema(example = "A")]
    pub prefix: String,
    /// open, paused, closing, closed.
    #[schema(example = "open")]
    pub state: &'static str,
    pub full: bool,
    /// False outside the site's opening hours.
    pub in_opening_hours: bool,
    /// Kind of the scheduling policy.
    #[schema(example = "sla")]
    pub policy: &'static str,
    pub classes: Vec<ClassBody>,
    pub waiting: u32,
    pub called: u32,
    pub serving: u32,
    pub held: u32,
    pub longest_wait_seconds: u32,
    pub agents: AgentCounts,
    pub estimate: Option<EstimateView>,
    pub health: Option<HealthView>,
    /// Version of the configuration, for `If-Match`.
    pub version: u64,
    /// Those called next, at most 20. Filled by `GET /queues/{id}` and the queue's topic.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub head: Vec<HeadEntry>,
}

/// One person at the head of the line.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HeadEntry {
    pub id: Uuid,
    pub number: String,
    pub class: String,
    pub state: &'static str,
    pub arrived_at: Option<At>,
    /// From 1.
    pub position: u32,
    pub reason: ReasonView,
}
