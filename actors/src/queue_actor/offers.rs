//! Push dispatch: the next ticket is offered to the agent who has been idle longest and can serve it.
//!
//! An offer is unannounced and unjournaled; the ticket keeps its place. It falls when it is rejected, when it
//! times out, or when the ticket leaves; then the next agent is asked.
//! Invariant: an agent has at most one offer of this queue, a ticket at most one offer.

use domain::{
    AgentId, Command, Event, Happened, OfferId, Secs, Stage, TicketId, Timestamp, decide,
};

use super::Life;
use super::effects::Effect;
use super::message::{AgentSeen, Seen};
use crate::views::{At, OfferView};

/// An agent whose actor died does not answer: its offer falls this long after its time.
const GRACE: Secs = Secs(5);

/// An offer as this queue remembers it.
pub(super) struct Standing {
    ticket: TicketId,
    agent: AgentId,
    /// When it falls by itself, should its agent never answer.
    pub(super) falls_at: Timestamp,
}

impl Life {
    pub(super) fn agent_seen(&mut self, (agent, seen): (AgentId, Option<AgentSeen>)) {
        match seen {
            Some(seen) => drop(self.agents.insert(agent, seen)),
            None => drop(self.agents.remove(&agent)),
        }
        self.offer_waiting();
        self.waits_moved();
        self.stats_changed();
        self.schedule();
    }

    /// Offers waiting tickets to idle agents, the longest idle first.
    pub(super) fn offer_waiting(&mut self) {
        if self.queue.line().is_empty() || self.agents.values().all(|seen| seen.push.is_none()) {
            return;
        }
        let mut idle: Vec<(Timestamp, AgentId)> =
            self.agents.iter().filter_map(|(id, seen)| idle_since(*id, seen)).collect();
        idle.sort_unstable();
        for (_, agent) in idle {
            self.offer_to(agent);
        }
    }

    fn offer_to(&mut self, agent: AgentId) {
        let now = self.now();
        let Some(seen) = self.agents.get_mut(&agent) else { return };
        let Some(caller) = seen.push.clone() else { return };
        let expires_at = now.after(seen.offer_timeout);
        let id = OfferId(self.tenant.world.clock.new_id());
        let Ok(events) = decide(&self.queue, &Command::Offer { caller, offer: id }, now) else {
            return;
        };
        // Until the agent is seen idle again it is asked nothing more.
        seen.presence = Seen::Busy;
        for event in events {
            if let Event::Offered { ticket, offer } = &event {
                let view = self.offer_view(*ticket, offer, expires_at);
                let falls_at = expires_at.after(GRACE);
                self.offers.insert(id, Standing { ticket: *ticket, agent, falls_at });
                domain::apply(&mut self.queue, &Happened::new(now, event.clone()));
                self.announce_offer(agent, view);
            }
        }
    }

    fn offer_view(
        &self,
        ticket: TicketId,
        offer: &domain::Offer,
        expires_at: Timestamp,
    ) -> OfferView {
        let visit = self.queue.ticket(ticket).map(|ticket| &ticket.visit);
        OfferView {
            id: offer.id.0,
            queue_id: self.id.0,
            ticket_id: ticket.0,
            number: visit.map(|visit| visit.number.to_string()).unwrap_or_default(),
            class: visit.map(|visit| visit.class.to_string()).unwrap_or_default(),
            reason: (&offer.reason).into(),
            expires_at: At(expires_at),
        }
    }

    fn announce_offer(&self, agent: AgentId, view: OfferView) {
        let (tenant, queue) = (std::sync::Arc::clone(&self.tenant), self.id);
        let offer = Box::new(view);
        self.when_durable(move || Effect::Offer { agent, offer }.take_place(&tenant, queue));
    }

    /// Withdraws offers that nobody answered for.
    pub(super) fn drop_stale_offers(&mut self) {
        let now = self.now();
        let overdue = self.offers.iter().filter(|(_, standing)| standing.falls_at <= now);
        let overdue: Vec<(OfferId, TicketId)> =
            overdue.map(|(id, standing)| (*id, standing.ticket)).collect();
        for (offer, ticket) in overdue {
            self.execute_own(Command::WithdrawOffer { offer, ticket });
        }
        self.forget_fallen_offers();
    }

    /// Forgets the offers under which no ticket stands any more, and tells their agents.
    pub(super) fn forget_fallen_offers(&mut self) {
        if self.offers.is_empty() {
            return;
        }
        let queue = &self.queue;
        let fallen = self.offers.extract_if(|id, standing| !stands(queue, *id, standing.ticket));
        let fallen: Vec<(OfferId, AgentId)> =
            fallen.map(|(id, standing)| (id, standing.agent)).collect();
        for (offer, agent) in fallen {
            Effect::OfferFell { agent, offer }.take_place(&self.tenant, self.id);
        }
    }
}

fn stands(queue: &domain::Queue, offer: OfferId, ticket: TicketId) -> bool {
    match queue.ticket(ticket).map(|ticket| &ticket.stage) {
        Some(Stage::Offered { offer: standing, .. }) => standing.id == offer,
        Some(
            Stage::Remote
            | Stage::Waiting { .. }
            | Stage::Called(_)
            | Stage::Serving { .. }
            | Stage::Held { .. }
            | Stage::Ended { .. },
        )
        | None => false,
    }
}

fn idle_since(agent: AgentId, seen: &AgentSeen) -> Option<(Timestamp, AgentId)> {
    match seen.presence {
        Seen::Idle { since } if seen.push.is_some() => Some((since, agent)),
        Seen::Idle { .. } | Seen::Busy | Seen::OnBreak => None,
    }
}
