//! What the actors answered: the last thing each ticket was told to be.
//!
//! This is what the store is held to afterwards. Invariant: nothing stands here that was not acknowledged.

use std::collections::HashMap;

use actors::{AskError, Done, TicketView};
use domain::{TicketId, Timestamp};

/// Which command was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Issue,
    Start,
    End,
    WalkOut,
}

/// An answer, to a command given for `row` at `at`.
pub(super) struct Heard {
    pub(super) row: usize,
    pub(super) what: What,
    pub(super) at: Timestamp,
    pub(super) answer: Result<Done, AskError>,
}

/// A ticket as it was last acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) number: String,
    pub(super) state: &'static str,
}

/// Acknowledged tickets, and which row each belongs to.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    pub(super) told: HashMap<TicketId, Told>,
    by_row: HashMap<usize, TicketId>,
    rows: HashMap<TicketId, usize>,
}

impl Tickets {
    pub(super) fn issued(&mut self, row: usize, view: &TicketView) {
        self.by_row.insert(row, TicketId(view.id));
        self.rows.insert(TicketId(view.id), row);
        self.tell(view);
    }

    /// An older answer never overwrites what the ticket has become since.
    pub(super) fn tell(&mut self, view: &TicketView) {
        let told = Told { number: view.number.clone(), state: view.state };
        let known = self.told.entry(TicketId(view.id)).or_insert_with(|| told.clone());
        if rank(told.state) >= rank(known.state) {
            *known = told;
        }
    }

    pub(super) fn of_row(&self, row: usize) -> Option<TicketId> {
        self.by_row.get(&row).copied()
    }

    pub(super) fn is_known(&self, ticket: TicketId) -> bool {
        self.rows.contains_key(&ticket)
    }

    pub(super) fn is_waiting(&self, ticket: TicketId) -> bool {
        self.told.get(&ticket).is_some_and(|told| told.state == "waiting")
    }

    /// Those who wait, by row.
    pub(super) fn waiting(&self) -> Vec<(usize, TicketId)> {
        let waiting = self.by_row.iter().filter(|(_, ticket)| self.is_waiting(**ticket));
        let mut waiting: Vec<(usize, TicketId)> =
            waiting.map(|(row, ticket)| (*row, *ticket)).collect();
        waiting.sort_unstable();
        waiting
    }
}

/// How far a visit has got; a replay has no way back into the line.
fn rank(state: &str) -> u8 {
    match state {
        "waiting" => 0,
        "called" => 1,
        "serving" => 2,
        _ => 3,
    }
}

/// The instant that the answer says its command was carried out at.
pub(super) fn stamped(what: What, view: &TicketView) -> Option<Timestamp> {
    let at = match what {
        What::Issue => Some(view.issued_at),
        What::Start => view.started_at,
        What::End | What::WalkOut => view.ended_at,
    };
    at.map(|at| at.0)
}
