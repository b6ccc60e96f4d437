//! The range that each waiting person was last told, and the word to them when another must be told.
//!
//! Ranges move with every call and with every counter that opens or shuts; whoever follows a ticket hears of it, at most
//! once a second and only when what is shown changes. Invariant: what is told here is in no journal: after a restart
//! everybody is simply told anew.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{Estimate, Happened, REFRESHED_MAX, Shown, Stage, TicketId, Timestamp};
use serde_json::{Value, json};

use super::Life;
use super::effects::Effect;
use crate::topic_hub::{EventFrame, Topic};
use crate::views::EstimateView;

/// What was told to whom, and whether it may have changed since.
#[derive(Default)]
pub(super) struct Told {
    ranges: HashMap<TicketId, Shown>,
    moved: bool,
}

impl Life {
    /// A call was made, or a counter opened or shut: everybody in line may have to be told anew.
    pub(super) const fn waits_moved(&mut self) {
        self.told.moved = true;
    }

    /// Keeps in step with an event that was applied.
    pub(super) fn waits_after(&mut self, happened: &Happened) {
        if matches!(happened.event, domain::Event::Called { .. }) {
            self.waits_moved();
        }
        let Some(id) = happened.event.ticket() else { return };
        let stage = self.queue.ticket(id).map(|ticket| &ticket.stage);
        if !matches!(stage, Some(Stage::Waiting { .. } | Stage::Offered { .. })) {
            self.told.ranges.remove(&id);
        }
    }

    /// The wait to come of a ticket in line, as it is shown.
    pub(super) fn wait_shown(&self, ticket: TicketId, now: Timestamp) -> Option<EstimateView> {
        let estimate = self.estimate_of(ticket, now)?;
        Some(EstimateView::shown_as(&estimate, self.shown(ticket, &estimate)))
    }

    fn shown(&self, ticket: TicketId, estimate: &Estimate) -> Shown {
        let told = self.told.ranges.get(&ticket);
        told.map_or_else(|| estimate.into(), |told| told.after(estimate))
    }

    /// Remembers what somebody who has just joined is told.
    pub(super) fn tell_wait(&mut self, ticket: TicketId, now: Timestamp) {
        if let Some(estimate) = self.estimate_of(ticket, now) {
            let shown = self.shown(ticket, &estimate);
            self.told.ranges.insert(ticket, shown);
        }
    }

    /// Tells the first in line who are followed by somebody, where the range has changed.
    pub(super) fn tell_waits(&mut self) {
        if !std::mem::take(&mut self.told.moved) {
            return;
        }
        let (hub, now) = (&self.tenant.world.hub, self.now());
        let first = self.queue.line().oldest_tickets().take(REFRESHED_MAX);
        let followed: Vec<TicketId> =
            first.filter(|ticket| hub.is_wanted(self.tenant.id, Topic::Ticket(*ticket))).collect();
        for ticket in followed {
            let estimate = self.estimate_of(ticket, now);
            let shown = estimate.map(|estimate| self.shown(ticket, &estimate));
            let before = match shown {
                Some(shown) => self.told.ranges.insert(ticket, shown),
                None => self.told.ranges.remove(&ticket),
            };
            if before != shown {
                self.publish_wait(ticket, estimate.zip(shown), now);
            }
        }
    }

    fn publish_wait(&self, ticket: TicketId, wait: Option<(Estimate, Shown)>, now: Timestamp) {
        let view = wait.map(|(estimate, shown)| EstimateView::shown_as(&estimate, shown));
        let Some(data) = self.wait_data(ticket, view, now) else { return };
        let (topic, frame) =
            (Topic::Ticket(ticket), EventFrame::new("ticket.eta_changed", now, data));
        let (tenant, id) = (Arc::clone(&self.tenant), self.id);
        self.when_durable(move || Effect::Publish { topic, frame }.take_place(&tenant, id));
    }

    fn wait_data(
        &self,
        ticket: TicketId,
        estimate: Option<EstimateView>,
        now: Timestamp,
    ) -> Option<Value> {
        let held = self.queue.ticket(ticket)?;
        let ahead = self.queue.ahead_of(ticket, now)?;
        Some(json!({
            "ticket": self.board_ticket(held),
            "state": held.state().as_str(),
            "position": ahead + 1,
            "ahead": ahead,
            "estimate": estimate,
        }))
    }
}
