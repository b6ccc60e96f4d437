//! A queue as plain data: what a snapshot keeps and what tests compare.
//!
//! The line and the other indexes are derived, so a memento holds only tickets, counters and settings.
//! Invariant: `Queue::from_memento(queue.memento())` behaves as `queue` did; offers are forgotten, being unannounced.

use serde::{Deserialize, Serialize};

use super::config::QueueConfig;
use super::event::{Outbound, Passed};
use super::{Queue, QueueState};
use crate::id::AgentId;
use crate::line::{Counters, Place};
use crate::ticket::{Call, HeldFrom, LastNumber, Outcome, Stage, Ticket, Visit};
use crate::time::{Secs, Timestamp};

/// Everything durable about a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueMemento {
    pub config: QueueConfig,
    pub state: QueueState,
    /// By ticket id.
    pub tickets: Vec<TicketMemento>,
    pub counters: Counters,
    pub last_number: Option<LastNumber>,
    pub outbound: Vec<Outbound>,
    /// By ticket id.
    pub passed: Vec<Passed>,
}

/// Everything durable about a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketMemento {
    pub visit: Visit,
    pub stage: StageMemento,
    pub entered_at: Timestamp,
    pub arrived_at: Option<Timestamp>,
    pub first_called_at: Option<Timestamp>,
    pub last_called_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub last_call: Option<Call>,
    pub held_total: Secs,
    pub calls_total: u16,
    pub requeues: u8,
    pub shown: u16,
    pub heard: u16,
    pub announced_at: Option<Timestamp>,
    pub tags: Vec<String>,
    pub outcomes: Vec<String>,
    /// Snapshots of before this was counted have none.
    #[serde(default)]
    pub changes: u16,
}

/// A durable stage: an offered ticket is a waiting one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum StageMemento {
    Remote,
    Waiting { place: Place },
    Called(Call),
    Serving { call: Call, started_at: Timestamp },
    Held { from: HeldFrom, by: Option<AgentId>, why: String, since: Timestamp },
    Ended { outcome: Outcome, at: Timestamp },
}

impl From<&Stage> for StageMemento {
    fn from(stage: &Stage) -> Self {
        match stage.clone() {
            Stage::Remote => Self::Remote,
            Stage::Waiting { place } | Stage::Offered { place, .. } => Self::Waiting { place },
            Stage::Called(call) => Self::Called(call),
            Stage::Serving { call, started_at } => Self::Serving { call, started_at },
            Stage::Held { from, by, why, since } => Self::Held { from, by, why, since },
            Stage::Ended { outcome, at } => Self::Ended { outcome, at },
        }
    }
}

impl From<StageMemento> for Stage {
    fn from(stage: StageMemento) -> Self {
        match stage {
            StageMemento::Remote => Self::Remote,
            StageMemento::Waiting { place } => Self::Waiting { place },
            StageMemento::Called(call) => Self::Called(call),
            StageMemento::Serving { call, started_at } => Self::Serving { call, started_at },
            StageMemento::Held { from, by, why, since } => Self::Held { from, by, why, since },
            StageMemento::Ended { outcome, at } => Self::Ended { outcome, at },
        }
    }
}

impl From<&Ticket> for TicketMemento {
    fn from(ticket: &Ticket) -> Self {
        Self {
            visit: ticket.visit.clone(),
            stage: (&ticket.stage).into(),
            entered_at: ticket.entered_at,
            arrived_at: ticket.arrived_at,
            first_called_at: ticket.first_called_at,
            last_called_at: ticket.last_called_at,
            started_at: ticket.started_at,
            last_call: ticket.last_call.clone(),
            held_total: ticket.held_total,
            calls_total: ticket.calls_total,
            requeues: ticket.requeues,
            shown: ticket.shown,
            heard: ticket.heard,
            announced_at: ticket.announced_at,
            tags: ticket.tags.clone(),
            outcomes: ticket.outcomes.clone(),
            changes: ticket.changes,
        }
    }
}

impl From<TicketMemento> for Ticket {
    fn from(kept: TicketMemento) -> Self {
        Self {
            visit: kept.visit,
            stage: kept.stage.into(),
            entered_at: kept.entered_at,
            arrived_at: kept.arrived_at,
            first_called_at: kept.first_called_at,
            last_called_at: kept.last_called_at,
            started_at: kept.started_at,
            last_call: kept.last_call,
            held_total: kept.held_total,
            calls_total: kept.calls_total,
            requeues: kept.requeues,
            shown: kept.shown,
            heard: kept.heard,
            announced_at: kept.announced_at,
            tags: kept.tags,
            outcomes: kept.outcomes,
            changes: kept.changes,
        }
    }
}

impl Queue {
    /// Everything durable about this queue, in a canonical order.
    pub fn memento(&self) -> QueueMemento {
        let mut tickets: Vec<TicketMemento> = self.tickets().map(TicketMemento::from).collect();
        tickets.sort_by_key(|ticket| ticket.visit.ticket);
        QueueMemento {
            config: self.config.clone(),
            state: self.state,
            tickets,
            counters: self.line.counters(),
            last_number: self.last_number,
            outbound: self.outbound.values().cloned().collect(),
            passed: self.passed.values().copied().collect(),
        }
    }

    /// The queue that left this memento.
    pub fn from_memento(kept: QueueMemento) -> Self {
        let mut queue = Self::new(kept.config);
        queue.state = kept.state;
        queue.last_number = kept.last_number;
        queue.line.restore(kept.counters);
        for ticket in kept.tickets {
            queue.enter(Box::new(ticket.into()));
        }
        for leg in kept.outbound {
            queue.outbound.insert((leg.visit.ticket, leg.visit.leg), leg);
        }
        queue.passed = kept.passed.into_iter().map(|passed| (passed.ticket, passed)).collect();
        queue
    }
}
