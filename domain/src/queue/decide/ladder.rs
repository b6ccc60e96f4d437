//! The recall ladder: how often a person is called, what a missed call costs, and what a wish to come later costs.
//!
//! Enough calls, far enough apart; then behind a few people, a few times; and only then gone.
//! Invariant: nobody becomes a no-show with fewer calls than the ladder's minimum.

use super::{Decision, in_hand, live, wrong_stage};
use crate::id::TicketId;
use crate::line::Place;
use crate::queue::command::Handler;
use crate::queue::event::{Event, RequeueCause};
use crate::queue::{Queue, Refusal};
use crate::ticket::{Call, Stage, Ticket};
use crate::time::Timestamp;

pub(super) fn recall(queue: &Queue, id: TicketId, by: Handler, now: Timestamp) -> Decision {
    let (_, call) = called(queue, id, by, "recall")?;
    let ladder = &queue.config.ladder;
    let retry_at = call.at.after(ladder.min_gap);
    if now < retry_at {
        return Err(Refusal::TooSoon { retry_at });
    }
    if call.calls >= ladder.max_calls {
        return Err(Refusal::QuotaExceeded { what: "calls", limit: u32::from(ladder.max_calls) });
    }
    Ok(vec![Event::Recalled { ticket: id, calls: call.calls.saturating_add(1) }])
}

pub(super) fn mark_no_show(queue: &Queue, id: TicketId, by: Handler) -> Decision {
    let (ticket, call) = called(queue, id, by, "no_show")?;
    let min_calls = queue.config.ladder.min_calls;
    if call.calls < min_calls {
        return Err(Refusal::TooFewCalls { calls: call.calls, min_calls });
    }
    Ok(vec![missed(queue, ticket)])
}

pub(super) fn requeue(queue: &Queue, id: TicketId, by: Handler) -> Decision {
    if !kept_by(live(queue, id)?, by)? {
        called(queue, id, by, "requeue")?;
    }
    let place = queue.line.behind(queue.config.ladder.requeue_behind);
    Ok(vec![Event::Requeued { ticket: id, place, cause: RequeueCause::Agent }])
}

/// Behind everybody ahead and `people` more; a second wish counts from the place that the first one gave.
pub(super) fn delay(queue: &Queue, id: TicketId, people: u32, now: Timestamp) -> Decision {
    let ticket = live(queue, id)?;
    match ticket.stage {
        Stage::Waiting { place } => {
            let ahead = u32::try_from(queue.ahead_of(id, now).unwrap_or(0)).unwrap_or(u32::MAX);
            let place = later(place, queue.line.behind(ahead.saturating_add(people)));
            Ok(vec![Event::Requeued { ticket: id, place, cause: RequeueCause::Customer }])
        }
        Stage::Remote
        | Stage::Offered { .. }
        | Stage::Called(_)
        | Stage::Serving { .. }
        | Stage::Held { .. }
        | Stage::Ended { .. } => Err(wrong_stage(ticket, "delay")),
    }
}

/// Who is held behind already never comes forward by wishing to come later.
fn later(now: Place, wished: Place) -> Place {
    match (now, wished) {
        (Place::Behind { calls }, Place::Behind { calls: more }) => {
            Place::Behind { calls: calls.max(more) }
        }
        (
            Place::InOrder | Place::First { .. } | Place::Behind { .. },
            Place::InOrder | Place::First { .. } | Place::Behind { .. },
        ) => wished,
    }
}

/// True for a parked ticket that `by` may take up: their own, or anybody's in the pool.
fn kept_by(ticket: &Ticket, by: Handler) -> Result<bool, Refusal> {
    match (&ticket.stage, by) {
        (Stage::Held { by: Some(keeper), .. }, Handler::Agent(agent)) if *keeper != agent => {
            Err(Refusal::NotAssigned)
        }
        (Stage::Held { .. }, Handler::Agent(_) | Handler::Supervisor) => Ok(true),
        (
            Stage::Remote
            | Stage::Waiting { .. }
            | Stage::Offered { .. }
            | Stage::Called(_)
            | Stage::Serving { .. }
            | Stage::Ended { .. },
            _,
        ) => Ok(false),
    }
}

/// What a missed call leads to: back in line while the ladder allows it, then gone.
pub(super) fn missed(queue: &Queue, ticket: &Ticket) -> Event {
    let ladder = &queue.config.ladder;
    if ticket.requeues >= ladder.requeues_max {
        return Event::NoShow { ticket: ticket.id() };
    }
    let place = queue.line.behind(ladder.requeue_behind);
    Event::Requeued { ticket: ticket.id(), place, cause: RequeueCause::Missed }
}

fn called<'a>(
    queue: &'a Queue,
    id: TicketId,
    by: Handler,
    command: &'static str,
) -> Result<(&'a Ticket, &'a Call), Refusal> {
    let (ticket, call) = in_hand(queue, id, by, command)?;
    match ticket.stage {
        Stage::Called(_) => Ok((ticket, call)),
        Stage::Remote
        | Stage::Waiting { .. }
        | Stage::Offered { .. }
        | Stage::Serving { .. }
        | Stage::Held { .. }
        | Stage::Ended { .. } => Err(wrong_stage(ticket, command)),
    }
}
