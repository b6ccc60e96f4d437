//! What someone wants to happen in a queue: imperative, and it may be refused.
//!
//! A command carries who asks only as far as the rules need it; the journal records the rest.
//! Invariant: every fact that a rule needs and that is not the queue's own travels in the command.

use std::sync::Arc;

use crate::class::ClassKey;
use crate::id::{AgentId, CounterId, CustomerId, OfferId, QueueId, ServiceId, TicketId};
use crate::queue::config::{Placement, QueueConfig};
use crate::skill::SkillSet;
use crate::ticket::{Channel, Visit};
use crate::time::Timestamp;

/// A person who joins.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    pub ticket: TicketId,
    pub channel: Channel,
    /// None means the queue's default class.
    pub class: Option<ClassKey>,
    /// True when the person or a device chose the class: then it must be open to self-service.
    pub self_service: bool,
    pub customer: Option<CustomerId>,
    pub language: Option<Arc<str>>,
    /// Skills asked for beyond those of the queue.
    pub needs: SkillSet,
    pub slot: Option<Timestamp>,
    /// Joins from afar and must check in before being called.
    pub remote: bool,
    pub tags: Vec<String>,
}

/// The agent for whom a ticket is called: where people are sent, and what can be served there.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    pub agent: AgentId,
    pub counter: CounterId,
    pub skills: SkillSet,
}

/// Who handles a ticket in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handler {
    /// An agent: only their own ticket.
    Agent(AgentId),
    /// A supervisor: any ticket of the queue.
    Supervisor,
}

/// A leg that arrives by transfer: everything the person keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    pub visit: Visit,
    pub arrived_at: Timestamp,
    pub from: QueueId,
    pub placement: Placement,
    pub tags: Vec<String>,
}

/// What becomes of the people waiting when a queue closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Waiting {
    #[default]
    Keep,
    Expire,
}

/// What a display did with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Announcement {
    Shown,
    Heard,
}

/// Everything that can be asked of one queue.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Issue(Box<Issue>),
    /// The remote person has come.
    CheckIn {
        ticket: TicketId,
    },
    /// Invite the best eligible person.
    CallNext {
        caller: Caller,
    },
    /// Invite that person, waiting or held, whatever the order says.
    CallTicket {
        ticket: TicketId,
        caller: Caller,
        why: Option<String>,
    },
    /// Reserve the best eligible person for an agent, unannounced.
    Offer {
        caller: Caller,
        offer: OfferId,
    },
    /// The agent takes the offered person: it becomes a call.
    AcceptOffer {
        offer: OfferId,
        ticket: TicketId,
        caller: Caller,
    },
    /// The reservation is off; the person keeps the place.
    WithdrawOffer {
        offer: OfferId,
        ticket: TicketId,
    },
    Recall {
        ticket: TicketId,
        by: Handler,
    },
    Start {
        ticket: TicketId,
        by: Handler,
    },
    /// Park: with the agent, or in the counter's pool where any agent may call it.
    Hold {
        ticket: TicketId,
        by: Handler,
        why: String,
        pool: bool,
    },
    /// Go on where the person was parked from.
    Resume {
        ticket: TicketId,
        caller: Caller,
    },
    Finish {
        ticket: TicketId,
        by: Handler,
        outcomes: Vec<String>,
    },
    /// The person did not come: back in line while the ladder allows it, then gone.
    MarkNoShow {
        ticket: TicketId,
        by: Handler,
    },
    Requeue {
        ticket: TicketId,
        by: Handler,
    },
    /// The person waiting lets that many of those behind them go first.
    Delay {
        ticket: TicketId,
        people: u32,
    },
    /// End this leg and begin the next in another queue.
    Transfer {
        ticket: TicketId,
        by: Handler,
        to: QueueId,
        service: ServiceId,
        placement: Option<Placement>,
    },
    /// The arrival of a transfer; never refused.
    Admit(Box<Arrival>),
    /// The target queue has the leg.
    ConfirmHandover {
        ticket: TicketId,
        leg: u16,
    },
    Cancel {
        ticket: TicketId,
    },
    Remove {
        ticket: TicketId,
        why: String,
    },
    WalkOut {
        ticket: TicketId,
    },
    Reinstate {
        ticket: TicketId,
    },
    Tag {
        ticket: TicketId,
        tags: Vec<String>,
    },
    /// A note was kept elsewhere; the journal only knows that.
    Note {
        ticket: TicketId,
    },
    SetPriority {
        ticket: TicketId,
        class: ClassKey,
    },
    Announced {
        ticket: TicketId,
        what: Announcement,
    },
    Open,
    Pause,
    /// The forecast wait passes closing time (`true`), or no longer does.
    SetClosing(bool),
    Close {
        waiting: Waiting,
    },
    Configure(Box<QueueConfig>),
    /// Do what is due by now: the recall ladder, the longest wait, the close of day.
    Tick,
}

