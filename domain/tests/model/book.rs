//! The reference model: a list of rows, scanned from the first to the last for every question.
//!
//! It was written from the rules, not from the queue: no index, no line, no events, only rows that change.
//! Invariant: an answer is a code or how many rows it touched; the queue must give the same.

mod at_counter;
mod calling;
mod coming;

use domain::{Place, QueueState, State, Timestamp};

use crate::world::{AGENTS, Ask, NINE, Setup};

/// One ticket, in numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) ticket: u16,
    pub(crate) leg: u16,
    pub(crate) class: u8,
    pub(crate) customer: Option<u8>,
    pub(crate) needs: u8,
    pub(crate) state: State,
    pub(crate) place: Place,
    pub(crate) arrived: Option<Timestamp>,
    /// In the line, parked or ended since.
    pub(crate) since: Timestamp,
    /// Who called, serves or keeps it; the agent of the last call also while it is in the pool.
    pub(crate) agent: u8,
    pub(crate) pooled: bool,
    pub(crate) from_service: bool,
    pub(crate) calls: u8,
    pub(crate) called_at: Timestamp,
    pub(crate) requeues: u8,
    pub(crate) offer: u8,
    pub(crate) tagged: bool,
}

/// A mistake planted in the model, to see that the comparison notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slip {
    None,
    YoungestFirst,
    RankForgotten,
    RequeuedToTheEnd,
    CapacityOffByOne,
}

/// A queue, the slow way.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    pub(crate) now: Timestamp,
    pub(crate) setup: Setup,
    pub(crate) state: QueueState,
    pub(crate) rows: Vec<Row>,
    pub(crate) calls: u64,
    pub(crate) last_number: Option<(i64, u32)>,
    pub(crate) outbound: Vec<(u16, u16)>,
    pub(crate) passed: Vec<(u16, u16, Timestamp)>,
    /// Tickets asked for so far, granted or not.
    pub(crate) issued: u16,
    pub(crate) slip: Slip,
    /// What the last ask led to.
    pub(crate) answer: Answer,
}

/// The code of a refusal, or whether anything was written into the journal.
pub(crate) type Answer = Result<bool, &'static str>;

/// Something happened that the journal keeps.
const KEPT: Answer = Ok(true);
/// Nothing happened, or nothing that the journal keeps.
const NOT_KEPT: Answer = Ok(false);

impl Book {
    pub(crate) fn new(setup: Setup, slip: Slip) -> Self {
        Self {
            now: NINE,
            setup,
            state: QueueState::Open,
            rows: Vec::new(),
            calls: 0,
            last_number: None,
            outbound: Vec::new(),
            passed: Vec::new(),
            issued: 0,
            slip,
            answer: NOT_KEPT,
        }
    }

    /// Asks, after the clock has moved by that many seconds.
    pub(crate) fn step(&mut self, jump_secs: i32, ask: &Ask) {
        self.now = Timestamp(self.now.0 + i64::from(jump_secs) * 1_000_000);
        if matches!(ask, Ask::Issue(_)) {
            self.issued += 1;
        }
        self.answer = self.ask(ask);
        if self.answer == KEPT {
            let now = self.now;
            self.rows.retain(|row| !row.state.is_ended() || now.since(row.since).0 <= 3_600);
        }
    }

