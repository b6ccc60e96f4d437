//! Views of tickets, made from live state.
//!
//! Names of counters and services come from the directory as it is now.
//! Invariant: a position is shown only while the ticket waits.

use std::sync::Arc;

use domain::{Call, Channel, CounterId, Outbound, Stage, State, Ticket, Timestamp};

use crate::queue_actor::Life;
use crate::resources::Directory;
use crate::views::{Announced, At, BoardTicket, CallView, CounterRef, ReasonView, TicketView};

impl Life {
    fn directory(&self) -> Arc<Directory> {
        self.tenant.directory()
    }

    pub(in crate::queue_actor) fn board_ticket(&self, ticket: &Ticket) -> BoardTicket {
        let service =
            self.directory().service(ticket.visit.service).map(|service| service.body.slug.clone());
        BoardTicket {
            id: ticket.id().0,
            number: ticket.visit.number.to_string(),
            class: ticket.visit.class.to_string(),
            queue_id: self.id.0,
            service: service.unwrap_or_default(),
            language: ticket.visit.language.as_deref().map(str::to_owned),
        }
    }

    fn counter(&self, id: CounterId) -> CounterRef {
        let name = self.directory().counter(id).map(|counter| counter.body.name.clone());
        CounterRef { id: id.0, name: name.unwrap_or_default() }
    }
}

pub(in crate::queue_actor) fn call_view(life: &Life, ticket: &Ticket, call: &Call) -> CallView {
    CallView {
        ticket: life.board_ticket(ticket),
        counter: life.counter(call.counter).name,
        agent_id: call.agent.0,
        calls: call.calls,
        reason: (&call.reason).into(),
        called_at: At(call.at),
    }
}

/// The ticket as the API shows it at `now`.
pub(crate) fn ticket_view(life: &Life, ticket: &Ticket, now: Timestamp) -> TicketView {
    let visit = &ticket.visit;
    let call = ticket.call();
    let ahead = life.queue.ahead_of(visit.ticket, now);
    let wait = ahead.and_then(|_| life.wait_shown(visit.ticket, now));
    let as_u32 = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    TicketView {
        id: visit.ticket.0,
        version: Some(ticket.version()),
        number: visit.number.to_string(),
        state: ticket.state().as_str(),
        class: visit.class.to_string(),
        queue_id: life.id.0,
        service_id: visit.service.0,
        site_id: life.queue.config().site.0,
        customer_id: visit.customer.map(|customer| customer.0),
        counter: call.map(|call| life.counter(call.counter)),
        agent_id: call.map(|call| call.agent.0),
        channel: channel(visit.channel).to_owned(),
        language: visit.language.as_deref().map(str::to_owned),
        leg: visit.leg,
        calls: call.map_or(0, |call| u16::from(call.calls)),
        requeues: ticket.requeues,
        reason: call.map(|call| (&call.reason).into()),
        position: ahead.map(|ahead| as_u32(ahead + 1)),
        ahead: ahead.map(as_u32),
        estimate: wait,
        issued_at: At(visit.issued_at),
        arrived_at: ticket.arrived_at.map(At),
        first_called_at: ticket.first_called_at.map(At),
        last_called_at: ticket.last_called_at.map(At),
        started_at: ticket.started_at.map(At),
        ended_at: ended_at(ticket).map(At),
        held_seconds: ticket.held_total.0,
        announced: Announced { shown: ticket.shown, heard: ticket.heard },
        tags: ticket.tags.clone(),
        outcomes: ticket.outcomes.clone(),
        legs: Vec::new(),
    }
}

/// A ticket that has just been transferred: waiting in the next queue, its place not known here.
pub(in crate::queue_actor) fn gone_on(
    life: &Life,
    ticket: &Ticket,
    leg: &Outbound,
    now: Timestamp,
) -> TicketView {
    TicketView {
        state: State::Waiting.as_str(),
        queue_id: leg.to.0,
        service_id: leg.visit.service.0,
        leg: leg.visit.leg,
        counter: None,
        agent_id: None,
        calls: 0,
        reason: None,
        first_called_at: None,
        last_called_at: None,
        started_at: None,
        held_seconds: 0,
        announced: Announced::default(),
        ..ticket_view(life, ticket, now)
    }
}

pub(super) fn ended_at(ticket: &Ticket) -> Option<Timestamp> {
    match ticket.stage {
        Stage::Ended { at, .. } => Some(at),
        Stage::Remote
        | Stage::Waiting { .. }
        | Stage::Offered { .. }
        | Stage::Called(_)
        | Stage::Serving { .. }
        | Stage::Held { .. } => None,
    }
}

pub(super) const fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Kiosk => "kiosk",
        Channel::Staff => "staff",
        Channel::Web => "web",
        Channel::Mobile => "mobile",
        Channel::Sms => "sms",
        Channel::Whatsapp => "whatsapp",
        Channel::Ussd => "ussd",
        Channel::Appointment => "appointment",
    }
}

impl From<&domain::Reason> for ReasonView {
    fn from(reason: &domain::Reason) -> Self {
        Self { code: reason.code().to_owned(), text: reason.text() }
    }
}