impl Command {
    /// The ticket it is about, if one is named.
    pub fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::Issue(issue) => Some(issue.ticket),
            Self::Admit(arrival) => Some(arrival.visit.ticket),
            Self::CheckIn { ticket }
            | Self::CallTicket { ticket, .. }
            | Self::AcceptOffer { ticket, .. }
            | Self::WithdrawOffer { ticket, .. }
            | Self::Recall { ticket, .. }
            | Self::Start { ticket, .. }
            | Self::Hold { ticket, .. }
            | Self::Resume { ticket, .. }
            | Self::Finish { ticket, .. }
            | Self::MarkNoShow { ticket, .. }
            | Self::Requeue { ticket, .. }
            | Self::Delay { ticket, .. }
            | Self::Transfer { ticket, .. }
            | Self::ConfirmHandover { ticket, .. }
            | Self::Cancel { ticket }
            | Self::Remove { ticket, .. }
            | Self::WalkOut { ticket }
            | Self::Reinstate { ticket }
            | Self::Tag { ticket, .. }
            | Self::Note { ticket }
            | Self::SetPriority { ticket, .. }
            | Self::Announced { ticket, .. } => Some(*ticket),
            Self::CallNext { .. }
            | Self::Offer { .. }
            | Self::Open
            | Self::Pause
            | Self::SetClosing(_)
            | Self::Close { .. }
            | Self::Configure(_)
            | Self::Tick => None,
        }
    }

    /// The word by which the API and the refusals call it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Issue(_) => "issue",
            Self::CheckIn { .. } => "check_in",
            Self::CallNext { .. } => "call_next",
            Self::CallTicket { .. } => "call",
            Self::Offer { .. } => "offer",
            Self::AcceptOffer { .. } => "accept_offer",
            Self::WithdrawOffer { .. } => "withdraw_offer",
            Self::Recall { .. } => "recall",
            Self::Start { .. } => "start",
            Self::Hold { .. } => "hold",
            Self::Resume { .. } => "resume",
            Self::Finish { .. } => "finish",
            Self::MarkNoShow { .. } => "no_show",
            Self::Requeue { .. } => "requeue",
            Self::Delay { .. } => "delay",
            Self::Transfer { .. } => "transfer",
            Self::Admit(_) => "admit",
            Self::ConfirmHandover { .. } => "confirm_handover",
            Self::Cancel { .. } => "cancel",
            Self::Remove { .. } => "remove",
            Self::WalkOut { .. } => "walk_out",
            Self::Reinstate { .. } => "reinstate",
            Self::Tag { .. } => "tag",
            Self::Note { .. } => "note",
            Self::SetPriority { .. } => "set_priority",
            Self::Announced { .. } => "announced",
            Self::Open => "open",
            Self::Pause => "pause",
            Self::SetClosing(_) => "set_closing",
            Self::Close { .. } => "close",
            Self::Configure(_) => "configure",
            Self::Tick => "tick",
        }
    }
}
