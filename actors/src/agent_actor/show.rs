//! The agent as their own app shows them, and the agent's topic.
//!
//! The ticket in hand is asked of its queue, which answers when what it tells is durable.
//! Invariant: this actor is the only publisher of its topic, so a snapshot and the frames after it fit.

use domain::{Dispatch, Presence, TicketId};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Life;
use super::message::AgentReply;
use crate::ask::{AskError, give};
use crate::queue_actor::QueueMessage;
use crate::topic_hub::{Attach, Position, Snapshot, Subscriber, Topic};
use crate::views::{AgentView, At, CounterRef, TicketView};

impl Life {
    pub(super) async fn show(&self, reply_to: AgentReply) {
        let view = self.view().await;
        self.when_durable(move || give(reply_to, Ok(view)));
    }

    pub(super) async fn subscribe(
        &self,
        subscriber: Subscriber,
        since: Option<Position>,
        reply_to: oneshot::Sender<Result<(), AskError>>,
    ) {
        let topic = Topic::Agent(self.id);
        let hub = self.tenant.world.hub.clone();
        let reset = match hub.attach(self.tenant.id, topic, &subscriber, since) {
            Attach::NeedsSnapshot { reset } => reset,
            Attach::Recovered(_) | Attach::Closed => return give(reply_to, Ok(())),
        };
        let data = serde_json::to_value(self.view().await).unwrap_or_default();
        let (tenant, at) = (self.tenant.id, self.now());
        self.when_durable(move || {
            // A subscriber that left meanwhile is simply not attached.
            let _ = hub.attach_with_snapshot(
                tenant,
                topic,
                &subscriber,
                Snapshot { at, reset, data, histograms: None },
            );
            give(reply_to, Ok(()));
        });
    }

    async fn view(&self) -> AgentView {
        let directory = self.tenant.directory();
        let profile = self.agent.profile();
        let presence = self.agent.presence();
        let counter = self.agent.counter();
        AgentView {
            id: self.id.0,
            name: directory.agent(self.id).map(|agent| agent.body.name.clone()).unwrap_or_default(),
            presence: presence.name(),
            reason: break_reason(presence),
            break_wanted: self.agent.memento().break_wanted.clone(),
            wrap_up_until: wrap_up_until(presence),
            available_since: available_since(presence),
            counter: counter.map(|id| CounterRef {
                id: id.0,
                name: directory
                    .counter(id)
                    .map(|counter| counter.body.name.clone())
                    .unwrap_or_default(),
            }),
            queues: profile.queues.iter().map(|queue| queue.0).collect(),
            skills: profile.skills.iter().map(str::to_owned).collect(),
            dispatch: match profile.dispatch {
                Dispatch::Pull => "pull",
                Dispatch::Push => "push",
            },
            ticket: self.ticket_in_hand().await,
            offer: self.offer.as_ref().map(|standing| standing.view.clone()),
        }
    }

    async fn ticket_in_hand(&self) -> Option<TicketView> {
        let hand = self.agent.in_hand()?;
        let (reply_to, answer) = oneshot::channel();
        self.tenant.tell_queue(
            hand.queue,
            QueueMessage::Ticket { ticket: TicketId(hand.ticket.0), reply_to },
        );
        timeout(self.tenant.world.settings.answer_timeout, answer).await.ok()?.ok()?
    }
}

fn break_reason(presence: &Presence) -> Option<String> {
    match presence {
        Presence::OnBreak { reason } => Some(reason.clone()),
        Presence::Offline
        | Presence::Available { .. }
        | Presence::Busy
        | Presence::WrapUp { .. } => None,
    }
}

fn wrap_up_until(presence: &Presence) -> Option<At> {
    match presence {
        Presence::WrapUp { until } => Some(At(*until)),
        Presence::Offline
        | Presence::Available { .. }
        | Presence::Busy
        | Presence::OnBreak { .. } => None,
    }
}

fn available_since(presence: &Presence) -> Option<At> {
    match presence {
        Presence::Available { since } => Some(At(*since)),
        Presence::Offline | Presence::WrapUp { .. } | Presence::Busy | Presence::OnBreak { .. } => {
            None
        }
    }
}
