//! One walk: a living queue, its journal, a snapshot taken on the way, and every fault found so far.
//!
//! The rules by which it walks are functions, so that a test can plant a mistake in one of them.
//! Invariant: with honest rules no walk has a fault.

use domain::{
    Command, Event, Happened, Queue, QueueConfig, QueueMemento, Refusal, State, Ticket, Timestamp,
    apply, decide,
};

use crate::book::{Book, Row};
use crate::log::Audit;
use crate::state::{Since, View, arrival_faults, duration_faults, replay_faults};
use crate::world::{self, LADDER, NINE, Setup, Step};

/// How a walk decides, writes and looks.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) decide: fn(&Queue, &Command, Timestamp) -> Result<Vec<Event>, Refusal>,
    pub(crate) apply: fn(&mut Queue, &Happened),
    /// What happens to a queue that refuses: nothing.
    pub(crate) refuse: fn(&mut Queue, Timestamp),
    pub(crate) look: fn(&Queue) -> View,
    pub(crate) since: Since,
}

pub(crate) const HONEST: Rules = Rules {
    decide,
    apply,
    refuse: |_, _| {},
    look: View::of,
    since: |later, earlier| later.micros_since(earlier),
};

pub(crate) struct Walk {
    rules: Rules,
    queue: Queue,
    first: QueueConfig,
    now: Timestamp,
    pub(crate) log: Vec<Happened>,
    snapshot: (usize, QueueMemento),
    pub(crate) answer: Result<bool, &'static str>,
    steps: usize,
    pub(crate) faults: Vec<String>,
}

impl Walk {
    pub(crate) fn new(setup: Setup, rules: Rules) -> Self {
        let first = setup.config();
        let queue = Queue::new(first.clone());
        let snapshot = (0, queue.memento());
        let answer = Ok(false);
        Self {
            rules,
            queue,
            first,
            now: NINE,
            log: Vec::new(),
            snapshot,
            answer,
            steps: 0,
            faults: Vec::new(),
        }
    }

    pub(crate) fn step(&mut self, step: &Step) {
        self.now = Timestamp(self.now.0 + i64::from(step.jump_secs) * 1_000_000);
        self.steps += 1;
        if self.steps.is_multiple_of(7) {
            self.snapshot = (self.log.len(), self.queue.memento());
        }
        let before = self.queue.memento();
        let command = world::command(&step.ask, self.now);
        self.answer = match (self.rules.decide)(&self.queue, &command, self.now) {
            Ok(events) => self.write(events),
            Err(refusal) => self.refused(&refusal, &before),
        };
        self.check(&before);
    }

    fn write(&mut self, events: Vec<Event>) -> Result<bool, &'static str> {
        let kept = events.iter().any(Event::is_journaled);
        for event in events {
            let happened = Happened::new(self.now, event);
            (self.rules.apply)(&mut self.queue, &happened);
            self.log.push(happened);
        }
        Ok(kept)
    }

    fn refused(&mut self, refusal: &Refusal, before: &QueueMemento) -> Result<bool, &'static str> {
        (self.rules.refuse)(&mut self.queue, self.now);
        if self.queue.memento() != *before {
            self.faults.push(format!("changed by a refusal: {refusal}"));
        }
        Err(refusal.code())
    }

    fn check(&mut self, before: &QueueMemento) {
        let audit = Audit {
            capacity: self.first.capacity,
            min_calls: LADDER.min_calls,
            skills: world::skills_of,
        };
        let after = self.queue.memento();
        self.faults.extend((self.rules.look)(&self.queue).faults());
        self.faults.extend(arrival_faults(before, &after));
        self.faults.extend(duration_faults(&after, self.now, self.rules.since));
        self.faults.extend(audit.faults(&self.log));
        let (at, memento) = &self.snapshot;
        self.faults.extend(replay_faults(&self.queue, &self.first, &self.log, (*at, memento)));
    }

    /// Where this queue and the model disagree.
    pub(crate) fn compare(&self, book: &Book) -> Vec<String> {
        let mut faults = Vec::new();
        let mut differs = |what: &str, found: String, expected: String| {
            if found != expected {
                faults.push(format!("{what}: {found}, the model says {expected}"));
            }
        };
        differs("answer", format!("{:?}", self.answer), format!("{:?}", book.answer));
        differs("state", format!("{:?}", self.queue.state()), format!("{:?}", book.state));
        let mut found: Vec<&Ticket> = self.queue.tickets().collect();
        let mut expected: Vec<&Row> = book.rows.iter().collect();
        found.sort_by_key(|ticket| ticket.id());
        expected.sort_by_key(|row| row.ticket);
        let found: Vec<String> = found.into_iter().map(of_ticket).collect();
        differs(
            "tickets",
            found.join("\n"),
            expected.into_iter().map(of_row).collect::<Vec<_>>().join("\n"),
        );
        let last = self.queue.memento().last_number.map(|last| last.value);
        differs(
            "number",
            format!("{last:?}"),
            format!("{:?}", book.last_number.map(|(_, value)| value)),
        );
        faults
    }
}

fn of_ticket(ticket: &Ticket) -> String {
    let calls = ticket.call().map_or(0, |call| call.calls);
    let visit = &ticket.visit;
    let hand = ticket.in_hand_of();
    format!(
        "{} leg {} {} class {} arrived {:?} hand {hand:?} calls {calls} requeues {}",
        visit.ticket,
        visit.leg,
        ticket.state(),
        visit.class,
        ticket.arrived_at,
        ticket.requeues,
    )
}

fn of_row(row: &Row) -> String {
    let called = row.in_hand() || row.state == State::Held;
    let (calls, hand) =
        (if called { row.calls } else { 0 }, row.in_hand().then(|| world::agent_id(row.agent)));
    let class = world::CLASSES[usize::from(row.class)].0;
    format!(
        "{} leg {} {} class {class} arrived {:?} hand {hand:?} calls {calls} requeues {}",
        world::ticket_id(row.ticket),
        row.leg,
        row.state,
        row.arrived,
        row.requeues,
    )
}
