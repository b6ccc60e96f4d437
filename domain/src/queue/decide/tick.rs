//! What happens by itself when its time has come: the recall ladder, the longest wait, the close of day.
//!
//! A tick too early or too late is harmless: it does what is due by `now` and nothing else.
//! Invariant: a ticket at a counter is never expired.

use super::ladder::missed;
use crate::policy::Policy;
use crate::queue::Queue;
use crate::queue::event::Event;
use crate::ticket::{Stage, Ticket};
use crate::time::Timestamp;

pub(super) fn tick(queue: &Queue, now: Timestamp) -> Vec<Event> {
    let mut events = climb(queue, now);
    events.extend(expire_where(queue, |ticket| is_over(queue, ticket, now)));
    events
}

fn climb(queue: &Queue, now: Timestamp) -> Vec<Event> {
    let ladder = &queue.config.ladder;
    if !ladder.automatic {
        return Vec::new();
    }
    let mut due: Vec<&Ticket> =
        queue.called().filter(|ticket| is_due(queue, ticket, now)).collect();
    due.sort_by_key(|ticket| ticket.id());
    due.into_iter().filter_map(|ticket| step(queue, ticket)).collect()
}

fn is_due(queue: &Queue, ticket: &Ticket, now: Timestamp) -> bool {
    ticket.call().is_some_and(|call| call.at.after(queue.config.ladder.min_gap) <= now)
}

fn step(queue: &Queue, ticket: &Ticket) -> Option<Event> {
    let call = ticket.call()?;
    if call.calls < queue.config.ladder.max_calls {
        return Some(Event::Recalled { ticket: ticket.id(), calls: call.calls.saturating_add(1) });
    }
    Some(missed(queue, ticket))
}

fn is_over(queue: &Queue, ticket: &Ticket, now: Timestamp) -> bool {
    let config = &queue.config;
    let waiting = matches!(ticket.stage, Stage::Waiting { .. });
    let waits_since = waits_since(queue, ticket);
    let too_long =
        waiting && config.longest_wait.is_some_and(|longest| now.since(waits_since) >= longest);
    let yesterday = config.expire_at_close_of_day
        && config.zone.day_of(here_since(ticket)) < config.zone.day_of(now);
    too_long || yesterday
}

/// The instant from which the line counts a wait: not before a booked slot, where slots are honoured.
fn waits_since(queue: &Queue, ticket: &Ticket) -> Timestamp {
    let arrived_at = ticket.arrived_at.unwrap_or(ticket.visit.issued_at);
    let slot = ticket.visit.slot.filter(|_| honours_slots(&queue.config.policy));
    slot.map_or(arrived_at, |slot| slot.max(arrived_at))
}

/// True when a booked slot counts as the time of arrival, as it does in the line.
const fn honours_slots(policy: &Policy) -> bool {
    match policy {
        Policy::Sla(_) | Policy::Appointment { .. } => true,
        Policy::Fifo
        | Policy::Priority
        | Policy::Deadline
        | Policy::Accumulating
        | Policy::Ratio => false,
    }
}

/// Who was at a counter at midnight has not been waiting since yesterday.
fn here_since(ticket: &Ticket) -> Timestamp {
    match ticket.stage {
        Stage::Held { since, .. } => since,
        Stage::Remote
        | Stage::Waiting { .. }
        | Stage::Offered { .. }
        | Stage::Called(_)
        | Stage::Serving { .. }
        | Stage::Ended { .. } => ticket.entered_at,
    }
}

/// Expires the people not at a counter of whom `over` is true, oldest ticket first.
pub(super) fn expire_where(queue: &Queue, over: impl Fn(&Ticket) -> bool) -> Vec<Event> {
    let mut gone: Vec<_> =
        queue.tickets.values().filter(|ticket| can_expire(ticket) && over(ticket)).collect();
    gone.sort_by_key(|ticket| ticket.id());
    gone.into_iter().map(|ticket| Event::Expired { ticket: ticket.id() }).collect()
}

fn can_expire(ticket: &Ticket) -> bool {
    match ticket.stage {
        Stage::Remote | Stage::Waiting { .. } | Stage::Held { .. } | Stage::Offered { .. } => true,
        Stage::Called(_) | Stage::Serving { .. } | Stage::Ended { .. } => false,
    }
}
