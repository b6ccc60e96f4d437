//! Who stands in a line and where: the waiter, the place asked for, and the two counters of a line.
//!
//! A place other than `InOrder` comes from a transfer or from the recall ladder; it is kept by the journal.
//! Invariant: waiters with their places and the counters are enough to build the line again.

use serde::{Deserialize, Serialize};

use crate::class::ClassKey;
use crate::id::TicketId;
use crate::skill::SkillSet;
use crate::time::Timestamp;

/// One person waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiter {
    pub ticket: TicketId,
    /// A class the line does not know is treated as its default class.
    pub class: ClassKey,
    /// What the agent must be able to do.
    pub needs: SkillSet,
    /// On site since then.
    pub arrived_at: Timestamp,
    /// The booked time, for those who have an appointment.
    pub slot: Option<Timestamp>,
}

/// Where in the line somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Place {
    /// Where the policy says.
    InOrder,
    /// Before everybody in order, after those placed first with a smaller `seq`.
    /// Only the hard bound of `sla` goes before.
    First { seq: u64 },
    /// Not called before the line's `calls` counter has reached this figure, unless nobody else is
    /// eligible for the agent (then the smallest figure goes first). From then on: in order.
    Behind { calls: u64 },
}

/// The part of a line's state that cannot be read off the people in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Turns taken by the policy: `sla` counts picks with both bands waiting, `ratio` the place in its round.
    pub turn: u64,
    /// Calls made from this line since it was opened.
    pub calls: u64,
}
