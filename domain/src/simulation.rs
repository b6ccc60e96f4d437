//! What would happen: counters that never idle while somebody waits, and the real `Line` saying whom they call.
//!
//! Events in order of time; at one instant the end of a service comes first, then counters open or close, then
//! people leave, then they come. A counter that closes finishes the person it serves.
//! Invariant: everybody is called once, leaves once, or is still waiting when nothing can happen any more.

mod demand;
mod outcome;
mod plan;
mod scenario;
mod streams;

pub use demand::{Demand, DemandClass, Recorded};
pub use outcome::{ClassFigures, Simulated, WaitFigures};
pub use plan::CounterPlan;
pub use scenario::{Scenario, ScenarioVisit};

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use uuid::Uuid;

use outcome::Tally;

use crate::class::Class;
use crate::id::TicketId;
use crate::line::{Line, Place, Waiter};
use crate::policy::Policy;
use crate::skill::SkillSet;
use crate::time::Timestamp;

const MICROS_PER_SECOND: f64 = 1e6;

/// Lets everybody of `scenario` come and be called by `policy`. A visit's class is a place in `classes`, never empty.
pub fn simulate(
    scenario: &Scenario,
    plan: &CounterPlan,
    policy: &Policy,
    classes: &[Class],
) -> Simulated {
    let mut simulation = Simulation {
        scenario,
        plan,
        classes,
        line: Line::new(policy, classes),
        open: plan.at_first(),
        busy: 0,
        arrived: 0,
        changed: 0,
        ends: Agenda::new(),
        departures: Agenda::new(),
        now: None,
        simulated: Simulated::new(classes),
    };
    while simulation.step() {}
    simulation.finish()
}

/// Instants ahead, each with the place of its visit. They are never negative, so their bits ascend as they do.
type Agenda = BinaryHeap<Reverse<(u64, usize)>>;

struct Simulation<'a> {
    scenario: &'a Scenario,
    plan: &'a CounterPlan,
    classes: &'a [Class],
    line: Line,
    open: u32,
    busy: u32,
    arrived: usize,
    changed: usize,
    ends: Agenda,
    departures: Agenda,
    /// None before the first event.
    now: Option<f64>,
    simulated: Simulated,
}

fn soonest(agenda: &Agenda) -> f64 {
    agenda.peek().map_or(f64::INFINITY, |Reverse((bits, _))| f64::from_bits(*bits))
}

/// Tickets are numbered by their coming, from one.
fn id(visit: usize) -> TicketId {
    TicketId(Uuid::from_u128(visit as u128 + 1))
}

fn visit_of(id: TicketId) -> usize {
    (id.0.as_u128() as usize).saturating_sub(1)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "years in microseconds are far below the limit"
)]
fn instant(seconds: f64) -> Timestamp {
    Timestamp((seconds * MICROS_PER_SECOND).round() as i64)
}

impl Simulation<'_> {
    /// Does what comes next; false when there is nothing more.
    fn step(&mut self) -> bool {
        let arrival = self.next_arrival();
        let (end, departure) = (soonest(&self.ends), soonest(&self.departures));
        let change = self.plan.change(self.changed).map_or(f64::INFINITY, |(at, _)| at);
        let next = arrival.min(end).min(departure).min(change);
        if next == f64::INFINITY {
            return false;
        }
        self.pass_time(next);
        if end == next {
            self.ends.pop();
            self.busy = self.busy.saturating_sub(1);
            self.leave_until(end);
            self.call(end);
        } else if change == next {
            self.change_counters(next);
        } else if departure == next {
            self.leave_until(departure);
        } else {
            self.join();
            self.call(arrival);
        }
        true
    }

    fn next_arrival(&self) -> f64 {
        self.scenario.visits.get(self.arrived).map_or(f64::INFINITY, |visit| visit.arrives)
    }

    /// Counts the counters' time until then.
    fn pass_time(&mut self, next: f64) {
        let gone = self.now.map_or(0.0, |now| next - now);
        self.simulated.available += gone * f64::from(self.open.max(self.busy));
        self.now = Some(next);
    }

    fn change_counters(&mut self, now: f64) {
        if let Some((_, counters)) = self.plan.change(self.changed) {
            self.open = counters;
        }
        self.changed += 1;
        self.leave_until(now);
        while self.call(now) {}
    }

    fn join(&mut self) {
        let at = self.arrived;
        self.arrived += 1;
        let visit = &self.scenario.visits[at];
        self.tally(at, |tally| tally.visits += 1);
        let waiter = Waiter {
            ticket: id(at),
            class: self.classes[self.class_of(at)].key.clone(),
            needs: SkillSet::default(),
            arrived_at: instant(visit.arrives),
            slot: None,
        };
        self.line.insert(waiter, Place::InOrder);
        if visit.patience.is_finite() {
            self.departures.push(Reverse(((visit.arrives + visit.patience).to_bits(), at)));
        }
    }

    /// Lets those leave who would wait no longer; of those who were called meanwhile nothing is left in line.
    fn leave_until(&mut self, now: f64) {
        while soonest(&self.departures) <= now
            && let Some(Reverse((_, at))) = self.departures.pop()
        {
            if self.line.remove(id(at)).is_some() {
                self.tally(at, |tally| tally.abandoned += 1);
            }
        }
    }

    /// Calls the best one if a counter is free; false when nobody was called.
    fn call(&mut self, now: f64) -> bool {
        if self.busy >= self.open {
            return false;
        }
        let Some(choice) = self.line.best(&SkillSet::default(), instant(now)) else { return false };
        self.line.took(choice.turn);
        self.line.remove(choice.ticket);
        self.busy += 1;
        let at = visit_of(choice.ticket);
        let visit = &self.scenario.visits[at];
        self.ends.push(Reverse(((now + visit.service).to_bits(), at)));
        let wait = now - visit.arrives;
        self.tally(at, |tally| tally.waits.push(wait));
        let class = self.class_of(at);
        self.simulated.classes[class].busy += visit.service;
        true
    }

    fn class_of(&self, visit: usize) -> usize {
        self.scenario.visits[visit].class.min(self.classes.len() - 1)
    }

    /// Writes down what became of a visit, unless it belongs to the warm-up.
    fn tally(&mut self, visit: usize, write: impl FnOnce(&mut Tally)) {
        if visit >= self.scenario.warm_up {
            let class = self.class_of(visit);
            write(&mut self.simulated.classes[class]);
        }
    }

    fn finish(mut self) -> Simulated {
        let left: Vec<TicketId> = self.line.waiters().map(|(waiter, _)| waiter.ticket).collect();
        for ticket in left {
            self.tally(visit_of(ticket), |tally| tally.still_waiting += 1);
        }
        self.simulated
    }
}
