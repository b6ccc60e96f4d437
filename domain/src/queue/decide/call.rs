//! Calling: the next in order, a chosen one, or by an offer that an agent accepts.
//!
//! The guard "one ticket in hand" stands in the same step as the call, so parallel asks cannot pass it together.
//! Invariant: only a waiting, offered or held ticket becomes called, and its reason is known.

use super::{Decision, live, wrong_stage};
use crate::id::{AgentId, OfferId, TicketId};
use crate::line::{Choice, Reason};
use crate::queue::command::Caller;
use crate::queue::event::Event;
use crate::queue::{Queue, Refusal};
use crate::ticket::{Call, Offer, Stage, Ticket};
use crate::time::Timestamp;

pub(super) fn next(queue: &Queue, caller: &Caller, now: Timestamp) -> Decision {
    hands_free(queue, caller.agent)?;
    let choice = queue.line.best(&caller.skills, now).ok_or(Refusal::NobodyWaiting)?;
    Ok(vec![called(caller, now, choice)])
}

pub(super) fn chosen(
    queue: &Queue,
    id: TicketId,
    caller: &Caller,
    why: Option<&str>,
    now: Timestamp,
) -> Decision {
    let ticket = live(queue, id)?;
    hands_free(queue, caller.agent)?;
    can_serve(queue, ticket, caller)?;
    match &ticket.stage {
        Stage::Waiting { .. } => Ok(vec![in_or_out_of_order(queue, id, caller, why, now)]),
        Stage::Held { by, .. } if by.is_none_or(|by| by == caller.agent) => {
            Ok(vec![out_of_line(caller, now, id, Reason::CalledBack)])
        }
        Stage::Held { .. } => Err(Refusal::NotAssigned),
        Stage::Remote
        | Stage::Offered { .. }
        | Stage::Called(_)
        | Stage::Serving { .. }
        | Stage::Ended { .. } => Err(wrong_stage(ticket, "call")),
    }
}

/// A chosen ticket that would have been next anyway was called in order.
fn in_or_out_of_order(
    queue: &Queue,
    id: TicketId,
    caller: &Caller,
    why: Option<&str>,
    now: Timestamp,
) -> Event {
    match queue.line.best(&caller.skills, now) {
        Some(choice) if choice.ticket == id => called(caller, now, choice),
        Some(_) | None => {
            let why = why.unwrap_or("no reason given").to_owned();
            out_of_line(caller, now, id, Reason::OutOfOrder { by: caller.agent, why })
        }
    }
}

pub(super) fn offer(queue: &Queue, caller: &Caller, offer: OfferId, now: Timestamp) -> Decision {
    hands_free(queue, caller.agent)?;
    let choice = queue.line.best(&caller.skills, now).ok_or(Refusal::NobodyWaiting)?;
    let offer = Offer { id: offer, agent: caller.agent, reason: choice.reason, turn: choice.turn };
    Ok(vec![Event::Offered { ticket: choice.ticket, offer }])
}

pub(super) fn accept(
    queue: &Queue,
    offer: OfferId,
    id: TicketId,
    caller: &Caller,
    now: Timestamp,
) -> Decision {
    let ticket = live(queue, id)?;
    hands_free(queue, caller.agent)?;
    match &ticket.stage {
        Stage::Offered { offer: standing, .. }
            if standing.id == offer && standing.agent == caller.agent =>
        {
            let call = invitation(caller, now, standing.reason.clone());
            // Others may have been called since the offer: turns taken meanwhile stay taken.
            let turn = standing.turn.max(queue.line.counters().turn);
            Ok(vec![Event::Called { ticket: id, call, turn: Some(turn) }])
        }
        Stage::Remote
        | Stage::Waiting { .. }
        | Stage::Offered { .. }
        | Stage::Called(_)
        | Stage::Serving { .. }
        | Stage::Held { .. }
        | Stage::Ended { .. } => Err(wrong_stage(ticket, "accept_offer")),
    }
}

pub(super) fn withdraw(queue: &Queue, offer: OfferId, id: TicketId) -> Decision {
    let ticket = live(queue, id)?;
    match &ticket.stage {
        Stage::Offered { offer: standing, .. } if standing.id == offer => {
            Ok(vec![Event::OfferWithdrawn { ticket: id, offer }])
        }
        Stage::Remote
        | Stage::Waiting { .. }
        | Stage::Offered { .. }
        | Stage::Called(_)
        | Stage::Serving { .. }
        | Stage::Held { .. }
        | Stage::Ended { .. } => Err(wrong_stage(ticket, "withdraw_offer")),
    }
}

pub(super) fn hands_free(queue: &Queue, agent: AgentId) -> Result<(), Refusal> {
    match queue.in_hand_of(agent) {
        Some(ticket) => {
            Err(Refusal::AgentBusy { ticket: ticket.id(), number: ticket.visit.number.to_string() })
        }
        None => Ok(()),
    }
}

pub(super) fn can_serve(queue: &Queue, ticket: &Ticket, caller: &Caller) -> Result<(), Refusal> {
    let able =
        queue.config.needs.met_by(&caller.skills) && ticket.visit.needs.met_by(&caller.skills);
    if able { Ok(()) } else { Err(Refusal::SkillMissing) }
}

fn called(caller: &Caller, now: Timestamp, choice: Choice) -> Event {
    let call = invitation(caller, now, choice.reason);
    Event::Called { ticket: choice.ticket, call, turn: Some(choice.turn) }
}

fn out_of_line(caller: &Caller, now: Timestamp, ticket: TicketId, reason: Reason) -> Event {
    Event::Called { ticket, call: invitation(caller, now, reason), turn: None }
}

fn invitation(caller: &Caller, now: Timestamp, reason: Reason) -> Call {
    Call { agent: caller.agent, counter: caller.counter, calls: 1, at: now, reason }
}
