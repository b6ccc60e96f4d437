//! Events to state: writes down what happened and never says no.
//!
//! Replay of a five-year-old event must work; what cannot be is asserted in debug builds, where tests find it.
//! Invariant: state after a sequence of events depends on nothing but the sequence.

use std::sync::Arc;

use super::event::{Event, Happened, Outbound, Passed};
use super::{Announcement, Queue, QueueState, RequeueCause};
use crate::id::TicketId;
use crate::line::{Line, Place};
use crate::ticket::{Call, HeldFrom, Outcome, Stage, Ticket, Visit};
use crate::time::{Secs, Timestamp};

/// Ended tickets are remembered at least this long, so that late commands get a telling answer.
const REMEMBER_ENDED_AT_LEAST: Secs = Secs(3_600);
/// Legs that went on are remembered this long, so that a late copy of an earlier leg is not admitted again.
const REMEMBER_PASSED: Secs = Secs(86_400);

/// Writes `happened` into `queue`.
pub fn apply(queue: &mut Queue, happened: &Happened) {
    let at = happened.at;
    match &happened.event {
        Event::Issued { visit, remote, drawn, tags } => {
            queue.last_number = Some(*drawn);
            let stage =
                if *remote { Stage::Remote } else { Stage::Waiting { place: Place::InOrder } };
            let arrived_at = (!remote).then_some(at);
            queue.enter(Box::new(joined(visit, stage, at, arrived_at, tags)));
        }
        Event::Admitted { visit, arrived_at, place, tags, .. } => {
            queue.forget(visit.ticket);
            let stage = Stage::Waiting { place: *place };
            queue.enter(Box::new(joined(visit, stage, at, Some(*arrived_at), tags)));
        }
        Event::CheckedIn { ticket } => {
            queue.edit(*ticket, |ticket| ticket.arrived_at = Some(at));
            queue.wait(*ticket, Place::InOrder, at);
        }
        Event::Offered { ticket, offer } => {
            let place = queue.place_kept(*ticket);
            queue.move_to(*ticket, Stage::Offered { place, offer: offer.clone() });
        }
        Event::OfferWithdrawn { ticket, .. } => {
            let place = queue.place_kept(*ticket);
            queue.move_to(*ticket, Stage::Waiting { place });
        }
        Event::Called { ticket, call, turn } => queue.called_at(*ticket, call, *turn, at),
        Event::Recalled { ticket, calls } => queue.recalled_at(*ticket, *calls, at),
        Event::Started { ticket } => queue.started(*ticket, at),
        Event::Held { ticket, by, why } => queue.hold(*ticket, *by, why, at),
        Event::Resumed { ticket, call, held } => queue.resume(*ticket, call, *held, at),
        Event::Served { ticket, outcomes } => queue.served(*ticket, outcomes, at),
        Event::NoShow { ticket }
        | Event::Cancelled { ticket }
        | Event::Removed { ticket, .. }
        | Event::WalkedOut { ticket }
        | Event::Expired { ticket } => {
            if let Some(outcome) = happened.event.outcome() {
                queue.end(*ticket, outcome, at);
            }
        }
        Event::Requeued { ticket, place, cause } => {
            queue.count_requeue(*ticket, *cause);
            queue.wait(*ticket, *place, at);
        }
        Event::Transferred { ticket, outbound } => queue.send_out(*ticket, outbound),
        Event::HandoverConfirmed { ticket, leg } => queue.pass_on(*ticket, *leg, at),
        Event::Reinstated { ticket } => {
            queue.edit(*ticket, |ticket| ticket.arrived_at = ticket.arrived_at.or(Some(at)));
            queue.wait(*ticket, Place::InOrder, at);
        }
        Event::Tagged { ticket, tags } => {
            queue.edit(*ticket, |ticket| ticket.tags.clone_from(tags))
        }
        Event::Noted { .. } => {}
        Event::PriorityChanged { ticket, class } => queue.reclass(*ticket, class),
        Event::Announced { ticket, what } => queue.announced(*ticket, *what, at),
        Event::Opened => queue.state = QueueState::Open,
        Event::Paused => queue.state = QueueState::Paused,
        Event::ClosingBegan => queue.state = QueueState::Closing,
        Event::Closed => queue.state = QueueState::Closed,
        Event::Configured(config) => queue.configure(config),
    }
    // What the journal does not hold must leave no trace, or replay would remember more than the living queue.
    if happened.event.is_journaled() {
        queue.count_change(&happened.event);
        queue.forget_old(at);
    }
}

