//! What can be said to a queue actor.
//!
//! A command carries its own reply port and permits, which travel with it to the journal and back.
//! Invariant: dropping a message drops its reply port, so its asker learns at once that nobody will answer.

use domain::{AgentId, Caller, Command, SkillSet, TicketId, Timestamp, Urgency};
use persistence::TicketPrivateRow;
use tokio::sync::oneshot;

use crate::admission::Permit;
use crate::ask::{Ask, AskError, Done, give};
use crate::topic_hub::{Position, Subscriber, Topic};
use crate::views::{QueueView, StatsView, TicketView};

/// The way back to who asked.
pub(crate) enum Reply {
    Nobody,
    Ticket(oneshot::Sender<Result<Done, AskError>>),
    Queue(oneshot::Sender<Result<QueueView, AskError>>),
}

impl Reply {
    /// True when nobody waits for the answer any more.
    pub(crate) fn is_gone(&self) -> bool {
        match self {
            Self::Nobody => false,
            Self::Ticket(port) => port.is_closed(),
            Self::Queue(port) => port.is_closed(),
        }
    }

    /// Who asked may have gone; then the answer is dropped.
    pub(crate) fn refuse(self, error: AskError) {
        match self {
            Self::Nobody => {}
            Self::Ticket(port) => give(port, Err(error)),
            Self::Queue(port) => give(port, Err(error)),
        }
    }
}

/// A command on its way.
pub(crate) struct Execute {
    pub(crate) command: Command,
    pub(crate) ask: Ask,
    /// Kept in the same transaction, apart from the journal.
    pub(crate) private: Option<TicketPrivateRow>,
    pub(crate) reply_to: Reply,
    pub(crate) permits: Vec<Permit>,
}

impl Execute {
    /// A command without a reply.
    pub(crate) const fn of(command: Command, ask: Ask) -> Self {
        Self { command, ask, private: None, reply_to: Reply::Nobody, permits: Vec::new() }
    }
}

/// What a queue knows of an agent.
#[derive(Debug, Clone)]
pub(crate) struct AgentSeen {
    pub(crate) presence: Seen,
    /// Where tickets can be offered; none for those who ask by themselves.
    pub(crate) push: Option<Caller>,
    pub(crate) offer_timeout: domain::Secs,
}

/// An agent's presence as far as a queue cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    Idle { since: Timestamp },
    Busy,
    OnBreak,
}

pub(crate) enum QueueMessage {
    Load,
    Execute(Box<Execute>),
    /// None of the reply means that this queue does not know the ticket.
    Ticket {
        ticket: TicketId,
        reply_to: oneshot::Sender<Option<TicketView>>,
    },
    View {
        head: bool,
        reply_to: oneshot::Sender<QueueView>,
    },
    Stats {
        reply_to: oneshot::Sender<StatsView>,
    },
    /// How urgent is the best ticket for these skills?
    Candidate {
        skills: SkillSet,
        reply_to: oneshot::Sender<Option<Urgency>>,
    },
    /// The ticket that an agent has called or serves here.
    InHandOf {
        agent: AgentId,
        reply_to: oneshot::Sender<Option<domain::InHand>>,
    },
    /// May somebody be sent here by a transfer just now?
    MayAdmit {
        reply_to: oneshot::Sender<Result<domain::ServiceId, domain::Refusal>>,
    },
    Subscribe {
        topic: Topic,
        subscriber: Subscriber,
        since: Option<Position>,
        reply_to: oneshot::Sender<Result<(), AskError>>,
    },
    Seen((AgentId, Option<AgentSeen>)),
    StatsTick,
    /// Tell the tenant actor what is being called here.
    Board,
    Wake,
    Snapshot {
        reply_to: oneshot::Sender<()>,
    },
    /// An append of this actor has an unknown outcome.
    Lost,
    /// Everything durable about the queue and what it has learnt, with the version of its stream that it stands for.
    #[cfg(feature = "faults")]
    Audit {
        reply_to: oneshot::Sender<(Box<domain::QueueMemento>, Box<domain::Estimator>, u64)>,
    },
    #[cfg(feature = "faults")]
    Die,
}

impl QueueMessage {
    /// From the actor itself or its own timers.
    pub(super) const fn is_own(&self) -> bool {
        matches!(self, Self::Load | Self::StatsTick | Self::Lost)
    }
}
