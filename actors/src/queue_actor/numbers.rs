//! What a queue learns from its own events: how long people will wait.
//!
//! Kept in snapshots and moved on by every event, so that a restart forgets nothing.
//! Invariant: events that are read back teach exactly what they taught when they happened.

mod live;

use domain::{Event, Happened, Live, Pace, Queue, Secs, Ticket, apply};
use serde::{Deserialize, Serialize};

use super::Life;

/// The figures of one queue, as a snapshot keeps them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Numbers {
    pub(super) pace: Pace,
    live: Live,
}

impl Numbers {
    /// Before anything was measured.
    pub(super) fn expecting(service: Secs) -> Self {
        Self { pace: Pace::expecting(service), live: Live::default() }
    }

    /// Learns from an event that is about to be applied to `queue`; `ticket` is its ticket as it stands before.
    fn before(&mut self, queue: &Queue, ticket: Option<&Ticket>, happened: &Happened) {
        self.measure(queue, ticket, happened);
        if let (Event::Served { .. } | Event::Transferred { .. }, Some(ticket)) =
            (&happened.event, ticket)
            && let Some(started) = ticket.started_at
        {
            let service = happened.at.since(started).0.saturating_sub(ticket.held_total.0);
            self.pace.record(Secs(service));
        }
    }
}

impl Life {
    /// One event into the state and into the figures. Gives the ticket as it was before.
    pub(super) fn step(&mut self, happened: &Happened) -> Option<Ticket> {
        let earlier = happened.event.ticket().and_then(|id| self.queue.ticket(id)).cloned();
        self.numbers.before(&self.queue, earlier.as_ref(), happened);
        apply(&mut self.queue, happened);
        earlier
    }
}