fn joined(
    visit: &Arc<Visit>,
    stage: Stage,
    at: Timestamp,
    arrived_at: Option<Timestamp>,
    tags: &[String],
) -> Ticket {
    Ticket {
        visit: Visit::clone(visit),
        stage,
        entered_at: at,
        arrived_at,
        first_called_at: None,
        last_called_at: None,
        started_at: None,
        last_call: None,
        held_total: Secs(0),
        calls_total: 0,
        requeues: 0,
        shown: 0,
        heard: 0,
        announced_at: None,
        tags: tags.to_vec(),
        outcomes: Vec::new(),
        changes: 0,
    }
}

/// Time away from the counter is not service: parked, or walking back after being parked.
fn away(ticket: &mut Ticket, gone: Secs) {
    if ticket.started_at.is_some() {
        ticket.held_total = ticket.held_total + gone;
    }
}

impl Queue {
    /// Changes what no index looks at.
    fn edit(&mut self, id: TicketId, change: impl FnOnce(&mut Ticket)) {
        match self.tickets.get_mut(&id) {
            Some(ticket) => change(ticket),
            None => debug_assert!(false, "ticket {id} changed before it was issued"),
        }
    }

    fn count_change(&mut self, event: &Event) {
        if matches!(event, Event::Announced { .. }) {
            return;
        }
        if let Some(ticket) = event.ticket().and_then(|id| self.tickets.get_mut(&id)) {
            ticket.changes = ticket.changes.saturating_add(1);
        }
    }

    /// The place that an offered ticket returns to.
    fn place_kept(&self, id: TicketId) -> Place {
        self.tickets.get(&id).map_or(Place::InOrder, |ticket| Self::place_of(&ticket.stage))
    }

    fn called_at(&mut self, id: TicketId, call: &Call, turn: Option<u64>, at: Timestamp) {
        self.edit(id, |ticket| {
            if let Stage::Held { since, .. } = ticket.stage {
                away(ticket, at.since(since));
            }
            ticket.first_called_at = ticket.first_called_at.or(Some(at));
            ticket.last_called_at = Some(at);
            ticket.last_call = Some(call.clone());
            ticket.calls_total = ticket.calls_total.saturating_add(1);
            (ticket.shown, ticket.heard, ticket.announced_at) = (0, 0, None);
        });
        self.move_to(id, Stage::Called(call.clone()));
        let turn = turn.unwrap_or_else(|| self.line.counters().turn);
        self.line.took(turn);
    }

    fn recalled_at(&mut self, id: TicketId, calls: u8, at: Timestamp) {
        self.edit(id, |ticket| {
            ticket.last_called_at = Some(at);
            ticket.calls_total = ticket.calls_total.saturating_add(1);
            (ticket.shown, ticket.heard) = (0, 0);
            let Stage::Called(call) = &mut ticket.stage else { return };
            let walk = at.since(call.at);
            (call.calls, call.at) = (calls, at);
            away(ticket, walk);
        });
    }

    fn started(&mut self, id: TicketId, at: Timestamp) {
        let Some(call) = self.ticket(id).and_then(Ticket::call).cloned() else { return };
        self.edit(id, |ticket| {
            away(ticket, at.since(call.at));
            ticket.started_at = ticket.started_at.or(Some(at));
        });
        self.move_to(id, Stage::Serving { call, started_at: at });
    }

    fn hold(&mut self, id: TicketId, by: Option<crate::id::AgentId>, why: &str, at: Timestamp) {
        let from = match self.tickets.get(&id).map(|ticket| &ticket.stage) {
            Some(Stage::Called(call)) => HeldFrom::Called(call.clone()),
            Some(Stage::Serving { call, started_at }) => {
                HeldFrom::Serving { call: call.clone(), started_at: *started_at }
            }
            Some(
                Stage::Remote
                | Stage::Waiting { .. }
                | Stage::Offered { .. }
                | Stage::Held { .. }
                | Stage::Ended { .. },
            )
            | None => return debug_assert!(false, "ticket {id} held out of nobody's hand"),
        };
        if let HeldFrom::Called(call) = &from {
            self.edit(id, |ticket| away(ticket, at.since(call.at)));
        }
        self.move_to(id, Stage::Held { from, by, why: why.to_owned(), since: at });
    }

