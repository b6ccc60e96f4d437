//! The model of calling: who is next, by looking at every row, and the recall ladder.
//!
//! Placed first go before all, those in order by arrival or rank, those held behind only when nobody else can.
//! Invariant: the answer depends on the rows alone, not on the order in which they were written.

use std::cmp::Reverse;

use domain::{Place, State};

use super::{Answer, Book, KEPT, NOT_KEPT, Row, Slip};
use crate::world::{LADDER, can};

impl Book {
    /// The ticket that this agent should call.
    fn next_for(&self, agent: u8) -> Option<u16> {
        let able =
            self.rows.iter().filter(|row| row.state == State::Waiting && can(agent, row.needs));
        able.min_by_key(|row| self.standing(row)).map(|row| row.ticket)
    }

    /// The least is called first: lane, then what counts in it.
    fn standing(&self, row: &Row) -> (u8, i64, i64, Reverse<u8>, u16) {
        let arrived = row.arrived.map_or(0, |arrived| arrived.0);
        let arrived = if self.slip == Slip::YoungestFirst { -arrived } else { arrived };
        let rank = if self.slip == Slip::RankForgotten { 0 } else { row.class };
        let by_rank = if self.setup.priority { -i64::from(rank) } else { 0 };
        match row.place {
            Place::First { seq } => (0, seq.cast_signed(), 0, Reverse(rank), row.ticket),
            Place::Behind { calls } if calls > self.calls => {
                (2, calls.cast_signed(), 0, Reverse(0), row.ticket)
            }
            Place::InOrder | Place::Behind { .. } => {
                (1, by_rank, arrived, Reverse(rank), row.ticket)
            }
        }
    }

    fn invite(&mut self, ticket: u16, agent: u8) -> Answer {
        let now = self.now;
        self.calls += 1;
        let row = self.known(ticket)?;
        (row.state, row.agent, row.calls, row.called_at) = (State::Called, agent, 1, now);
        KEPT
    }

    pub(super) fn call_next(&mut self, agent: u8) -> Answer {
        self.free(agent)?;
        let ticket = self.next_for(agent).ok_or("nobody_waiting")?;
        self.invite(ticket, agent)
    }

    pub(super) fn call_ticket(&mut self, ticket: u16, agent: u8) -> Answer {
        let row = self.live(ticket)?.clone();
        self.free(agent)?;
        if !can(agent, row.needs) {
            return Err("skill_missing");
        }
        match row.state {
            State::Waiting => self.invite(ticket, agent),
            State::Held if row.pooled || row.agent == agent => self.invite(ticket, agent),
            State::Held => Err("not_assigned"),
            State::Remote
            | State::Offered
            | State::Called
            | State::Serving
            | State::Served
            | State::NoShow
            | State::WalkedOut
            | State::Cancelled
            | State::Removed
            | State::Expired => Err("invalid_transition"),
        }
    }

    pub(super) fn offer(&mut self, agent: u8, offer: u8) -> Answer {
        self.free(agent)?;
        let ticket = self.next_for(agent).ok_or("nobody_waiting")?;
        let row = self.known(ticket)?;
        (row.state, row.agent, row.offer) = (State::Offered, agent, offer);
        NOT_KEPT
    }

    pub(super) fn accept(&mut self, offer: u8, ticket: u16, agent: u8) -> Answer {
        let row = self.live(ticket)?.clone();
        self.free(agent)?;
        if row.state != State::Offered || row.offer != offer || row.agent != agent {
            return Err("invalid_transition");
        }
        self.invite(ticket, agent)
    }

    pub(super) fn withdraw(&mut self, offer: u8, ticket: u16) -> Answer {
        let row = self.live(ticket)?;
        if row.state != State::Offered || row.offer != offer {
            return Err("invalid_transition");
        }
        row.state = State::Waiting;
        NOT_KEPT
    }

    pub(super) fn recall(&mut self, ticket: u16, by: u8) -> Answer {
        let now = self.now;
        let row = self.handled(ticket, by, &[State::Called])?;
        if now.0 < row.called_at.0 + LADDER.min_gap.micros() {
            return Err("too_soon");
        }
        if row.calls >= LADDER.max_calls {
            return Err("quota_exceeded");
        }
        (row.calls, row.called_at) = (row.calls + 1, now);
        KEPT
    }

    pub(super) fn no_show(&mut self, ticket: u16, by: u8) -> Answer {
        let row = self.handled(ticket, by, &[State::Called])?;
        if row.calls < LADDER.min_calls {
            return Err("too_few_calls");
        }
        self.missed(ticket);
        KEPT
    }

    pub(super) fn requeue(&mut self, ticket: u16, by: u8) -> Answer {
        let row = self.live(ticket)?.clone();
        if row.state == State::Held {
            if !row.pooled && by < crate::world::AGENTS && by != row.agent {
                return Err("not_assigned");
            }
        } else {
            self.handled(ticket, by, &[State::Called])?;
        }
        self.put_behind(ticket);
        KEPT
    }

    fn put_behind(&mut self, ticket: u16) {
        let (now, calls, slip) = (self.now, self.calls, self.slip);
        let Ok(row) = self.known(ticket) else { return };
        row.wait_at(Place::Behind { calls: calls + u64::from(LADDER.requeue_behind) }, now);
        if slip == Slip::RequeuedToTheEnd {
            (row.arrived, row.place) = (Some(now), Place::InOrder);
        }
    }

    fn missed(&mut self, ticket: u16) {
        let (now, requeues_max) = (self.now, self.setup.requeues_max);
        let Ok(row) = self.known(ticket) else { return };
        if row.requeues >= requeues_max {
            return row.end(State::NoShow, now);
        }
        row.requeues += 1;
        self.put_behind(ticket);
    }

    /// One step of the ladder that climbs by itself.
    pub(super) fn climb(&mut self, ticket: u16) {
        let now = self.now;
        let Ok(row) = self.known(ticket) else { return };
        if row.calls < LADDER.max_calls {
            (row.calls, row.called_at) = (row.calls + 1, now);
        } else {
            self.missed(ticket);
        }
    }
}
