//! Rows of the read model: the journal's own, the ticket as it stands, the leg when it ends.
//!
//! A row is computed after the event was applied; the leg of a transferred ticket from what it was before.
//! Invariant: rows hold no name, phone number or note.

use std::borrow::Cow;
use std::sync::Arc;

use domain::{Event, Happened, Reason, Secs, Ticket, Timestamp};
use persistence::{LegRow, NewEvent, TicketRow};

use super::Projection;
use super::view::{channel, ended_at};
use crate::queue_actor::Life;

impl Life {
    pub(super) fn rows(
        &self,
        earlier: Option<&Ticket>,
        later: Option<&Ticket>,
        happened: &Happened,
        out: &mut Projection,
    ) {
        out.rows.events.push(self.event_row(happened, out));
        match later.filter(|_| changes_ticket(&happened.event)) {
            Some(ticket) if matches!(happened.event, Event::Issued { .. }) => {
                out.rows.issued.push(self.ticket_row(ticket));
            }
            Some(ticket) => self.push_ticket(ticket, out),
            None => {}
        }
        if let (Event::Transferred { outbound, .. }, Some(ticket)) = (&happened.event, earlier) {
            out.rows.tickets.push(self.row_on_the_way(ticket, outbound));
        }
        let outcome = happened.event.outcome().map(|outcome| domain::State::from(outcome).as_str());
        let transferred =
            matches!(happened.event, Event::Transferred { .. }).then_some("transferred");
        if let (Some(outcome), Some(ticket)) = (outcome.or(transferred), later.or(earlier)) {
            out.rows.legs.push(self.leg_row(ticket, outcome, happened.at));
        }
    }

    /// The latest row of a ticket in a batch is enough.
    fn push_ticket(&self, ticket: &Ticket, out: &mut Projection) {
        let row = self.ticket_row(ticket);
        match out.rows.tickets.last_mut() {
            Some(last) if last.ticket == row.ticket => *last = row,
            Some(_) | None => out.rows.tickets.push(row),
        }
    }

    fn event_row(&self, happened: &Happened, out: &Projection) -> NewEvent {
        let stored = persistence::entry::store_queue_fact(happened);
        NewEvent {
            tenant: self.tenant.id,
            stream: self.stream(),
            version: self.version,
            kind: stored.kind,
            format: stored.format,
            at: happened.at,
            actor: Arc::clone(&out.actor),
            cause: out.cause.clone(),
            payload: stored.payload,
        }
    }

    fn ticket_row(&self, ticket: &Ticket) -> TicketRow {
        let visit = &ticket.visit;
        TicketRow {
            tenant: self.tenant.id,
            ticket: visit.ticket,
            queue: self.id,
            site: self.queue.config().site,
            service: visit.service,
            customer: visit.customer,
            agent: ticket.call().map(|call| call.agent),
            counter: ticket.call().map(|call| call.counter),
            number: visit.number.to_string(),
            class: Arc::clone(&visit.class.0),
            channel: Cow::Borrowed(channel(visit.channel)),
            language: visit.language.clone(),
            state: Cow::Borrowed(ticket.state().as_str()),
            outcome: ticket.outcomes.first().cloned().map(Cow::Owned),
            leg: visit.leg,
            calls: ticket.calls_total,
            requeues: u16::from(ticket.requeues),
            issued_at: visit.issued_at,
            arrived_at: ticket.arrived_at,
            first_called_at: ticket.first_called_at,
            last_called_at: ticket.last_called_at,
            started_at: ticket.started_at,
            ended_at: ended_at(ticket),
            held: ticket.held_total,
            version: self.version,
            tags: tags(&ticket.tags),
        }
    }

    /// Between two queues: waiting in the next one, as of before its first event there.
    fn row_on_the_way(&self, ticket: &Ticket, outbound: &domain::Outbound) -> TicketRow {
        TicketRow {
            queue: outbound.to,
            service: outbound.visit.service,
            agent: None,
            counter: None,
            state: Cow::Borrowed(domain::State::Waiting.as_str()),
            leg: outbound.visit.leg,
            calls: 0,
            first_called_at: None,
            last_called_at: None,
            started_at: None,
            held: Secs(0),
            version: 0,
            ..self.ticket_row(ticket)
        }
    }

    fn leg_row(&self, ticket: &Ticket, outcome: &'static str, at: Timestamp) -> LegRow {
        let visit = &ticket.visit;
        let reason = self.leg_reason(ticket);
        LegRow {
            tenant: self.tenant.id,
            ticket: visit.ticket,
            leg: visit.leg,
            queue: self.id,
            site: self.queue.config().site,
            service: visit.service,
            agent: self.leg_agent(ticket),
            class: Arc::clone(&visit.class.0),
            channel: Cow::Borrowed(channel(visit.channel)),
            outcome: Cow::Borrowed(outcome),
            arrived_at: ticket.arrived_at,
            first_called_at: ticket.first_called_at,
            last_called_at: ticket.last_called_at,
            started_at: ticket.started_at,
            ended_at: at,
            held: ticket.held_total,
            wait: ticket
                .first_called_at
                .zip(ticket.arrived_at)
                .map(|(called, arrived)| called.since(arrived)),
            walk: ticket
                .started_at
                .zip(ticket.last_called_at)
                .map(|(started, called)| started.since(called)),
            service_time: ticket
                .started_at
                .map(|started| less(at.since(started), ticket.held_total)),
            stay: at.since(visit.issued_at),
            out_of_order: matches!(reason, Some(Reason::OutOfOrder { .. })),
            reason: reason.and_then(|reason| serde_json::to_string(&reason).ok()),
        }
    }

    /// The reason of the call in force, or of the last one before the ticket ended.
    fn leg_reason(&self, ticket: &Ticket) -> Option<Reason> {
        ticket.last_call.as_ref().map(|call| call.reason.clone())
    }

    fn leg_agent(&self, ticket: &Ticket) -> Option<domain::AgentId> {
        ticket.last_call.as_ref().map(|call| call.agent)
    }
}

/// Tags as a JSON array, without work for the usual empty list.
fn tags(tags: &[String]) -> String {
    if tags.is_empty() { "[]".to_owned() } else { serde_json::to_string(tags).unwrap_or_default() }
}

const fn less(whole: Secs, part: Secs) -> Secs {
    Secs(whole.0.saturating_sub(part.0))
}

/// False for what leaves no trace in the ticket's row.
const fn changes_ticket(event: &Event) -> bool {
    !matches!(event, Event::Noted { .. } | Event::Announced { .. })
}
