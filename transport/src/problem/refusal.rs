//! Which code an answer of no gets, and which facts go with it.
//!
//! Refusals are answers of the rules; the other errors say why there is no answer at all.
//! Invariant: every refusal of the domain has exactly one place here, so a new one does not compile without it.

use actors::AskError;
use domain::Refusal;
use serde_json::json;

use super::{Code, Problem};

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        if refusal == Refusal::NotFound {
            return Self::of(Code::NotFound);
        }
        with_facts(Self::new(code_of(&refusal), refusal.to_string()), refusal)
    }
}

const fn code_of(refusal: &Refusal) -> Code {
    match refusal {
        Refusal::QueueClosed => Code::QueueClosed,
        Refusal::QueuePaused => Code::QueuePaused,
        Refusal::QueueFull { .. } => Code::QueueFull,
        Refusal::OutsideOpeningHours => Code::OutsideOpeningHours,
        Refusal::AgentBusy { .. } => Code::AgentBusy,
        Refusal::AgentNotAvailable { .. } => Code::AgentNotAvailable,
        Refusal::NobodyWaiting => Code::NobodyWaiting,
        Refusal::NotAssigned => Code::NotAssigned,
        Refusal::SkillMissing => Code::SkillMissing,
        Refusal::InvalidTransition { .. } => Code::InvalidTransition,
        Refusal::TicketEnded { .. } => Code::TicketEnded,
        Refusal::TooSoon { .. } => Code::TooSoon,
        Refusal::TooFewCalls { .. } => Code::TooFewCalls,
        Refusal::AlreadyInQueue { .. } => Code::AlreadyInQueue,
        Refusal::ClassNotAllowed { .. } => Code::ClassNotAllowed,
        Refusal::SameQueue => Code::SameQueue,
        Refusal::VersionConflict { .. } => Code::VersionConflict,
        Refusal::QuotaExceeded { .. } => Code::QuotaExceeded,
        Refusal::NotFound => Code::NotFound,
    }
}

fn with_facts(problem: Problem, refusal: Refusal) -> Problem {
    match refusal {
        Refusal::QueueFull { capacity } => problem.fact("capacity", capacity),
        Refusal::AgentBusy { ticket, number } | Refusal::AlreadyInQueue { ticket, number } => {
            problem.fact("ticket", json!({ "id": ticket.to_string(), "number": number }))
        }
        Refusal::AgentNotAvailable { why } => problem.fact("why", why),
        Refusal::InvalidTransition { from, command } => {
            problem.fact("from", from.to_string()).fact("command", command)
        }
        Refusal::TicketEnded { state } => problem.fact("state", state.to_string()),
        Refusal::TooSoon { retry_at } => problem.fact("retry_at", retry_at.to_string()),
        Refusal::TooFewCalls { calls, min_calls } => {
            problem.fact("calls", calls).fact("min_calls", min_calls)
        }
        Refusal::ClassNotAllowed { class } => problem.fact("class", class),
        Refusal::VersionConflict { current } => problem.fact("current", current),
        Refusal::QuotaExceeded { what, limit } => problem.fact("what", what).fact("limit", limit),
        Refusal::QueueClosed
        | Refusal::QueuePaused
        | Refusal::OutsideOpeningHours
        | Refusal::NobodyWaiting
        | Refusal::NotAssigned
        | Refusal::SkillMissing
        | Refusal::SameQueue
        | Refusal::NotFound => problem,
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Refused(refusal) => refusal.into(),
            AskError::NotFound => Self::of(Code::NotFound),
            AskError::Invalid { field, remedy } => Self::invalid(&format!("/{field}"), remedy),
            AskError::Taken { field, value } => {
                Self::new(Code::Taken, format!("{field} {value:?} is taken"))
                    .fact("field", field)
                    .fact("value", value)
            }
            AskError::InUse { by } => {
                Self::new(Code::InUse, format!("still in use: {by}")).fact("by", by)
            }
            AskError::Busy { retry_after_secs, own_limit } => {
                let code = if own_limit { Code::TooManyRequests } else { Code::Overloaded };
                Self::of(code).retry_after(retry_after_secs.max(1))
            }
            AskError::OutcomeUnknown => Self::of(Code::OutcomeUnknown).retry_after(1),
            AskError::Quarantined { failures } => {
                Self::of(Code::CommandQuarantined).fact("failures", failures)
            }
            AskError::QueueQuarantined => Self::of(Code::QueueQuarantined).retry_after(60),
            AskError::Stopping => Self::of(Code::Stopping).retry_after(5),
        }
    }
}
