//! The journal of a queue, folded once more from its first event.
//!
//! It uses no snapshot and no read model, so it can contradict both.
//! Invariant: the events were verified by the store: none is missing, changed or out of order.

use std::collections::HashMap;

use anyhow::Context;
use domain::{Event, Happened, Queue, QueueId, State, TenantId, TicketId, apply};
use persistence::{Store, StoredEvent, entry};

/// What the journal says of each ticket that is in it.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// The state of each ticket after its last event.
    pub(super) states: HashMap<TicketId, &'static str>,
    /// Tickets issued more than once.
    pub(super) issued_again: Vec<TicketId>,
}

impl Folded {
    /// # Errors
    /// When the journal was damaged or holds an event of an unknown form.
    pub(super) async fn read(
        store: &dyn Store,
        tenant: TenantId,
        queue: QueueId,
    ) -> anyhow::Result<Self> {
        let events = store.load_all_events(tenant, queue.into()).await?;
        let mut folded = Self::default();
        let mut events = events.iter();
        let Some(first) = events.next() else { return Ok(folded) };
        let Event::Configured(config) = happened(first)?.event else {
            anyhow::bail!("the journal of queue {queue} does not begin with its configuration");
        };
        let mut queue = Queue::new(*config);
        for stored in events {
            folded.take(&mut queue, &happened(stored)?);
        }
        Ok(folded)
    }

    fn take(&mut self, queue: &mut Queue, happened: &Happened) {
        apply(queue, happened);
        let Some(ticket) = happened.event.ticket() else { return };
        // A queue forgets those who left, and the event says how they did.
        let ended = happened.event.outcome().map(|outcome| State::from(outcome).as_str());
        let Some(state) = ended.or_else(|| queue.ticket(ticket).map(|now| now.state().as_str()))
        else {
            return;
        };
        let before = self.states.insert(ticket, state);
        if matches!(happened.event, Event::Issued { .. }) && before.is_some() {
            self.issued_again.push(ticket);
        }
    }
}

fn happened(stored: &StoredEvent) -> anyhow::Result<Happened> {
    let event = entry::read_queue_event(&stored.kind, stored.format, &stored.payload)
        .with_context(|| {
            format!("event {} of stream {} cannot be read", stored.version, stored.stream)
        })?;
    Ok(Happened::new(stored.at, event))
}
