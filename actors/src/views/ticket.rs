//! A ticket as the API shows it, and the short form that displays and agents get on a call.
//!
//! Position and estimate are those of the moment the view was made; none once the ticket has been called.
//! Invariant: `state` is one of the words of the domain.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::At;
use super::agent::CounterRef;
use super::figures::EstimateView;

/// One person's visit. What does not apply, such as the counter of a ticket that waits, is left out.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TicketView {
    pub id: Uuid,
    /// Grows with whatever happens to the ticket; also the ETag. A ticket that is long over has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// For people: `A042`.
    #[schema(example = "A042")]
    pub number: String,
    /// remote, waiting, offered, called, serving, held, served, no_show, walked_out, cancelled, removed, expired.
    #[schema(example = "waiting")]
    pub state: &'static str,
    #[schema(example = "normal")]
    pub class: String,
    pub queue_id: Uuid,
    pub service_id: Uuid,
    pub site_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counter: Option<CounterRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<Uuid>,
    #[schema(example = "kiosk")]
    pub channel: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Counts the services of the visit, from 1.
    pub leg: u16,
    /// Announcements of the invitation in force.
    pub calls: u16,
    /// Missed calls that put the ticket back in line.
    pub requeues: u8,
    /// Why it was called before others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonView>,
    /// Place in line, from 1, while waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// People who would be called before, while waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<u32>,
    /// The wait still to come, while waiting and while somebody serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<EstimateView>,
    pub issued_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_called_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_called_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<At>,
    /// Seconds parked since the service began.
    pub held_seconds: u32,
    pub announced: Announced,
    pub tags: Vec<String>,
    /// Codes given at the end of the service.
    pub outcomes: Vec<String>,
    /// Finished legs, oldest first. Filled by `GET /tickets/{id}` alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legs: Vec<LegView>,
}

/// How many displays acknowledged the call in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Announced {
    pub shown: u16,
    pub heard: u16,
}

/// Why a ticket was called.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReasonView {
    #[schema(example = "over_target")]
    pub code: String,
    #[schema(example = "waited 31 min, target 20 min")]
    pub text: String,
}

/// One finished service of a visit.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LegView {
    pub leg: u16,
    pub queue_id: Uuid,
    pub service_id: Uuid,
    pub agent_id: Option<Uuid>,
    /// served, transferred, no_show, walked_out, cancelled, removed, expired.
    pub outcome: String,
    pub wait_seconds: Option<u32>,
    pub walk_seconds: Option<u32>,
    pub service_seconds: Option<u32>,
    pub stay_seconds: u32,
    pub reason: Option<ReasonView>,
    pub out_of_order: bool,
    pub ended_at: At,
}

/// The ticket inside the frames of a socket.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BoardTicket {
    pub id: Uuid,
    pub number: String,
    pub class: String,
    pub queue_id: Uuid,
    /// Slug of the service.
    pub service: String,
    pub language: Option<String>,
}

/// Data of `ticket.called` and `ticket.recalled`, and one entry of a display's board.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallView {
    pub ticket: BoardTicket,
    /// Name of the counter.
    pub counter: String,
    pub agent_id: Uuid,
    pub calls: u8,
    pub reason: ReasonView,
    pub called_at: At,
}
