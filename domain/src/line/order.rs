//! The rules of one line: what a policy compares, turned into keys of whole numbers.
//!
//! Configuration is resolved once; afterwards a class is an index. Microseconds throughout.
//! Invariant: within one class every key grows with (reference time, ticket id), so that a sorted group can be
//! cut in two by any key.

use std::cmp::Reverse;

use super::round::Round;
use crate::class::{Class, ClassKey};
use crate::id::TicketId;
use crate::policy::Policy;
use crate::time::{Secs, Timestamp};

/// Somebody in a group: reference time, then ticket id.
pub(super) type Entry = (Timestamp, TicketId);

/// What decides between two people: the least is called first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    value: i64,
    rank: Reverse<u8>,
    then: Timestamp,
    ticket: TicketId,
}

/// A class as the rules see it.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) class: ClassKey,
    pub(super) rank: u8,
    pub(super) target: Secs,
    slope: f64,
}

#[derive(Debug, Clone)]
pub(super) enum Order {
    Fifo,
    Priority,
    Deadline,
    Sla(Bands),
    Accumulating,
    Ratio(Round),
}

/// Settings of `sla`, resolved.
#[derive(Debug, Clone)]
pub(super) struct Bands {
    on_time_between_late: u64,
    late_ratio_cap: f64,
    hard_bound_micros: i64,
}

impl Bands {
    pub(super) fn hard(&self, waited_micros: i64) -> bool {
        waited_micros >= self.hard_bound_micros
    }

    /// True when the late band is served at this turn, both bands waiting.
    pub(super) fn late_turn(&self, turn: u64) -> bool {
        self.on_time_between_late > 0 && turn.is_multiple_of(self.on_time_between_late + 1)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) order: Order,
    pub(super) standings: Vec<Standing>,
    /// True when a booked slot counts as the time of arrival.
    slots: bool,
}

impl Rules {
    pub(super) fn new(policy: &Policy, classes: &[Class]) -> Self {
        debug_assert!(!classes.is_empty(), "a queue has at least one class");
        let spare = [Class::new("normal", 0, Secs::minutes(30))];
        let classes = if classes.is_empty() { &spare } else { classes };
        let (order, slots) = order_of(policy, classes);
        let standings = classes.iter().map(standing_of).collect();
        Self { order, standings, slots }
    }

    /// The index of a class; of the default class when the line does not know it.
    pub(super) fn index_of(&self, class: &ClassKey) -> usize {
        self.standings.iter().position(|standing| standing.class == *class).unwrap_or(0)
    }

    /// The instant from which somebody's wait counts.
    pub(super) fn reference(&self, arrived_at: Timestamp, slot: Option<Timestamp>) -> Timestamp {
        slot.filter(|_| self.slots).map_or(arrived_at, |slot| slot.max(arrived_at))
    }

    pub(super) fn honours_slots(&self) -> bool {
        self.slots
    }

    pub(super) fn late(&self, class: usize, reference: Timestamp, now: Timestamp) -> bool {
        now.micros_since(reference) > self.standings[class].target.micros()
    }

    pub(super) fn bands(&self) -> Option<&Bands> {
        match &self.order {
            Order::Sla(bands) => Some(bands),
            Order::Fifo
            | Order::Priority
            | Order::Deadline
            | Order::Accumulating
            | Order::Ratio(_) => None,
        }
    }

    /// True when nobody younger may be called before somebody who has waited since `reference`.
    pub(super) fn hard(&self, reference: Timestamp, now: Timestamp) -> bool {
        self.bands().is_some_and(|bands| bands.hard(now.micros_since(reference)))
    }

    /// The key of the policy's own order. `sla` orders by deadline; `ratio`, inside a class, by arrival.
    pub(super) fn key(&self, class: usize, entry: Entry, now: Timestamp) -> Key {
        match self.order {
            Order::Fifo | Order::Ratio(_) => self.by_arrival(class, entry),
            Order::Priority => {
                let value = -i64::from(self.standings[class].rank);
                self.keyed(class, value, entry.0, entry.1)
            }
            Order::Deadline | Order::Sla(_) => self.by_deadline(class, entry),
            Order::Accumulating => {
                let value = self.standings[class].slope * now.micros_since(entry.0) as f64;
                // Those who come before their slot have accumulated nothing yet: the earlier slot first.
                self.keyed(class, descending(value), entry.0, entry.1)
            }
        }
    }

    pub(super) fn by_arrival(&self, class: usize, (reference, ticket): Entry) -> Key {
        self.keyed(class, reference.0, Timestamp(0), ticket)
    }

    pub(super) fn by_deadline(&self, class: usize, (reference, ticket): Entry) -> Key {
        self.keyed(class, reference.after(self.standings[class].target).0, Timestamp(0), ticket)
    }

    /// Largest wait / target first.
    pub(super) fn by_lateness(
        &self,
        class: usize,
        (reference, ticket): Entry,
        now: Timestamp,
    ) -> Key {
        self.keyed(class, descending(self.lateness(class, reference, now)), Timestamp(0), ticket)
    }

    /// True from the multiple of the target on from which a late person goes before everybody on time.
    pub(super) fn capped(&self, class: usize, reference: Timestamp, now: Timestamp) -> bool {
        self.bands()
            .is_some_and(|bands| self.lateness(class, reference, now) >= bands.late_ratio_cap)
    }

    fn lateness(&self, class: usize, reference: Timestamp, now: Timestamp) -> f64 {
        now.micros_since(reference) as f64 / self.standings[class].target.micros() as f64
    }

    fn keyed(&self, class: usize, value: i64, then: Timestamp, ticket: TicketId) -> Key {
        Key { value, rank: Reverse(self.standings[class].rank), then, ticket }
    }
}

fn order_of(policy: &Policy, classes: &[Class]) -> (Order, bool) {
    match policy {
        Policy::Fifo => (Order::Fifo, false),
        Policy::Priority => (Order::Priority, false),
        Policy::Deadline => (Order::Deadline, false),
        Policy::Sla(settings) => {
            let longest = classes.iter().map(|class| class.target.micros()).max().unwrap_or(0);
            let bands = Bands {
                on_time_between_late: u64::from(settings.on_time_between_late),
                late_ratio_cap: settings.late_ratio_cap,
                hard_bound_micros: settings.hard_bound.map_or(4 * longest, Secs::micros),
            };
            (Order::Sla(bands), true)
        }
        Policy::Accumulating => (Order::Accumulating, false),
        Policy::Ratio => (Order::Ratio(Round::new(classes)), false),
        Policy::Appointment { order } => (order_of(order, classes).0, true),
    }
}

fn standing_of(class: &Class) -> Standing {
    let slope = class.slope();
    Standing {
        class: class.key.clone(),
        rank: class.rank,
        target: Secs(class.target.0.max(1)),
        slope: if slope.is_finite() { slope.max(0.0) } else { 0.0 },
    }
}

/// Whole numbers in the reverse order of amounts that are not negative: their bits ascend as they do.
fn descending(amount: f64) -> i64 {
    -i64::try_from(amount.to_bits()).unwrap_or(0)
}
