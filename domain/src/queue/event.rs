//! What has happened in a queue: past tense, and it is never refused.
//!
//! Events on disk have a form of their own in `persistence`; these names may change freely.
//! Invariant: an event carries everything `apply` needs, so that replay asks no rule and no clock.

use std::sync::Arc;

use crate::class::ClassKey;
use crate::eta::Staff;
use crate::id::{AgentId, OfferId, QueueId, ServiceId, TicketId};
use crate::line::Place;
use crate::queue::command::Announcement;
use crate::queue::config::QueueConfig;
use crate::ticket::{Call, LastNumber, Offer, Outcome, Visit};
use crate::time::{Secs, Timestamp};

/// Why a ticket went back to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequeueCause {
    /// The call was missed.
    Missed,
    /// The agent put it back.
    Agent,
    /// The person waiting let others go first.
    Customer,
}

/// A leg on its way to another queue.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Outbound {
    pub visit: Visit,
    pub arrived_at: Timestamp,
    pub to: QueueId,
    pub placement: crate::queue::config::Placement,
    pub tags: Vec<String>,
}

/// A leg that went on to another queue and arrived there: a late copy of an earlier leg is not admitted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Passed {
    pub ticket: TicketId,
    pub leg: u16,
    pub at: Timestamp,
}

/// One thing that happened, at an instant that the envelope [`Happened`] gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Issued {
        visit: Arc<Visit>,
        remote: bool,
        drawn: LastNumber,
        tags: Vec<String>,
    },
    CheckedIn {
        ticket: TicketId,
    },
    /// Not journaled: a reservation lives only as long as the process.
    Offered {
        ticket: TicketId,
        offer: Offer,
    },
    /// Not journaled.
    OfferWithdrawn {
        ticket: TicketId,
        offer: OfferId,
    },
    /// `turn` is the policy's counter after a call in order; none when out of order.
    Called {
        ticket: TicketId,
        call: Call,
        turn: Option<u64>,
    },
    Recalled {
        ticket: TicketId,
        calls: u8,
    },
    Started {
        ticket: TicketId,
    },
    Held {
        ticket: TicketId,
        by: Option<AgentId>,
        why: String,
    },
    Resumed {
        ticket: TicketId,
        call: Call,
        held: Secs,
    },
    Served {
        ticket: TicketId,
        outcomes: Vec<String>,
    },
    NoShow {
        ticket: TicketId,
    },
    Requeued {
        ticket: TicketId,
        place: Place,
        cause: RequeueCause,
    },
    Transferred {
        ticket: TicketId,
        outbound: Box<Outbound>,
    },
    Admitted {
        visit: Arc<Visit>,
        arrived_at: Timestamp,
        from: QueueId,
        place: Place,
        tags: Vec<String>,
    },
    HandoverConfirmed {
        ticket: TicketId,
        leg: u16,
    },
    Cancelled {
        ticket: TicketId,
    },
    Removed {
        ticket: TicketId,
        why: String,
    },
    WalkedOut {
        ticket: TicketId,
    },
    Expired {
        ticket: TicketId,
    },
    Reinstated {
        ticket: TicketId,
    },
    Tagged {
        ticket: TicketId,
        tags: Vec<String>,
    },
    Noted {
        ticket: TicketId,
    },
    PriorityChanged {
        ticket: TicketId,
        class: ClassKey,
    },
    Announced {
        ticket: TicketId,
        what: Announcement,
    },
    Opened,
    Paused,
    /// The forecast wait passed closing time.
    ClosingBegan,
    Closed,
    Configured(Box<QueueConfig>),
}

/// An event and its instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Happened {
    pub at: Timestamp,
    pub event: Event,
    /// What the queue knew of its counters, noted where estimates learn from it; what happens depends on none of it.
    pub staff: Option<Staff>,
}

impl Happened {
    /// An event of which nothing is noted beside it.
    pub const fn new(at: Timestamp, event: Event) -> Self {
        Self { at, event, staff: None }
    }
}

