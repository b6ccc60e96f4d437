//! How something is asked of the orchestrator, and how it answers.
//!
//! A question says who asks; a command may carry an idempotency key, whose reply is kept in the same
//! transaction as what the command did. A *no* of the rules is kept apart from a *cannot* of the machine.
//! Invariant: a keyed command answers with the very bytes that a repetition will get.

use std::fmt;
use std::sync::Arc;

use domain::{AgentId, DeviceId, Refusal};
use tokio::sync::oneshot;

use crate::views::TicketView;

/// Who asks. Its text form (`agent:…`, `device:…`, `system`) is what the journal records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    Agent(AgentId),
    Device(DeviceId),
    /// A token without an agent or device of its own, by its subject.
    Subject(Arc<str>),
    System,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::Device(id) => write!(f, "device:{id}"),
            Self::Subject(subject) => write!(f, "subject:{subject}"),
            Self::System => f.write_str("system"),
        }
    }
}

/// A claimed idempotency key, and how to write the reply that is kept with it.
#[derive(Debug, Clone)]
pub struct Key {
    /// SHA-256 of tenant, principal, route and key.
    pub hash: [u8; 32],
    /// SHA-256 of the request.
    pub fingerprint: [u8; 32],
    /// HTTP status of success.
    pub status: u16,
    /// The body of success.
    pub render: fn(&TicketView) -> String,
}

/// Who asks, why, and under which key.
#[derive(Debug, Clone)]
pub struct Ask {
    pub who: Who,
    /// May act for other agents and on any ticket of the tenant.
    pub supervises: bool,
    /// The command's id or key, for the journal. Never personal data.
    pub cause: Option<String>,
    pub key: Option<Key>,
    /// The version that the ticket must still have; none for whatever it has.
    pub expected: Option<u64>,
}

impl Ask {
    /// The program itself asks.
    pub const fn system() -> Self {
        Self { who: Who::System, supervises: true, cause: None, key: None, expected: None }
    }
}

/// A command that was carried out and is durable.
#[derive(Debug, Clone)]
pub struct Done {
    pub ticket: Box<TicketView>,
    /// The kept reply, if the command was keyed.
    pub body: Option<String>,
}

/// Why there is no answer of yes.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AskError {
    /// The rules forbid it; the caller may ask for something else.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing of that name in this tenant.
    #[error("not found")]
    NotFound,
    /// A field of the request is wrong; says which and what to give instead.
    #[error("{field}: {remedy}")]
    Invalid { field: String, remedy: String },
    /// A name that must be unique is taken.
    #[error("{field} {value:?} is taken")]
    Taken { field: String, value: String },
    /// Something still depends on it.
    #[error("still in use: {by}")]
    InUse { by: String },
    /// Too much at once; nothing was done. 429 for the caller's own limit, 503 for the whole program's.
    #[error("too many commands at once; try again in {retry_after_secs} s")]
    Busy { retry_after_secs: u32, own_limit: bool },
    /// The journal did not say whether it was kept. Ask again under the same key.
    #[error("the outcome is unknown; repeat the request with the same Idempotency-Key")]
    OutcomeUnknown,
    /// This command killed its actor again and again, and is not taken any more.
    #[error("the command is quarantined: it failed {failures} times")]
    Quarantined { failures: u32 },
    /// The queue's journal cannot be read; other queues are unaffected.
    #[error("the queue cannot be read and is set aside for repair")]
    QueueQuarantined,
    /// The program is stopping.
    #[error("the program is stopping")]
    Stopping,
}

/// Answers whoever still waits; who has gone needs no answer.
pub(crate) fn give<T>(reply_to: oneshot::Sender<T>, answer: T) {
    let _ = reply_to.send(answer);
}
