//! The simulator: counters that never idle while somebody waits, and a real `Line` that says whom they call.
//!
//! Events in order of time; at one instant the end of a service comes first, then departures, then arrivals.
//! Invariant: everybody is called once or leaves once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use domain::{Class, ClassKey, Line, Place, Policy, SkillSet, TicketId, Timestamp, Waiter};

use super::world::World;

const MICROS_PER_MINUTE: f64 = 60e6;

/// Waits until the call, in minutes, with the class; those who left are not in it.
pub(crate) struct Outcome(Vec<(&'static str, f64)>);

pub(crate) struct Waits(Vec<f64>);

impl Outcome {
    pub(crate) fn of(&self, class: &str) -> Waits {
        Waits(self.0.iter().filter(|(of, _)| *of == class).map(|(_, wait)| *wait).collect())
    }

    pub(crate) fn all(&self) -> Waits {
        Waits(self.0.iter().map(|(_, wait)| *wait).collect())
    }
}

impl Waits {
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    pub(crate) fn max(&self) -> f64 {
        self.0.iter().copied().fold(0.0, f64::max)
    }

    pub(crate) fn percent_within(&self, minutes: f64) -> f64 {
        let within = self.0.iter().filter(|wait| **wait <= minutes).count();
        100.0 * within as f64 / self.0.len() as f64
    }
}

/// Times are never negative, so their bits ascend as they do.
type Agenda = BinaryHeap<Reverse<(u64, usize)>>;

struct Simulation<'a> {
    world: &'a World,
    line: Line,
    free: usize,
    ends: Agenda,
    departures: Agenda,
    waits: Vec<(&'static str, f64)>,
}

pub(crate) fn simulate(world: &World, policy: &Policy, classes: &[Class]) -> Outcome {
    let mut simulation = Simulation {
        world,
        line: Line::new(policy, classes),
        free: world.counters,
        ends: Agenda::new(),
        departures: Agenda::new(),
        waits: Vec::new(),
    };
    let mut arrived = 0;
    while simulation.step(&mut arrived) {}
    assert!(simulation.line.is_empty(), "everybody was called or left");
    Outcome(simulation.waits)
}

fn soonest(agenda: &Agenda) -> f64 {
    agenda.peek().map_or(f64::INFINITY, |Reverse((bits, _))| f64::from_bits(*bits))
}

fn id(ticket: usize) -> TicketId {
    TicketId(uuid::Uuid::from_u128(ticket as u128 + 1))
}

/// Tickets are numbered from one.
fn number(id: TicketId) -> usize {
    id.0.as_u128() as usize - 1
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "some weeks in microseconds are far below the limit"
)]
fn instant(minutes: f64) -> Timestamp {
    Timestamp((minutes * MICROS_PER_MINUTE).round() as i64)
}

impl Simulation<'_> {
    fn step(&mut self, arrived: &mut usize) -> bool {
        let arrival =
            self.world.tickets.get(*arrived).map_or(f64::INFINITY, |ticket| ticket.arrives);
        let (end, departure) = (soonest(&self.ends), soonest(&self.departures));
        if end <= arrival && end <= departure {
            if self.ends.pop().is_none() {
                return false;
            }
            self.free += 1;
            self.leave_until(end);
            self.call(end);
        } else if departure <= arrival {
            self.leave_until(departure);
        } else {
            self.join(*arrived);
            *arrived += 1;
            self.call(arrival);
        }
        true
    }

    fn join(&mut self, at: usize) {
        let ticket = &self.world.tickets[at];
        let class = ClassKey::new(if ticket.high { "high" } else { "normal" });
        let (arrived_at, needs) = (instant(ticket.arrives), SkillSet::default());
        self.line.insert(
            Waiter { ticket: id(at), class, needs, arrived_at, slot: None },
            Place::InOrder,
        );
        if ticket.patience.is_finite() {
            self.departures.push(Reverse(((ticket.arrives + ticket.patience).to_bits(), at)));
        }
    }

    fn leave_until(&mut self, now: f64) {
        while soonest(&self.departures) <= now
            && let Some(Reverse((_, at))) = self.departures.pop()
        {
            self.line.remove(id(at));
        }
    }

    fn call(&mut self, now: f64) {
        if self.free == 0 {
            return;
        }
        let Some(choice) = self.line.best(&SkillSet::default(), instant(now)) else { return };
        self.line.took(choice.turn);
        self.line.remove(choice.ticket);
        self.free -= 1;
        let at = number(choice.ticket);
        let ticket = &self.world.tickets[at];
        self.ends.push(Reverse(((now + ticket.service).to_bits(), at)));
        self.waits.push((if ticket.high { "high" } else { "normal" }, now - ticket.arrives));
    }
}
