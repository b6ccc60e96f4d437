//! The ticket: one person's visit, from join to exit, as a state machine.
//!
//! ```text
//! remote ─► waiting ─► offered ─► called ─► serving ─► served
//!             ▲  ▲        │        │ ▲        │ ▲
//!             │  └────────┘        │ └─ call ─┤ │ resume
//!             └──── requeue ───────┘        held┘
//! ```
//! Invariant: a stage carries exactly what is true in it; an ended ticket is never callable again
//! unless it is reinstated, and then it is a waiting ticket with its old arrival time.

mod number;

pub use number::{LastNumber, Numbering, TicketNumber};

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::class::ClassKey;
use crate::id::{AgentId, CounterId, CustomerId, OfferId, ServiceId, TicketId};
use crate::line::{Place, Reason};
use crate::skill::SkillSet;
use crate::time::{Secs, Timestamp};

/// Where a person took the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Kiosk,
    Staff,
    Web,
    Mobile,
    Sms,
    Whatsapp,
    Ussd,
    Appointment,
}

/// Where a ticket stands. Each stage carries what is true in it and nothing else.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Joined from afar: keeps a place, cannot be called.
    Remote,
    /// In the line.
    Waiting { place: Place },
    /// Reserved for one agent and not announced; never written to the journal.
    Offered { place: Place, offer: Offer },
    /// Announced; the person is walking.
    Called(Call),
    /// At the counter since `started_at`.
    Serving { call: Call, started_at: Timestamp },
    /// Parked, with the place it came from.
    Held { from: HeldFrom, by: Option<AgentId>, why: String, since: Timestamp },
    /// Gone.
    Ended { outcome: Outcome, at: Timestamp },
}

/// A reservation for one agent, with what the call will say if it is accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    pub id: OfferId,
    pub agent: AgentId,
    pub reason: Reason,
    /// The policy's counter once the offer is taken.
    pub turn: u64,
}

/// One invitation to a counter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    pub agent: AgentId,
    pub counter: CounterId,
    /// Announcements made for this invitation, this one included.
    pub calls: u8,
    /// When it was last announced by a call.
    pub at: Timestamp,
    pub reason: Reason,
}

/// What a parked ticket goes back to by `resume`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum HeldFrom {
    Called(Call),
    Serving { call: Call, started_at: Timestamp },
}

impl HeldFrom {
    pub const fn call(&self) -> &Call {
        match self {
            Self::Called(call) | Self::Serving { call, .. } => call,
        }
    }
}

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Served,
    NoShow,
    WalkedOut,
    Cancelled,
    Removed,
    Expired,
}

/// The name of a stage, as the API, the logs and the screens say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Remote,
    Waiting,
    Offered,
    Called,
    Serving,
    Held,
    Served,
    NoShow,
    WalkedOut,
    Cancelled,
    Removed,
    Expired,
}

impl State {
    /// Every state, in the order of a visit.
    pub const ALL: [Self; 12] = [
        Self::Remote,
        Self::Waiting,
        Self::Offered,
        Self::Called,
        Self::Serving,
        Self::Held,
        Self::Served,
        Self::NoShow,
        Self::WalkedOut,
        Self::Cancelled,
        Self::Removed,
        Self::Expired,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Remote => "remote",
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Called => "called",
            Self::Serving => "serving",
            Self::Held => "held",
            Self::Served => "served",
            Self::NoShow => "no_show",
            Self::WalkedOut => "walked_out",
            Self::Cancelled => "cancelled",
            Self::Removed => "removed",
            Self::Expired => "expired",
        }
    }

    pub const fn is_ended(self) -> bool {
        match self {
            Self::Remote
            | Self::Waiting
            | Self::Offered
            | Self::Called
            | Self::Serving
            | Self::Held => false,
            Self::Served
            | Self::NoShow
            | Self::WalkedOut
            | Self::Cancelled
            | Self::Removed
            | Self::Expired => true,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Outcome> for State {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Served => Self::Served,
            Outcome::NoShow => Self::NoShow,
            Outcome::WalkedOut => Self::WalkedOut,
            Outcome::Cancelled => Self::Cancelled,
            Outcome::Removed => Self::Removed,
            Outcome::Expired => Self::Expired,
        }
    }
}

/// What is known of a visit from the moment it joins: it never changes afterwards, but for the class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    pub ticket: TicketId,
    pub number: TicketNumber,
    pub service: ServiceId,
    pub class: ClassKey,
    pub channel: Channel,
    pub needs: SkillSet,
    pub customer: Option<CustomerId>,
    /// BCP 47, such as `fr` or `wo`.
    pub language: Option<Arc<str>>,
    /// The booked time of an appointment.
    pub slot: Option<Timestamp>,
    pub issued_at: Timestamp,
    /// Counts the services of the visit, from 1; a transfer begins the next.
    pub leg: u16,
}

/// One person's visit in one queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    pub visit: Visit,
    pub stage: Stage,
    /// When the ticket last joined the line here, or joined from afar.
    pub entered_at: Timestamp,
    /// When the person came to the site; none while remote.
    pub arrived_at: Option<Timestamp>,
    pub first_called_at: Option<Timestamp>,
    pub last_called_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    /// The latest invitation, also after the ticket has left the counter.
    pub last_call: Option<Call>,
    /// Time parked since the service began.
    pub held_total: Secs,
    /// Announcements over the whole leg.
    pub calls_total: u16,
    /// How often a missed call put the ticket back in line.
    pub requeues: u8,
    pub shown: u16,
    pub heard: u16,
    pub announced_at: Option<Timestamp>,
    pub tags: Vec<String>,
    /// Codes given at the end of the service.
    pub outcomes: Vec<String>,
    /// What has happened to it in this leg; displays that announce it do not count.
    pub changes: u16,
}

impl Ticket {
    pub const fn id(&self) -> TicketId {
        self.visit.ticket
    }

    /// Grows with whatever happens to the ticket, through all its legs; says nothing else.
    pub fn version(&self) -> u64 {
        (u64::from(self.visit.leg) << 16) | u64::from(self.changes)
    }

    pub fn state(&self) -> State {
        match &self.stage {
            Stage::Remote => State::Remote,
            Stage::Waiting { .. } => State::Waiting,
            Stage::Offered { .. } => State::Offered,
            Stage::Called(_) => State::Called,
            Stage::Serving { .. } => State::Serving,
            Stage::Held { .. } => State::Held,
            Stage::Ended { outcome, .. } => (*outcome).into(),
        }
    }

    /// The agent who has this ticket in hand: called or serving. A held ticket is in nobody's hand.
    pub const fn in_hand_of(&self) -> Option<AgentId> {
        match &self.stage {
            Stage::Called(call) | Stage::Serving { call, .. } => Some(call.agent),
            Stage::Remote
            | Stage::Waiting { .. }
            | Stage::Offered { .. }
            | Stage::Held { .. }
            | Stage::Ended { .. } => None,
        }
    }

    /// The invitation in force, also of a parked ticket.
    pub const fn call(&self) -> Option<&Call> {
        match &self.stage {
            Stage::Called(call) | Stage::Serving { call, .. } => Some(call),
            Stage::Held { from, .. } => Some(from.call()),
            Stage::Remote | Stage::Waiting { .. } | Stage::Offered { .. } | Stage::Ended { .. } => {
                None
            }
        }
    }

    pub const fn is_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended { .. })
    }

    /// Arrived → first call, or until `now` while nobody called.
    pub fn wait(&self, now: Timestamp) -> Secs {
        let Some(arrived) = self.arrived_at else { return Secs(0) };
        self.first_called_at.unwrap_or(now).since(arrived)
    }
}
