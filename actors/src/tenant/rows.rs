//! Views made from rows of the read model: ended tickets and lists.
//!
//! Positions and estimates belong to live tickets and are left out.
//! Invariant: a row and the live ticket it was written from show the same facts.

use persistence::TicketRow;

use crate::resources::Directory;
use crate::views::{Announced, At, CounterRef, TicketView};

/// The ticket as its row tells it.
pub(super) fn row_view(row: &TicketRow, directory: &Directory) -> TicketView {
    TicketView {
        id: row.ticket.0,
        version: None,
        number: row.number.clone(),
        state: known_state(&row.state),
        class: row.class.to_string(),
        queue_id: row.queue.0,
        service_id: row.service.0,
        site_id: row.site.0,
        customer_id: row.customer.map(|customer| customer.0),
        counter: row.counter.map(|id| CounterRef {
            id: id.0,
            name: directory
                .counter(id)
                .map(|counter| counter.body.name.clone())
                .unwrap_or_default(),
        }),
        agent_id: row.agent.map(|agent| agent.0),
        channel: row.channel.to_string(),
        language: row.language.as_deref().map(str::to_owned),
        leg: row.leg,
        calls: row.calls,
        requeues: u8::try_from(row.requeues).unwrap_or(u8::MAX),
        reason: None,
        position: None,
        ahead: None,
        estimate: None,
        issued_at: At(row.issued_at),
        arrived_at: row.arrived_at.map(At),
        first_called_at: row.first_called_at.map(At),
        last_called_at: row.last_called_at.map(At),
        started_at: row.started_at.map(At),
        ended_at: row.ended_at.map(At),
        held_seconds: row.held.0,
        announced: Announced::default(),
        tags: serde_json::from_str(&row.tags).unwrap_or_default(),
        outcomes: row.outcome.as_ref().map(ToString::to_string).into_iter().collect(),
        legs: Vec::new(),
    }
}

/// A word that a newer program wrote is shown as expired rather than as something live.
fn known_state(word: &str) -> &'static str {
    let state = domain::State::ALL.into_iter().find(|state| state.as_str() == word);
    state.unwrap_or(domain::State::Expired).as_str()
}
