//! What a line answers when asked for its best candidate: who, why, and how urgent.
//!
//! The reason is kept in the journal, shown to the agent and listed by the fairness report.
//! Invariant: an urgency orders candidates of several queues without looking at any queue's name.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::class::ClassKey;
use crate::id::{AgentId, TicketId};
use crate::time::{Secs, Timestamp};

/// Why this ticket and no other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// Longest in line.
    FirstInLine { waited: Secs },
    /// A class of higher rank goes first.
    ClassBefore { class: ClassKey },
    /// Earliest deadline of those still on time.
    Deadline { waited: Secs, target: Secs },
    /// Waited past the target.
    OverTarget { waited: Secs, target: Secs },
    /// Waited past the hard bound: first come, first served.
    HardBound { waited: Secs },
    /// Largest slope × wait.
    Accumulated { waited: Secs, class: ClassKey },
    /// The turn of this class in the round.
    Turn { class: ClassKey },
    /// The booked time has come.
    Appointment { slot: Timestamp },
    /// Placed first by a transfer.
    PlacedFirst,
    /// Chosen by hand, outside the order.
    OutOfOrder { by: AgentId, why: String },
    /// Called again from where it was parked.
    CalledBack,
}

impl Reason {
    /// The stable code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FirstInLine { .. } => "first_in_line",
            Self::ClassBefore { .. } => "class_before",
            Self::Deadline { .. } => "deadline",
            Self::OverTarget { .. } => "over_target",
            Self::HardBound { .. } => "hard_bound",
            Self::Accumulated { .. } => "accumulated",
            Self::Turn { .. } => "turn",
            Self::Appointment { .. } => "appointment",
            Self::PlacedFirst => "placed_first",
            Self::OutOfOrder { .. } => "out_of_order",
            Self::CalledBack => "called_back",
        }
    }

    /// One sentence fragment for people, in English: "waited 31 min, target 20 min".
    pub fn text(&self) -> String {
        match self {
            Self::FirstInLine { waited } => format!("first in line, waited {}", minutes(*waited)),
            Self::ClassBefore { class } => format!("class {class} goes first"),
            Self::Deadline { waited, target } | Self::OverTarget { waited, target } => {
                format!("waited {}, target {}", minutes(*waited), minutes(*target))
            }
            Self::HardBound { waited } => {
                format!("waited {}, nobody may overtake", minutes(*waited))
            }
            Self::Accumulated { waited, class } => {
                format!("class {class}, waited {}", minutes(*waited))
            }
            Self::Turn { class } => format!("turn of class {class}"),
            Self::Appointment { slot } => format!("appointment {slot}"),
            Self::PlacedFirst => "transferred, placed first".to_owned(),
            Self::OutOfOrder { why, .. } => format!("out of order: {why}"),
            Self::CalledBack => "called back".to_owned(),
        }
    }
}

fn minutes(secs: Secs) -> String {
    if secs.0 < 120 { format!("{} s", secs.0) } else { format!("{} min", secs.0 / 60) }
}

/// How candidates of several queues compare: the greatest is called.
///
/// The fields are in order of weight: hard bound reached, class rank, lateness in thousandths of the target, age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Urgency {
    pub hard_bound: bool,
    pub class_rank: u8,
    pub lateness_permille: u64,
    pub arrived_at: Reverse<Timestamp>,
    pub ticket: Reverse<TicketId>,
}

/// The best candidate of a line for one agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub ticket: TicketId,
    pub reason: Reason,
    pub urgency: Urgency,
    /// The policy's turn counter after this choice is taken.
    pub turn: u64,
}
