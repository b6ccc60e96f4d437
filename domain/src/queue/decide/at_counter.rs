//! At the counter: the service starts, pauses, goes on and ends.
//!
//! Only the agent who has the ticket in hand may do these, or a supervisor.
//! Invariant: a held ticket is in nobody's hand, so its agent may call the next person meanwhile.

use super::call::{can_serve, hands_free};
use super::{Decision, in_hand, live, wrong_stage};
use crate::id::TicketId;
use crate::queue::command::{Caller, Handler};
use crate::queue::event::Event;
use crate::queue::{Queue, Refusal};
use crate::ticket::{Call, Stage, Ticket};
use crate::time::Timestamp;

pub(super) fn start(queue: &Queue, id: TicketId, by: Handler) -> Decision {
    let (ticket, _) = in_hand(queue, id, by, "start")?;
    if is_serving(ticket) {
        return Err(wrong_stage(ticket, "start"));
    }
    Ok(vec![Event::Started { ticket: id }])
}

pub(super) fn finish(queue: &Queue, id: TicketId, by: Handler, outcomes: &[String]) -> Decision {
    let (ticket, _) = in_hand(queue, id, by, "finish")?;
    if !is_serving(ticket) {
        return Err(wrong_stage(ticket, "finish"));
    }
    Ok(vec![Event::Served { ticket: id, outcomes: outcomes.to_vec() }])
}

pub(super) fn hold(queue: &Queue, id: TicketId, by: Handler, why: &str, pool: bool) -> Decision {
    let (_, call) = in_hand(queue, id, by, "hold")?;
    let keeper = (!pool).then_some(call.agent);
    Ok(vec![Event::Held { ticket: id, by: keeper, why: why.to_owned() }])
}

pub(super) fn resume(queue: &Queue, id: TicketId, caller: &Caller, now: Timestamp) -> Decision {
    let ticket = live(queue, id)?;
    let Stage::Held { from, by, since, .. } = &ticket.stage else {
        return Err(wrong_stage(ticket, "resume"));
    };
    if by.is_some_and(|by| by != caller.agent) {
        return Err(Refusal::NotAssigned);
    }
    hands_free(queue, caller.agent)?;
    if caller.agent != from.call().agent {
        can_serve(queue, ticket, caller)?;
    }
    let call =
        Call { agent: caller.agent, counter: caller.counter, at: now, ..from.call().clone() };
    Ok(vec![Event::Resumed { ticket: id, call, held: now.since(*since) }])
}

fn is_serving(ticket: &Ticket) -> bool {
    matches!(ticket.stage, Stage::Serving { .. })
}
