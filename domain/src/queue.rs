//! One queue: what may be asked of it, what can happen to it, and the two functions that join them.
//!
//! [`decide`] reads and judges; [`apply`] writes and never judges. Everything else here is reading.
//! Invariants: an agent holds at most one ticket that is called or serving; a number is drawn once a day;
//! the line holds exactly the tickets that are waiting.

mod apply;
mod command;
mod config;
mod decide;
mod event;
mod memento;
mod refusal;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{AgentId, CustomerId, TicketId};
use crate::line::{Line, Place, Waiter};
use crate::ticket::{LastNumber, Stage, Ticket};
use crate::time::{Secs, Timestamp};

pub use apply::apply;
pub use command::{Announcement, Arrival, Caller, Command, Handler, Issue, Waiting};
pub use config::{CLASSES_MAX, ConfigFault, Placement, QueueConfig, RecallLadder};
pub use decide::decide;
pub use event::{Event, Happened, Outbound, RequeueCause};
pub use memento::{QueueMemento, TicketMemento};
pub use refusal::Refusal;

/// Whether a queue takes people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueState {
    Open,
    /// Takes nobody new, still serves.
    Paused,
    /// Takes nobody new because the forecast wait passes closing time; reopens if it shrinks.
    Closing,
    Closed,
}

impl QueueState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }
}

/// One line at one site for one service.
#[derive(Debug, Clone)]
pub struct Queue {
    pub(crate) config: QueueConfig,
    pub(crate) state: QueueState,
    /// Live tickets, and ended ones for as long as they may be reinstated.
    pub(crate) tickets: HashMap<TicketId, Box<Ticket>>,
    pub(crate) line: Line,
    pub(crate) in_hand: HashMap<AgentId, TicketId>,
    /// Reserved for an agent: out of the line, but only as long as the process lives.
    pub(crate) offered: BTreeSet<TicketId>,
    /// Live tickets of known people; an arrival is never refused, so one person may have several.
    pub(crate) of_customer: BTreeSet<(CustomerId, TicketId)>,
    /// Ended tickets, oldest end first, also when the clock stepped back between two ends.
    pub(crate) ended: BTreeSet<(Timestamp, TicketId)>,
    pub(crate) last_number: Option<LastNumber>,
    /// Legs whose arrival the target queue has not confirmed.
    pub(crate) outbound: BTreeMap<(TicketId, u16), Outbound>,
    /// The last leg that went on from here and was confirmed, and when.
    pub(crate) passed: BTreeMap<TicketId, event::Passed>,
    pub(crate) tally: Tally,
}

/// How many tickets stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub remote: u32,
    pub waiting: u32,
    pub offered: u32,
    pub called: u32,
    pub serving: u32,
    pub held: u32,
    /// Ended, and still remembered.
    pub ended: u32,
}

impl Queue {
    /// An open, empty queue.
    pub fn new(config: QueueConfig) -> Self {
        let line = Line::new(&config.policy, &config.classes);
        Self {
            config,
            state: QueueState::Open,
            tickets: HashMap::new(),
            line,
            in_hand: HashMap::new(),
            offered: BTreeSet::new(),
            of_customer: BTreeSet::new(),
            ended: BTreeSet::new(),
            last_number: None,
            outbound: BTreeMap::new(),
            passed: BTreeMap::new(),
            tally: Tally::default(),
        }
    }

    pub const fn config(&self) -> &QueueConfig {
        &self.config
    }

    pub const fn state(&self) -> QueueState {
        self.state
    }

