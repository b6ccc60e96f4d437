//! Offers: in push mode a ticket is held out to this agent for a short time.
//!
//! The agent accepts, rejects or lets it time out; too many missed ones in a row lead to a break.
//! Invariant: at most one offer stands; an offer that comes while another stands, or while busy, goes back at once.

use std::time::Duration;

use domain::{AgentCommand, Command, OfferId, Presence, QueueId, Refusal, State, TicketId};
use serde_json::json;
use tokio::sync::oneshot;

use super::Life;
use super::calling::queue_id;
use super::message::{AgentMessage, CallReply};
use crate::ask::{Ask, AskError, give};
use crate::queue_actor::{Execute, QueueMessage};
use crate::topic_hub::EventFrame;
use crate::views::OfferView;

/// The offer in front of the agent.
pub(super) struct Standing {
    pub(super) view: OfferView,
}

impl Standing {
    fn id(&self) -> OfferId {
        OfferId(self.view.id)
    }
}

impl Life {
    pub(super) async fn offered(&mut self, queue: QueueId, offer: OfferView) {
        if self.offer.is_some() || !matches!(self.agent.presence(), Presence::Available { .. }) {
            self.give_back(queue, &offer);
            return self.tell_queues();
        }
        let id = OfferId(offer.id);
        self.tenant.offers.insert(id, self.id);
        self.publish(EventFrame::new(
            "ticket.offered",
            self.now(),
            json!({
                "offer_id": offer.id, "ticket": &offer, "expires_at": offer.expires_at,
            }),
        ));
        self.offer = Some(Standing { view: offer });
        self.tell_queues();
        if self.agent.profile().auto_accept {
            // Nobody waits for this answer: the call itself tells the agent.
            let (nobody, _) = oneshot::channel();
            return self.accept(id, Ask::system(), nobody).await;
        }
        let pause = Duration::from_secs(u64::from(self.agent.profile().offer_timeout.0));
        drop(self.myself.send_after(pause, move || AgentMessage::OfferTimeout { offer: id }));
    }

    pub(super) async fn accept(&mut self, offer: OfferId, ask: Ask, reply_to: CallReply) {
        let Some(standing) = self.take(offer) else { return give(reply_to, Err(gone())) };
        let answer = match self.caller() {
            Ok(caller) => {
                let ticket = TicketId(standing.view.ticket_id);
                let command = Command::AcceptOffer { offer, ticket, caller };
                self.ask_queue(queue_id(standing.view.queue_id), command, ask).await
            }
            Err(error) => Err(error),
        };
        if answer.is_err() {
            self.give_back(queue_id(standing.view.queue_id), &standing.view);
        }
        self.after_call(answer, reply_to);
        self.tell_queues();
    }

    pub(super) fn reject(
        &mut self,
        offer: OfferId,
        reply_to: oneshot::Sender<Result<(), AskError>>,
    ) {
        let answer = match self.take(offer) {
            Some(standing) => {
                self.decline(&standing, "ticket.offer_rejected");
                Ok(())
            }
            None => Err(gone()),
        };
        give(reply_to, answer);
    }

    pub(super) fn offer_timed_out(&mut self, offer: OfferId) {
        let Some(standing) = self.take(offer) else { return };
        self.decline(&standing, "ticket.offer_timeout");
    }

    pub(super) fn offer_fell(&mut self, offer: OfferId) {
        if let Some(standing) = self.take(offer) {
            self.say("ticket.offer_withdrawn", &standing);
            self.tell_queues();
        }
    }

    /// The offer goes back; the agent is asked again only after those who have been idle longer.
    fn decline(&mut self, standing: &Standing, event: &'static str) {
        self.give_back(queue_id(standing.view.queue_id), &standing.view);
        self.say(event, standing);
        self.missed = self.missed.saturating_add(1);
        if self.missed >= self.agent.profile().offers_missed_max {
            self.missed = 0;
            self.do_own(&AgentCommand::TakeBreak { reason: "missed offers".to_owned() });
        }
        self.declined_at = Some(self.now());
        self.tell_queues();
    }

    fn say(&self, event: &'static str, standing: &Standing) {
        let data = json!({ "offer_id": standing.view.id, "ticket_id": standing.view.ticket_id });
        self.publish(EventFrame::new(event, self.now(), data));
    }

    fn give_back(&self, queue: QueueId, offer: &OfferView) {
        let command =
            Command::WithdrawOffer { offer: OfferId(offer.id), ticket: TicketId(offer.ticket_id) };
        self.tenant.tell_queue(
            queue,
            QueueMessage::Execute(Box::new(Execute::of(command, Ask::system()))),
        );
    }

    fn take(&mut self, offer: OfferId) -> Option<Standing> {
        let standing = self.offer.take_if(|standing| standing.id() == offer)?;
        self.tenant.offers.remove(&offer);
        Some(standing)
    }
}

fn gone() -> AskError {
    Refusal::InvalidTransition { from: State::Waiting, command: "accept_offer" }.into()
}
