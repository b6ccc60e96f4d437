//! Transfer: an event, never a state. It ends the leg here and begins the next in another queue.
//!
//! The source keeps the leg in its outbound list until the target has confirmed it; arriving twice is harmless.
//! Invariant: a leg is in exactly one place: the source's tickets, its outbound list, or the target's tickets.

use super::{Decision, in_hand, wrong_stage};
use crate::id::{QueueId, ServiceId, TicketId};
use crate::line::Place;
use crate::queue::command::{Arrival, Handler};
use crate::queue::event::{Event, Outbound};
use crate::queue::{Placement, Queue};
use crate::ticket::{Stage, Visit};

pub(super) struct Target {
    pub(super) to: QueueId,
    pub(super) service: ServiceId,
    pub(super) placement: Option<Placement>,
}

pub(super) fn send(queue: &Queue, id: TicketId, by: Handler, target: Target) -> Decision {
    let (ticket, _) = in_hand(queue, id, by, "transfer")?;
    if !matches!(ticket.stage, Stage::Serving { .. }) {
        return Err(wrong_stage(ticket, "transfer"));
    }
    let leg = ticket.visit.leg.saturating_add(1);
    let visit = Visit { service: target.service, leg, ..ticket.visit.clone() };
    let outbound = Outbound {
        arrived_at: ticket.arrived_at.unwrap_or(visit.issued_at),
        visit,
        to: target.to,
        placement: target.placement.unwrap_or(queue.config.transfer_placement),
        tags: ticket.tags.clone(),
    };
    Ok(vec![Event::Transferred { ticket: id, outbound: Box::new(outbound) }])
}

/// Never refused: the person is on the way. Known already: nothing more happens.
pub(super) fn admit(queue: &Queue, arrival: &Arrival) -> Vec<Event> {
    let visit = &arrival.visit;
    let here = queue.tickets.get(&visit.ticket).is_some_and(|ticket| ticket.visit.leg >= visit.leg);
    let gone_on =
        queue.outbound.keys().any(|(ticket, leg)| *ticket == visit.ticket && *leg > visit.leg);
    let passed = queue.passed.get(&visit.ticket).is_some_and(|passed| passed.leg > visit.leg);
    if here || gone_on || passed {
        return Vec::new();
    }
    vec![Event::Admitted {
        visit: std::sync::Arc::new(visit.clone()),
        arrived_at: arrival.arrived_at,
        from: arrival.from,
        place: place(queue, arrival.placement),
        tags: arrival.tags.clone(),
    }]
}

fn place(queue: &Queue, placement: Placement) -> Place {
    match placement {
        Placement::Keep => Place::InOrder,
        Placement::First => first(queue),
        Placement::Behind(people) => queue.line.behind(people),
    }
}

/// After everybody placed first before, also those who are offered to an agent just now.
fn first(queue: &Queue) -> Place {
    let in_line = queue.line.first();
    if queue.tally.offered == 0 {
        return in_line;
    }
    let offered =
        queue.tickets.values().filter(|ticket| matches!(ticket.stage, Stage::Offered { .. }));
    let after =
        offered.filter_map(|ticket| seq_of(Queue::place_of(&ticket.stage))).map(|seq| seq + 1);
    after.chain(seq_of(in_line)).max().map_or(in_line, |seq| Place::First { seq })
}

const fn seq_of(place: Place) -> Option<u64> {
    match place {
        Place::First { seq } => Some(seq),
        Place::InOrder | Place::Behind { .. } => None,
    }
}

pub(super) fn confirm(queue: &Queue, ticket: TicketId, leg: u16) -> Vec<Event> {
    if !queue.outbound.contains_key(&(ticket, leg)) {
        return Vec::new();
    }
    vec![Event::HandoverConfirmed { ticket, leg }]
}
