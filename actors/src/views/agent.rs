//! An agent's day as the agent's own app shows it.
//!
//! `ticket` is the one in hand; held ones are listed apart.
//! Invariant: `presence` is one of the words of the domain.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::At;
use super::ticket::{ReasonView, TicketView};

/// A counter by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CounterRef {
    pub id: Uuid,
    #[schema(example = "3")]
    pub name: String,
}

/// One agent, live.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AgentView {
    pub id: Uuid,
    pub name: String,
    /// offline, available, busy, wrap_up, on_break.
    #[schema(example = "available")]
    pub presence: &'static str,
    /// Of a break.
    pub reason: Option<String>,
    /// A break that begins when the ticket in hand is done.
    pub break_wanted: Option<String>,
    pub wrap_up_until: Option<At>,
    pub available_since: Option<At>,
    pub counter: Option<CounterRef>,
    /// Queues this agent is assigned to.
    pub queues: Vec<Uuid>,
    pub skills: Vec<String>,
    /// pull or push.
    #[schema(example = "pull")]
    pub dispatch: &'static str,
    pub ticket: Option<TicketView>,
    pub offer: Option<OfferView>,
}

/// A ticket reserved for an agent who has not accepted it yet.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OfferView {
    pub id: Uuid,
    pub queue_id: Uuid,
    pub ticket_id: Uuid,
    pub number: String,
    pub class: String,
    pub reason: ReasonView,
    pub expires_at: At,
}
