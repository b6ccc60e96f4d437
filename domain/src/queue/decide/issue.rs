//! Joining: a ticket is issued, or a person who joined from afar arrives.
//!
//! Capacity, the number and the one-ticket rule are decided in the same step as the ticket itself.
//! Invariant: parallel joins never repeat a number and never pass the capacity.

use std::sync::Arc;

use super::{Decision, live, wrong_stage};
use crate::class::Class;
use crate::id::TicketId;
use crate::queue::command::Issue;
use crate::queue::event::Event;
use crate::queue::{Queue, QueueState, Refusal};
use crate::ticket::{Stage, TicketNumber, Visit};
use crate::time::Timestamp;

pub(super) fn issue(queue: &Queue, issue: &Issue, now: Timestamp) -> Decision {
    takes_people(queue, now)?;
    let class = class_of(queue, issue)?;
    no_second_ticket(queue, issue)?;
    room_left(queue)?;
    let config = &queue.config;
    let drawn = config.numbering.next(queue.last_number, config.zone.day_of(now));
    let visit = Visit {
        ticket: issue.ticket,
        number: TicketNumber { prefix: Arc::clone(&config.numbering.prefix), value: drawn.value },
        service: config.service,
        class: class.key.clone(),
        channel: issue.channel,
        needs: issue.needs.clone(),
        customer: issue.customer,
        language: issue.language.clone(),
        slot: issue.slot,
        issued_at: now,
        leg: 1,
    };
    Ok(vec![Event::Issued {
        visit: Arc::new(visit),
        remote: issue.remote,
        drawn,
        tags: issue.tags.clone(),
    }])
}

fn takes_people(queue: &Queue, now: Timestamp) -> Result<(), Refusal> {
    match queue.state {
        QueueState::Open if queue.config.hours.is_open(now, &queue.config.zone) => Ok(()),
        QueueState::Open => Err(Refusal::OutsideOpeningHours),
        QueueState::Paused => Err(Refusal::QueuePaused),
        QueueState::Closing | QueueState::Closed => Err(Refusal::QueueClosed),
    }
}

fn class_of<'a>(queue: &'a Queue, issue: &Issue) -> Result<&'a Class, Refusal> {
    let refused = |key: &str| Refusal::ClassNotAllowed { class: key.to_owned() };
    let Some(key) = &issue.class else {
        return queue.config.default_class().ok_or_else(|| refused("default"));
    };
    let class = queue.config.class(key).ok_or_else(|| refused(key.as_str()))?;
    if issue.self_service && !class.self_service {
        return Err(refused(key.as_str()));
    }
    Ok(class)
}

fn no_second_ticket(queue: &Queue, issue: &Issue) -> Result<(), Refusal> {
    let customer = issue.customer.filter(|_| queue.config.one_ticket_per_customer);
    let theirs = || customer.and_then(|customer| queue.live_ticket_of(customer));
    match queue.ticket(issue.ticket).or_else(theirs) {
        Some(ticket) => Err(Refusal::AlreadyInQueue {
            ticket: ticket.id(),
            number: ticket.visit.number.to_string(),
        }),
        None => Ok(()),
    }
}

fn room_left(queue: &Queue) -> Result<(), Refusal> {
    match queue.config.capacity {
        Some(capacity) if queue.joined() >= capacity => Err(Refusal::QueueFull { capacity }),
        Some(_) | None => Ok(()),
    }
}

pub(super) fn check_in(queue: &Queue, id: TicketId) -> Decision {
    let ticket = live(queue, id)?;
    match ticket.stage {
        Stage::Remote => Ok(vec![Event::CheckedIn { ticket: id }]),
        Stage::Waiting { .. }
        | Stage::Offered { .. }
        | Stage::Called(_)
        | Stage::Serving { .. }
        | Stage::Held { .. }
        | Stage::Ended { .. } => Err(wrong_stage(ticket, "check_in")),
    }
}