    pub const fn tally(&self) -> Tally {
        self.tally
    }

    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.get(&id).map(AsRef::as_ref)
    }

    /// Live tickets and those that may still be reinstated, in no order.
    pub fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.values().map(AsRef::as_ref)
    }

    /// How many tickets are live or may still be reinstated.
    pub fn remembered(&self) -> usize {
        self.tickets.len()
    }

    /// The line in the order of its policy.
    pub const fn line(&self) -> &Line {
        &self.line
    }

    /// The ticket that `agent` has called or serves.
    pub fn in_hand_of(&self, agent: AgentId) -> Option<&Ticket> {
        self.in_hand.get(&agent).and_then(|id| self.ticket(*id))
    }

    /// The oldest live ticket of a known person.
    pub(crate) fn live_ticket_of(&self, customer: CustomerId) -> Option<&Ticket> {
        let of_customer = (customer, TicketId(Uuid::nil()))..=(customer, TicketId(Uuid::max()));
        self.of_customer.range(of_customer).next().and_then(|(_, id)| self.ticket(*id))
    }

    /// Legs that another queue must still take.
    pub fn outbound(&self) -> impl Iterator<Item = &Outbound> {
        self.outbound.values()
    }

    /// People who count against the capacity.
    pub const fn joined(&self) -> u32 {
        self.tally.waiting + self.tally.remote + self.tally.offered
    }

    pub fn is_full(&self) -> bool {
        self.config.capacity.is_some_and(|capacity| self.joined() >= capacity)
    }

    pub fn longest_wait(&self, now: Timestamp) -> Secs {
        self.line.longest_wait(now)
    }

    /// How many would be called before this waiting ticket.
    pub fn ahead_of(&self, ticket: TicketId, now: Timestamp) -> Option<usize> {
        self.line.ahead_of(ticket, now)
    }

    /// When something will be due by itself: a recall, the longest wait, the close of day. None while nothing can be.
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let ladder = self.config.ladder.automatic.then(|| self.next_recall()).flatten();
        let longest = self.config.longest_wait.filter(|_| !self.line.is_empty()).map(|longest| {
            let oldest = now.before(self.longest_wait(now));
            oldest.after(longest).max(now)
        });
        let anybody = self.joined() + self.tally.held > 0;
        let midnight = (self.config.expire_at_close_of_day && anybody)
            .then(|| self.config.zone.next_midnight(now));
        [ladder, longest, midnight].into_iter().flatten().min()
    }

    fn next_recall(&self) -> Option<Timestamp> {
        let gap = self.config.ladder.min_gap;
        self.called().filter_map(|ticket| ticket.call()).map(|call| call.at.after(gap)).min()
    }

    pub(crate) fn called(&self) -> impl Iterator<Item = &Ticket> {
        let in_hand = self.in_hand.values().filter_map(|id| self.ticket(*id));
        in_hand.filter(|ticket| matches!(ticket.stage, Stage::Called(_)))
    }

    /// Reads the queue as its journal knows it: offers are not written there, so their tickets stand in the line.
    pub(crate) fn as_journaled<R>(&mut self, read: impl FnOnce(&Self) -> R) -> R {
        let offered: Vec<TicketId> = self.offered.iter().copied().collect();
        for id in &offered {
            if let Some(ticket) = self.tickets.get(id) {
                let waiter = Self::waiter(ticket, &self.config);
                self.line.insert(waiter, Self::place_of(&ticket.stage));
            }
        }
        let answer = read(self);
        offered.into_iter().for_each(|id| drop(self.line.remove(id)));
        answer
    }

    pub(crate) fn waiter(ticket: &Ticket, config: &QueueConfig) -> Waiter {
        let visit = &ticket.visit;
        Waiter {
            ticket: visit.ticket,
            class: visit.class.clone(),
            needs: if config.needs.is_empty() {
                visit.needs.clone()
            } else {
                config.needs.union(&visit.needs)
            },
            arrived_at: ticket.arrived_at.unwrap_or(visit.issued_at),
            slot: visit.slot,
        }
    }

    /// Moves a ticket to another stage and keeps every index in step with it.
    pub(crate) fn move_to(&mut self, id: TicketId, stage: Stage) {
        let Some(mut ticket) = self.tickets.remove(&id) else {
            debug_assert!(false, "ticket {id} moved before it was issued");
            return;
        };
        self.leave(&ticket);
        ticket.stage = stage;
        self.enter(ticket);
    }

    /// Takes a ticket out of every index but the map.
    pub(crate) fn leave(&mut self, ticket: &Ticket) {
        let id = ticket.id();
        *self.tally_of(&ticket.stage) -= 1;
        match &ticket.stage {
            Stage::Waiting { .. } => {
                self.line.remove(id);
            }
            Stage::Called(call) | Stage::Serving { call, .. } => {
                self.in_hand.remove(&call.agent);
            }
            Stage::Ended { at, .. } => {
                self.ended.remove(&(*at, id));
            }
            Stage::Offered { .. } => {
                self.offered.remove(&id);
            }
            Stage::Remote | Stage::Held { .. } => {}
        }
        if let Some(customer) = ticket.visit.customer.filter(|_| !ticket.is_ended()) {
            self.of_customer.remove(&(customer, id));
        }
    }

    /// Puts a ticket into the map and every index its stage asks for.
    pub(crate) fn enter(&mut self, ticket: Box<Ticket>) {
        let id = ticket.id();
        *self.tally_of(&ticket.stage) += 1;
        match &ticket.stage {
            Stage::Waiting { place } => {
                self.line.insert(Self::waiter(&ticket, &self.config), *place)
            }
            Stage::Called(call) | Stage::Serving { call, .. } => {
                self.in_hand.insert(call.agent, id);
            }
            Stage::Ended { at, .. } => {
                self.ended.insert((*at, id));
            }
            Stage::Offered { .. } => {
                self.offered.insert(id);
            }
            Stage::Remote | Stage::Held { .. } => {}
        }
        if let Some(customer) = ticket.visit.customer.filter(|_| !ticket.is_ended()) {
            self.of_customer.insert((customer, id));
        }
        self.tickets.insert(id, ticket);
    }

    fn tally_of(&mut self, stage: &Stage) -> &mut u32 {
        match stage {
            Stage::Remote => &mut self.tally.remote,
            Stage::Waiting { .. } => &mut self.tally.waiting,
            Stage::Offered { .. } => &mut self.tally.offered,
            Stage::Called(_) => &mut self.tally.called,
            Stage::Serving { .. } => &mut self.tally.serving,
            Stage::Held { .. } => &mut self.tally.held,
            Stage::Ended { .. } => &mut self.tally.ended,
        }
    }

    /// The place of a ticket in the line, also while it is offered.
    pub(crate) fn place_of(stage: &Stage) -> Place {
        match stage {
            Stage::Waiting { place } | Stage::Offered { place, .. } => *place,
            Stage::Remote
            | Stage::Called(_)
            | Stage::Serving { .. }
            | Stage::Held { .. }
            | Stage::Ended { .. } => Place::InOrder,
        }
    }
}
