//! The model of the counter: start, park, go on, finish, and hand on to another queue.
//!
//! A parked ticket keeps its agent unless it is in the pool; a handed-on one leaves the rows.
//! Invariant: these touch one row each.

use domain::State;

use super::{Answer, Book, KEPT, NOT_KEPT};
use crate::world::can;

impl Book {
    pub(super) fn start(&mut self, ticket: u16, by: u8) -> Answer {
        self.handled(ticket, by, &[State::Called])?.state = State::Serving;
        KEPT
    }

    pub(super) fn finish(&mut self, ticket: u16, by: u8) -> Answer {
        let now = self.now;
        self.handled(ticket, by, &[State::Serving])?.end(State::Served, now);
        KEPT
    }

    pub(super) fn hold(&mut self, ticket: u16, by: u8, pool: bool) -> Answer {
        let now = self.now;
        let row = self.handled(ticket, by, &[State::Called, State::Serving])?;
        row.from_service = row.state == State::Serving;
        (row.state, row.pooled, row.since) = (State::Held, pool, now);
        KEPT
    }

    pub(super) fn resume(&mut self, ticket: u16, agent: u8) -> Answer {
        let now = self.now;
        let row = self.live(ticket)?.clone();
        if row.state != State::Held {
            return Err("invalid_transition");
        }
        if !row.pooled && row.agent != agent {
            return Err("not_assigned");
        }
        self.free(agent)?;
        if row.agent != agent && !can(agent, row.needs) {
            return Err("skill_missing");
        }
        let row = self.known(ticket)?;
        row.state = if row.from_service { State::Serving } else { State::Called };
        (row.agent, row.called_at) = (agent, now);
        KEPT
    }

    pub(super) fn transfer(&mut self, ticket: u16, by: u8) -> Answer {
        let leg = self.handled(ticket, by, &[State::Serving])?.leg;
        self.rows.retain(|row| row.ticket != ticket);
        self.outbound.push((ticket, leg + 1));
        KEPT
    }

    pub(super) fn confirm(&mut self, ticket: u16, leg: u16) -> Answer {
        if !self.outbound.contains(&(ticket, leg)) {
            return NOT_KEPT;
        }
        let now = self.now;
        self.outbound.retain(|gone| *gone != (ticket, leg));
        self.passed.retain(|(_, _, at)| now.since(*at).0 <= 86_400);
        self.passed.push((ticket, leg, now));
        KEPT
    }
}
