//! Why a command was refused: a closed list, each with a stable code and its facts.
//!
//! A refusal is an answer, not a failure: asking the same thing again gives the same answer.
//! Invariant: a code, once published, never changes its meaning.

use crate::id::TicketId;
use crate::ticket::State;
use crate::time::Timestamp;

/// An answer of no, with facts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the queue is closed")]
    QueueClosed,
    #[error("the queue is paused and takes nobody new")]
    QueuePaused,
    #[error("the queue is full: {capacity} people wait")]
    QueueFull { capacity: u32 },
    #[error("the queue is outside its opening hours")]
    OutsideOpeningHours,
    #[error("the agent already has ticket {number}")]
    AgentBusy { ticket: TicketId, number: String },
    #[error("the agent cannot be given a ticket now: {why}")]
    AgentNotAvailable { why: &'static str },
    #[error("nobody is waiting")]
    NobodyWaiting,
    #[error("the ticket or queue is not assigned to this agent")]
    NotAssigned,
    #[error("the agent lacks a skill that the ticket asks for")]
    SkillMissing,
    #[error("a ticket that is {from} cannot be asked to {command}")]
    InvalidTransition { from: State, command: &'static str },
    #[error("the ticket has ended: {state}")]
    TicketEnded { state: State },
    #[error("too soon after the last call; try again at {retry_at}")]
    TooSoon { retry_at: Timestamp },
    #[error("called {calls} times of at least {min_calls}")]
    TooFewCalls { calls: u8, min_calls: u8 },
    #[error("this person already has ticket {number} in the queue")]
    AlreadyInQueue { ticket: TicketId, number: String },
    #[error("class {class} may not be chosen here")]
    ClassNotAllowed { class: String },
    #[error("the ticket is in that queue already")]
    SameQueue,
    #[error("the version is {current} by now")]
    VersionConflict { current: u64 },
    #[error("the limit of {limit} {what} is reached")]
    QuotaExceeded { what: &'static str, limit: u32 },
    /// No such ticket in this queue. Unknown and foreign ids give the same answer.
    #[error("not found")]
    NotFound,
}

impl Refusal {
    /// The stable code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::QueueClosed => "queue_closed",
            Self::QueuePaused => "queue_paused",
            Self::QueueFull { .. } => "queue_full",
            Self::OutsideOpeningHours => "outside_opening_hours",
            Self::AgentBusy { .. } => "agent_busy",
            Self::AgentNotAvailable { .. } => "agent_not_available",
            Self::NobodyWaiting => "nobody_waiting",
            Self::NotAssigned => "not_assigned",
            Self::SkillMissing => "skill_missing",
            Self::InvalidTransition { .. } => "invalid_transition",
            Self::TicketEnded { .. } => "ticket_ended",
            Self::TooSoon { .. } => "too_soon",
            Self::TooFewCalls { .. } => "too_few_calls",
            Self::AlreadyInQueue { .. } => "already_in_queue",
            Self::ClassNotAllowed { .. } => "class_not_allowed",
            Self::SameQueue => "same_queue",
            Self::VersionConflict { .. } => "version_conflict",
            Self::QuotaExceeded { .. } => "quota_exceeded",
            Self::NotFound => "not_found",
        }
    }
}
