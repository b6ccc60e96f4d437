//! The model of coming and going: joining, leaving, coming back, and what happens by itself.
//!
//! Numbers and capacity are counted from the rows each time.
//! Invariant: nobody at a counter leaves by anything said here, but for a cancelled call.

use domain::{Place, Placement, QueueState, State, Timestamp};

use super::{Answer, Book, KEPT, NOT_KEPT, Row, Slip};
use crate::world::{Come, Join, LADDER};

fn day(instant: Timestamp) -> i64 {
    instant.0.div_euclid(86_400_000_000)
}

impl Book {
    pub(super) fn issue(&mut self, join: Join) -> Answer {
        let Join { ticket, class, self_service, customer, needs, remote } = join;
        match self.state {
            QueueState::Open => {}
            QueueState::Paused => return Err("queue_paused"),
            QueueState::Closing | QueueState::Closed => return Err("queue_closed"),
        }
        if class > 2 || (self_service && class == 2) {
            return Err("class_not_allowed");
        }
        let same =
            |row: &Row| customer.is_some() && row.customer == customer && !row.state.is_ended();
        if self.rows.iter().any(|row| row.ticket == ticket || same(row)) {
            return Err("already_in_queue");
        }
        let joined = [State::Remote, State::Waiting, State::Offered];
        let joined = self.rows.iter().filter(|row| joined.contains(&row.state)).count();
        let slack = usize::from(self.slip == Slip::CapacityOffByOne);
        if self.setup.capacity.is_some_and(|capacity| joined >= capacity as usize + slack) {
            return Err("queue_full");
        }
        let today = day(self.now);
        self.last_number = Some(match self.last_number {
            Some((last, value)) if last >= today => (last, value + 1),
            Some(_) | None => (today, 1),
        });
        let row = self.row(ticket, 1, class, needs);
        let (state, arrived) =
            if remote { (State::Remote, None) } else { (State::Waiting, Some(self.now)) };
        self.rows.push(Row { customer, state, arrived, ..row });
        KEPT
    }

    fn row(&self, ticket: u16, leg: u16, class: u8, needs: u8) -> Row {
        Row {
            ticket,
            leg,
            class,
            customer: None,
            needs,
            state: State::Waiting,
            place: Place::InOrder,
            arrived: Some(self.now),
            since: self.now,
            agent: 0,
            pooled: false,
            from_service: false,
            calls: 0,
            called_at: self.now,
            requeues: 0,
            offer: 0,
            tagged: false,
        }
    }

    pub(super) fn admit(&mut self, come: Come) -> Answer {
        let Come { ticket, leg, placement, needs, came_secs_ago } = come;
        let here = self.rows.iter().any(|row| row.ticket == ticket && row.leg >= leg);
        let left = self.outbound.iter().any(|(gone, next)| *gone == ticket && *next > leg);
        let passed = self.passed.iter().any(|(gone, next, _)| *gone == ticket && *next > leg);
        if here || left || passed {
            return NOT_KEPT;
        }
        let place = match placement {
            Placement::Keep => Place::InOrder,
            Placement::First => self.after_all_firsts(),
            Placement::Behind(people) => Place::Behind { calls: self.calls + u64::from(people) },
        };
        let arrived = Timestamp(self.now.0 - i64::from(came_secs_ago) * 1_000_000);
        self.rows.retain(|row| row.ticket != ticket);
        let row = self.row(ticket, leg, 0, needs);
        self.rows.push(Row { place, arrived: Some(arrived), ..row });
        KEPT
    }

    fn after_all_firsts(&self) -> Place {
        let joined =
            self.rows.iter().filter(|row| matches!(row.state, State::Waiting | State::Offered));
        let seqs = joined.filter_map(|row| match row.place {
            Place::First { seq } => Some(seq + 1),
            Place::InOrder | Place::Behind { .. } => None,
        });
        Place::First { seq: seqs.max().unwrap_or(0) }
    }

    pub(super) fn check_in(&mut self, ticket: u16) -> Answer {
        let now = self.now;
        let row = self.live(ticket)?;
        if row.state != State::Remote {
            return Err("invalid_transition");
        }
        row.arrived = Some(now);
        row.wait_at(Place::InOrder, now);
        KEPT
    }

    pub(super) fn leave(&mut self, ticket: u16, from: &[State], to: State) -> Answer {
        let now = self.now;
        let row = self.live(ticket)?;
        if !from.contains(&row.state) {
            return Err("invalid_transition");
        }
        row.end(to, now);
        KEPT
    }

    pub(super) fn reinstate(&mut self, ticket: u16) -> Answer {
        let now = self.now;
        let row = self.known(ticket)?.clone();
        if !row.state.is_ended() {
            return Err("invalid_transition");
        }
        let for_good = matches!(row.state, State::Served | State::Expired);
        if for_good || now.since(row.since).0 > 1_800 {
            return Err("ticket_ended");
        }
        let theirs = |other: &Row| other.customer == row.customer && !other.state.is_ended();
        if row.customer.is_some() && self.rows.iter().any(theirs) {
            return Err("already_in_queue");
        }
        let row = self.known(ticket)?;
        row.arrived = row.arrived.or(Some(now));
        row.wait_at(Place::InOrder, now);
        KEPT
    }

    pub(super) fn set_priority(&mut self, ticket: u16, class: u8) -> Answer {
        let row = self.live(ticket)?;
        if class > 2 {
            return Err("class_not_allowed");
        }
        if !matches!(row.state, State::Waiting | State::Remote) {
            return Err("invalid_transition");
        }
        Ok(std::mem::replace(&mut row.class, class) != class)
    }

    /// Expires those not at a counter of whom `over` is true; whether there were any.
    pub(super) fn expire(&mut self, over: impl Fn(&Row) -> bool) -> bool {
        let now = self.now;
        let away = [State::Remote, State::Waiting, State::Offered, State::Held];
        let gone = self.rows.iter_mut().filter(|row| away.contains(&row.state) && over(row));
        gone.map(|row| row.end(State::Expired, now)).count() > 0
    }

    pub(super) fn tick(&mut self) -> Answer {
        let (now, longest) = (self.now, self.setup.longest_wait);
        let due: Vec<u16> = self
            .rows
            .iter()
            .filter(|row| self.setup.automatic && row.due(now))
            .map(|row| row.ticket)
            .collect();
        let too_long = |row: &Row| {
            let waited = now.since(row.arrived.unwrap_or(now)).0;
            row.state == State::Waiting && longest.is_some_and(|longest| waited >= longest)
        };
        let gone = self.expire(|row| too_long(row) || day(row.since) < day(now));
        due.iter().for_each(|ticket| self.climb(*ticket));
        Ok(gone || !due.is_empty())
    }
}

impl Row {
    fn due(&self, now: Timestamp) -> bool {
        self.state == State::Called && Timestamp(self.called_at.0 + LADDER.min_gap.micros()) <= now
    }
}