    fn ask(&mut self, ask: &Ask) -> Answer {
        match *ask {
            Ask::Issue(join) => self.issue(join),
            Ask::Admit(come) => self.admit(come),
            Ask::CheckIn(ticket) => self.check_in(ticket),
            Ask::CallNext(agent) => self.call_next(agent),
            Ask::CallTicket(ticket, agent) => self.call_ticket(ticket, agent),
            Ask::Offer(agent, offer) => self.offer(agent, offer),
            Ask::Accept(offer, ticket, agent) => self.accept(offer, ticket, agent),
            Ask::Withdraw(offer, ticket) => self.withdraw(offer, ticket),
            Ask::Recall(ticket, by) => self.recall(ticket, by),
            Ask::NoShow(ticket, by) => self.no_show(ticket, by),
            Ask::Requeue(ticket, by) => self.requeue(ticket, by),
            Ask::Start(ticket, by) => self.start(ticket, by),
            Ask::Finish(ticket, by) => self.finish(ticket, by),
            Ask::Hold(ticket, by, pool) => self.hold(ticket, by, pool),
            Ask::Resume(ticket, agent) => self.resume(ticket, agent),
            Ask::Transfer(ticket, by) => self.transfer(ticket, by),
            Ask::Confirm(ticket, leg) => self.confirm(ticket, leg),
            Ask::Cancel(ticket) => {
                use State::{Called, Offered, Remote, Waiting};
                self.leave(ticket, &[Remote, Waiting, Offered, Called], State::Cancelled)
            }
            Ask::Remove(ticket) => {
                self.leave(ticket, &[State::Waiting, State::Offered], State::Removed)
            }
            Ask::WalkOut(ticket) => {
                self.leave(ticket, &[State::Waiting, State::Offered], State::WalkedOut)
            }
            Ask::Reinstate(ticket) => self.reinstate(ticket),
            Ask::Tag(ticket, one) => {
                let row = self.known(ticket)?;
                Ok(std::mem::replace(&mut row.tagged, one) != one)
            }
            Ask::SetPriority(ticket, class) => self.set_priority(ticket, class),
            Ask::Announced(ticket) => {
                Ok(self.rows.iter().any(|row| row.ticket == ticket && row.in_hand()))
            }
            Ask::Open => self.turn(QueueState::Open),
            Ask::Pause => self.turn(QueueState::Paused),
            Ask::SetClosing(true) if self.state == QueueState::Open => {
                self.turn(QueueState::Closing)
            }
            Ask::SetClosing(false) if self.state == QueueState::Closing => {
                self.turn(QueueState::Open)
            }
            Ask::SetClosing(_) => NOT_KEPT,
            Ask::Close(expire) => {
                let gone = expire && self.expire(|_| true);
                Ok(self.turn(QueueState::Closed)? || gone)
            }
            Ask::Configure(setup) => Ok(std::mem::replace(&mut self.setup, setup) != setup),
            Ask::Tick => self.tick(),
        }
    }

    fn turn(&mut self, state: QueueState) -> Answer {
        Ok(std::mem::replace(&mut self.state, state) != state)
    }

    fn known(&mut self, ticket: u16) -> Result<&mut Row, &'static str> {
        self.rows.iter_mut().find(|row| row.ticket == ticket).ok_or("not_found")
    }

    fn live(&mut self, ticket: u16) -> Result<&mut Row, &'static str> {
        let row = self.known(ticket)?;
        if row.state.is_ended() { Err("ticket_ended") } else { Ok(row) }
    }

    fn free(&self, agent: u8) -> Result<(), &'static str> {
        let busy = self.rows.iter().any(|row| row.in_hand() && row.agent == agent);
        if busy { Err("agent_busy") } else { Ok(()) }
    }

    /// The ticket, if it is in a hand in one of these states and `by` may handle it.
    fn handled(&mut self, ticket: u16, by: u8, states: &[State]) -> Result<&mut Row, &'static str> {
        let row = self.live(ticket)?;
        if !row.in_hand() {
            return Err("invalid_transition");
        }
        if by < AGENTS && by != row.agent {
            return Err("not_assigned");
        }
        if !states.contains(&row.state) {
            return Err("invalid_transition");
        }
        Ok(row)
    }
}

impl Row {
    pub(crate) fn in_hand(&self) -> bool {
        matches!(self.state, State::Called | State::Serving)
    }

    fn wait_at(&mut self, place: Place, now: Timestamp) {
        (self.state, self.place, self.since) = (State::Waiting, place, now);
    }

    fn end(&mut self, state: State, now: Timestamp) {
        (self.state, self.since) = (state, now);
    }
}
