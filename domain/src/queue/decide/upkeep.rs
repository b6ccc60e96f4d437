//! Upkeep: tags, notes, classes, announcements, and the state and settings of the queue itself.
//!
//! Asking for what already is leads to no event, so repeating is harmless.
//! Invariant: none of these moves a person to or from a counter.

use super::{Decision, known, live, wrong_stage};
use crate::class::ClassKey;
use crate::id::TicketId;
use crate::queue::command::{Announcement, Waiting};
use crate::queue::event::Event;
use crate::queue::{Queue, QueueConfig, QueueState, Refusal};
use crate::ticket::Stage;

pub(super) fn tag(queue: &Queue, id: TicketId, tags: &[String]) -> Decision {
    let ticket = known(queue, id)?;
    let mut tags = tags.to_vec();
    tags.sort_unstable();
    tags.dedup();
    if ticket.tags == tags {
        return Ok(Vec::new());
    }
    Ok(vec![Event::Tagged { ticket: id, tags }])
}

pub(super) fn note(queue: &Queue, id: TicketId) -> Decision {
    known(queue, id)?;
    Ok(vec![Event::Noted { ticket: id }])
}

pub(super) fn set_priority(queue: &Queue, id: TicketId, class: &ClassKey) -> Decision {
    let ticket = live(queue, id)?;
    if queue.config.class(class).is_none() {
        return Err(Refusal::ClassNotAllowed { class: class.to_string() });
    }
    match ticket.stage {
        Stage::Waiting { .. } | Stage::Remote if ticket.visit.class == *class => Ok(Vec::new()),
        Stage::Waiting { .. } | Stage::Remote => {
            Ok(vec![Event::PriorityChanged { ticket: id, class: class.clone() }])
        }
        Stage::Offered { .. }
        | Stage::Called(_)
        | Stage::Serving { .. }
        | Stage::Held { .. }
        | Stage::Ended { .. } => Err(wrong_stage(ticket, "set_priority")),
    }
}

/// A display may be late: only a ticket that is still being called or served can be announced.
pub(super) fn announced(queue: &Queue, id: TicketId, what: Announcement) -> Vec<Event> {
    let in_hand = queue.tickets.get(&id).is_some_and(|ticket| ticket.in_hand_of().is_some());
    if in_hand { vec![Event::Announced { ticket: id, what }] } else { Vec::new() }
}

pub(super) fn open(queue: &Queue) -> Vec<Event> {
    match queue.state {
        QueueState::Open => Vec::new(),
        QueueState::Paused | QueueState::Closing | QueueState::Closed => vec![Event::Opened],
    }
}

pub(super) fn pause(queue: &Queue) -> Vec<Event> {
    match queue.state {
        QueueState::Paused => Vec::new(),
        QueueState::Open | QueueState::Closing | QueueState::Closed => vec![Event::Paused],
    }
}

/// Only an open queue begins to close by itself, and only a closing one opens by itself.
pub(super) fn set_closing(queue: &Queue, closing: bool) -> Vec<Event> {
    match (queue.state, closing) {
        (QueueState::Open, true) => vec![Event::ClosingBegan],
        (QueueState::Closing, false) => vec![Event::Opened],
        (QueueState::Open | QueueState::Paused | QueueState::Closing | QueueState::Closed, _) => {
            Vec::new()
        }
    }
}

pub(super) fn close(queue: &Queue, waiting: Waiting) -> Vec<Event> {
    let mut events = match queue.state {
        QueueState::Closed => Vec::new(),
        QueueState::Open | QueueState::Paused | QueueState::Closing => vec![Event::Closed],
    };
    match waiting {
        Waiting::Keep => {}
        Waiting::Expire => events.extend(super::tick::expire_where(queue, |_| true)),
    }
    events
}

pub(super) fn configure(queue: &Queue, config: &QueueConfig) -> Vec<Event> {
    if queue.config == *config {
        Vec::new()
    } else {
        vec![Event::Configured(Box::new(config.clone()))]
    }
}