impl Event {
    /// The name in the journal, on sockets and in webhooks.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Issued { .. } => "ticket.issued",
            Self::CheckedIn { .. } => "ticket.checked_in",
            Self::Offered { .. } => "ticket.offered",
            Self::OfferWithdrawn { .. } => "ticket.offer_withdrawn",
            Self::Called { .. } => "ticket.called",
            Self::Recalled { .. } => "ticket.recalled",
            Self::Started { .. } => "ticket.started",
            Self::Held { .. } => "ticket.held",
            Self::Resumed { .. } => "ticket.resumed",
            Self::Served { .. } => "ticket.served",
            Self::NoShow { .. } => "ticket.no_show",
            Self::Requeued { .. } => "ticket.requeued",
            Self::Transferred { .. } => "ticket.transferred",
            Self::Admitted { .. } => "ticket.admitted",
            Self::HandoverConfirmed { .. } => "ticket.handover_confirmed",
            Self::Cancelled { .. } => "ticket.cancelled",
            Self::Removed { .. } => "ticket.removed",
            Self::WalkedOut { .. } => "ticket.walked_out",
            Self::Expired { .. } => "ticket.expired",
            Self::Reinstated { .. } => "ticket.reinstated",
            Self::Tagged { .. } => "ticket.tagged",
            Self::Noted { .. } => "ticket.noted",
            Self::PriorityChanged { .. } => "ticket.priority_changed",
            Self::Announced { .. } => "ticket.announced",
            Self::Opened => "queue.opened",
            Self::Paused => "queue.paused",
            Self::ClosingBegan => "queue.closing",
            Self::Closed => "queue.closed",
            Self::Configured(_) => "queue.configured",
        }
    }

    /// False for what lives only as long as the process.
    pub const fn is_journaled(&self) -> bool {
        !matches!(self, Self::Offered { .. } | Self::OfferWithdrawn { .. })
    }

    /// True for what begins or ends a wait: the state of the counters is noted with it.
    pub const fn is_noted_with_staff(&self) -> bool {
        matches!(
            self,
            Self::Issued { .. }
                | Self::Admitted { .. }
                | Self::CheckedIn { .. }
                | Self::Reinstated { .. }
                | Self::Requeued { .. }
                | Self::Called { .. }
        )
    }

    /// The ticket it is about.
    pub fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::Issued { visit, .. } | Self::Admitted { visit, .. } => Some(visit.ticket),
            Self::CheckedIn { ticket }
            | Self::Offered { ticket, .. }
            | Self::OfferWithdrawn { ticket, .. }
            | Self::Called { ticket, .. }
            | Self::Recalled { ticket, .. }
            | Self::Started { ticket }
            | Self::Held { ticket, .. }
            | Self::Resumed { ticket, .. }
            | Self::Served { ticket, .. }
            | Self::NoShow { ticket }
            | Self::Requeued { ticket, .. }
            | Self::Transferred { ticket, .. }
            | Self::HandoverConfirmed { ticket, .. }
            | Self::Cancelled { ticket }
            | Self::Removed { ticket, .. }
            | Self::WalkedOut { ticket }
            | Self::Expired { ticket }
            | Self::Reinstated { ticket }
            | Self::Tagged { ticket, .. }
            | Self::Noted { ticket }
            | Self::PriorityChanged { ticket, .. }
            | Self::Announced { ticket, .. } => Some(*ticket),
            Self::Opened
            | Self::Paused
            | Self::ClosingBegan
            | Self::Closed
            | Self::Configured(_) => None,
        }
    }

    /// How the visit ended, if this event ends it.
    pub const fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Served { .. } => Some(Outcome::Served),
            Self::NoShow { .. } => Some(Outcome::NoShow),
            Self::WalkedOut { .. } => Some(Outcome::WalkedOut),
            Self::Cancelled { .. } => Some(Outcome::Cancelled),
            Self::Removed { .. } => Some(Outcome::Removed),
            Self::Expired { .. } => Some(Outcome::Expired),
            Self::Issued { .. }
            | Self::CheckedIn { .. }
            | Self::Offered { .. }
            | Self::OfferWithdrawn { .. }
            | Self::Called { .. }
            | Self::Recalled { .. }
            | Self::Started { .. }
            | Self::Held { .. }
            | Self::Resumed { .. }
            | Self::Requeued { .. }
            | Self::Transferred { .. }
            | Self::Admitted { .. }
            | Self::HandoverConfirmed { .. }
            | Self::Reinstated { .. }
            | Self::Tagged { .. }
            | Self::Noted { .. }
            | Self::PriorityChanged { .. }
            | Self::Announced { .. }
            | Self::Opened
            | Self::Paused
            | Self::ClosingBegan
            | Self::Closed
            | Self::Configured(_) => None,
        }
    }
}

/// The service of a transferred leg.
impl Outbound {
    pub const fn service(&self) -> ServiceId {
        self.visit.service
    }
}
