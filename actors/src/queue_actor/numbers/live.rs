//! The live windows of a queue: moved on by every event, looked at whenever somebody asks.
//!
//! What is measured and how windows slide is the domain's; the zone is the one the queue is configured with.
//! Invariant: looking changes nothing, so figures are the same however often they were asked for.

use domain::{Happened, Measured, Queue, Ticket, Timestamp, Windows};

use super::Numbers;
use crate::queue_actor::Life;

impl Numbers {
    pub(super) fn measure(&mut self, queue: &Queue, ticket: Option<&Ticket>, happened: &Happened) {
        if let Some(measured) = Measured::of(queue, ticket, happened) {
            self.live.record(happened.at, &queue.config().zone, measured);
        }
    }
}

impl Life {
    pub(in crate::queue_actor) fn windows(&self) -> Windows {
        self.numbers.live.windows(self.now(), &self.queue.config().zone)
    }

    /// When the windows will next change by themselves.
    pub(in crate::queue_actor) fn windows_change_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.numbers.live.changes_at(now, &self.queue.config().zone)
    }
}
