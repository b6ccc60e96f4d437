//! Leaving and coming back: cancelled, removed, walked out, reinstated.
//!
//! Who leaves while an offer stands simply leaves; the offer falls with the ticket.
//! Invariant: a reinstated ticket waits with its old arrival time, and only within the tolerance.

use super::{Decision, known, live, wrong_stage};
use crate::id::TicketId;
use crate::queue::event::Event;
use crate::queue::{Queue, Refusal};
use crate::ticket::{Outcome, Stage, Ticket};
use crate::time::Timestamp;

pub(super) fn cancel(queue: &Queue, id: TicketId) -> Decision {
    let ticket = live(queue, id)?;
    match ticket.stage {
        Stage::Remote | Stage::Waiting { .. } | Stage::Offered { .. } | Stage::Called(_) => {
            Ok(vec![Event::Cancelled { ticket: id }])
        }
        Stage::Serving { .. } | Stage::Held { .. } | Stage::Ended { .. } => {
            Err(wrong_stage(ticket, "cancel"))
        }
    }
}

pub(super) fn remove(queue: &Queue, id: TicketId, why: &str) -> Decision {
    waiting(queue, id, "remove")?;
    Ok(vec![Event::Removed { ticket: id, why: why.to_owned() }])
}

pub(super) fn walk_out(queue: &Queue, id: TicketId) -> Decision {
    waiting(queue, id, "walk_out")?;
    Ok(vec![Event::WalkedOut { ticket: id }])
}

fn waiting<'a>(
    queue: &'a Queue,
    id: TicketId,
    command: &'static str,
) -> Result<&'a Ticket, Refusal> {
    let ticket = live(queue, id)?;
    match ticket.stage {
        Stage::Waiting { .. } | Stage::Offered { .. } => Ok(ticket),
        Stage::Remote
        | Stage::Called(_)
        | Stage::Serving { .. }
        | Stage::Held { .. }
        | Stage::Ended { .. } => Err(wrong_stage(ticket, command)),
    }
}

pub(super) fn reinstate(queue: &Queue, id: TicketId, now: Timestamp) -> Decision {
    let ticket = known(queue, id)?;
    let Stage::Ended { outcome, at } = ticket.stage else {
        return Err(wrong_stage(ticket, "reinstate"));
    };
    let too_late = now.since(at) > queue.config.reinstate_within;
    match outcome {
        Outcome::Served | Outcome::Expired => Err(Refusal::TicketEnded { state: ticket.state() }),
        Outcome::NoShow | Outcome::WalkedOut | Outcome::Cancelled | Outcome::Removed
            if too_late =>
        {
            Err(Refusal::TicketEnded { state: ticket.state() })
        }
        Outcome::NoShow | Outcome::WalkedOut | Outcome::Cancelled | Outcome::Removed => {
            no_other_ticket(queue, ticket)?;
            Ok(vec![Event::Reinstated { ticket: id }])
        }
    }
}

fn no_other_ticket(queue: &Queue, ticket: &Ticket) -> Result<(), Refusal> {
    let customer = ticket.visit.customer.filter(|_| queue.config.one_ticket_per_customer);
    match customer.and_then(|customer| queue.live_ticket_of(customer)) {
        Some(other) => Err(Refusal::AlreadyInQueue {
            ticket: other.id(),
            number: other.visit.number.to_string(),
        }),
        None => Ok(()),
    }
}
