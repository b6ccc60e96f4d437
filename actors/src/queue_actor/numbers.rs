//! What a queue learns from its own events: what was measured, and how long people will wait.
//!
//! Kept in snapshots and moved on by every event, so that a restart forgets nothing.
//! Invariant: events that are read back teach exactly what they taught when they happened.

mod live;

use domain::{
    AgentId, Estimate, Estimator, Event, Happened, Live, Secs, Staff, Ticket, TicketId, Timestamp,
    apply,
};
use serde::{Deserialize, Serialize};

use super::Life;
use super::message::Seen;

/// The figures of one queue, as a snapshot keeps them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Numbers {
    pub(super) estimator: Estimator,
    live: Live,
}

impl Numbers {
    /// Before anything was measured.
    pub(super) fn expecting(service: Secs) -> Self {
        Self { estimator: Estimator::expecting(service), live: Live::default() }
    }
}

impl Life {
    /// One event into the state and into the figures. Gives the ticket as it was before.
    pub(super) fn step(&mut self, happened: &Happened) -> Option<Ticket> {
        let earlier = happened.event.ticket().and_then(|id| self.queue.ticket(id)).cloned();
        self.numbers.measure(&self.queue, earlier.as_ref(), happened);
        apply(&mut self.queue, happened);
        self.numbers.estimator.learn(&mut self.queue, earlier.as_ref(), happened);
        earlier
    }

    /// The agents as this queue knows them, if `event` is one that estimates learn from.
    pub(super) fn staff_at(&self, event: &Event) -> Option<Staff> {
        let calling = if let Event::Called { call, .. } = event { Some(call.agent) } else { None };
        event.is_noted_with_staff().then(|| self.staff(calling))
    }

    /// Whoever is `calling` has somebody in hand from now on.
    fn staff(&self, calling: Option<AgentId>) -> Staff {
        let mut staff = Staff::default();
        for (agent, seen) in &self.agents {
            let in_hand = Some(*agent) == calling || self.queue.in_hand_of(*agent).is_some();
            let (on_duty, idle) = match seen.presence {
                Seen::Idle { .. } => (1, u16::from(!in_hand)),
                Seen::Busy => (1, 0),
                Seen::OnBreak => (0, 0),
            };
            staff.on_duty = staff.on_duty.saturating_add(on_duty);
            staff.idle = staff.idle.saturating_add(idle);
        }
        staff
    }

    /// The wait to come of a ticket in line.
    pub(super) fn estimate_of(&self, ticket: TicketId, now: Timestamp) -> Option<Estimate> {
        self.numbers.estimator.estimate(&self.queue, ticket, self.staff(None), now)
    }

    /// The wait of somebody who would join now.
    pub(super) fn estimate_newcomer(&self, now: Timestamp) -> Option<Estimate> {
        self.numbers.estimator.estimate_newcomer(&self.queue, self.staff(None), now)
    }
}
