//! What can be asked of tickets, agents and queues, whether it comes by REST or over a socket.
//!
//! `args` are the bodies as clients write them, `named` finds a command by its name, `permit` says who may,
//! `execute` carries it out once per idempotency key.
//! Invariant: nothing is carried out, and no kept reply is shown, before the caller was found to be allowed.

mod answer;
mod args;
mod execute;
mod issue;
mod named;
mod permit;
mod recorded;

use actors::{AgentDuty, QueueChange, TicketOrder};
use domain::{AgentId, OfferId, QueueId, TicketId};

pub(crate) use answer::{Answer, etag};
pub(crate) use args::{
    Args, CallArgs, CallNextArgs, CloseArgs, CounterArgs, FinishArgs, HoldArgs, NoArgs,
    NoQueueArgs, NoteArgs, PriorityArgs, RemoveArgs, SignInArgs, StatusArgs, TagArgs, TransferArgs,
    sound_text,
};
pub(crate) use execute::run;
pub(crate) use issue::IssueArgs;
pub(crate) use named::named;
pub(crate) use permit::acting;

/// An agent by id, or the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AgentRef {
    Me,
    Id(AgentId),
}

impl std::str::FromStr for AgentRef {
    type Err = domain::IdError;

    fn from_str(text: &str) -> Result<Self, domain::IdError> {
        if text == "me" { Ok(Self::Me) } else { text.parse().map(Self::Id) }
    }
}

/// One thing that is asked.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    Issue(Box<IssueArgs>),
    /// With the version that the ticket must still have, if that matters.
    Order {
        ticket: TicketId,
        order: TicketOrder,
        expected: Option<u64>,
    },
    CallNext {
        agent: AgentRef,
        queue: Option<QueueId>,
    },
    Duty {
        agent: AgentRef,
        duty: AgentDuty,
    },
    Accept {
        offer: OfferId,
    },
    Reject {
        offer: OfferId,
    },
    ChangeQueue {
        queue: QueueId,
        change: QueueChange,
    },
}