    fn resume(&mut self, id: TicketId, call: &Call, held: Secs, at: Timestamp) {
        let serving = match self.tickets.get(&id).map(|ticket| &ticket.stage) {
            Some(Stage::Held { from: HeldFrom::Serving { .. }, .. }) => true,
            Some(_) | None => false,
        };
        self.edit(id, |ticket| away(ticket, held));
        let call = call.clone();
        self.move_to(
            id,
            if serving { Stage::Serving { call, started_at: at } } else { Stage::Called(call) },
        );
    }

    /// Back to the line, or into it: a service that had begun will begin again.
    fn wait(&mut self, id: TicketId, place: Place, at: Timestamp) {
        self.edit(id, |ticket| {
            (ticket.entered_at, ticket.started_at, ticket.held_total) = (at, None, Secs(0))
        });
        self.move_to(id, Stage::Waiting { place });
    }

    fn count_requeue(&mut self, id: TicketId, cause: RequeueCause) {
        let missed = u8::from(cause == RequeueCause::Missed);
        self.edit(id, |ticket| ticket.requeues = ticket.requeues.saturating_add(missed));
    }

    fn served(&mut self, id: TicketId, outcomes: &[String], at: Timestamp) {
        self.edit(id, |ticket| ticket.outcomes = outcomes.to_vec());
        self.end(id, Outcome::Served, at);
    }

    fn end(&mut self, id: TicketId, outcome: Outcome, at: Timestamp) {
        self.move_to(id, Stage::Ended { outcome, at });
    }

    fn send_out(&mut self, id: TicketId, outbound: &Outbound) {
        self.forget(id);
        self.outbound.insert((id, outbound.visit.leg), outbound.clone());
    }

    fn pass_on(&mut self, ticket: TicketId, leg: u16, at: Timestamp) {
        self.outbound.remove(&(ticket, leg));
        self.passed.retain(|_, passed| at.since(passed.at) <= REMEMBER_PASSED);
        let leg = self.passed.get(&ticket).map_or(leg, |passed| passed.leg.max(leg));
        self.passed.insert(ticket, Passed { ticket, leg, at });
    }

    pub(super) fn forget(&mut self, id: TicketId) {
        if let Some(ticket) = self.tickets.remove(&id) {
            self.leave(&ticket);
        }
    }

    fn reclass(&mut self, id: TicketId, class: &crate::class::ClassKey) {
        let Some(mut ticket) = self.tickets.remove(&id) else { return };
        self.leave(&ticket);
        ticket.visit.class = class.clone();
        self.enter(ticket);
    }

    fn announced(&mut self, id: TicketId, what: Announcement, at: Timestamp) {
        self.edit(id, |ticket| {
            let count = match what {
                Announcement::Shown => &mut ticket.shown,
                Announcement::Heard => &mut ticket.heard,
            };
            *count = count.saturating_add(1);
            ticket.announced_at = ticket.announced_at.or(Some(at));
        });
    }

    fn configure(&mut self, config: &super::QueueConfig) {
        self.config = config.clone();
        let counters = self.line.counters();
        let mut line = Line::new(&config.policy, &config.classes);
        line.restore(counters);
        for ticket in self.tickets.values() {
            if let Stage::Waiting { place } = &ticket.stage {
                line.insert(Self::waiter(ticket, config), *place);
            }
        }
        self.line = line;
    }

    fn forget_old(&mut self, now: Timestamp) {
        let keep = self.config.reinstate_within.max(REMEMBER_ENDED_AT_LEAST);
        while let Some((at, id)) = self.ended.first().copied() {
            if now.since(at) <= keep {
                break;
            }
            self.ended.pop_first();
            if self.tickets.remove(&id).is_some() {
                self.tally.ended -= 1;
            }
        }
    }
}
