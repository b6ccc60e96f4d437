//! Sockets: who listens to what, and what displays acknowledge.
//!
//! Each topic has one publishing actor; subscribing goes through it, so that a snapshot comes at the right moment.
//! Invariant: a subscription reaches only topics of this tenant.

use domain::{Announcement, Command, TicketId};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::Tenant;
use crate::agent_actor::AgentMessage;
use crate::ask::{Ask, AskError};
use crate::queue_actor::{Execute, QueueMessage};
use crate::tenant_actor::TenantMessage;
use crate::topic_hub::{Position, Subscriber, SubscriberId, Topic};

impl Tenant {
    /// Attaches the subscriber: missed frames or a snapshot, then live, all through its outbox.
    ///
    /// # Errors
    /// `NotFound` for a topic whose subject does not exist or has ended.
    pub async fn subscribe(
        &self,
        topic: Topic,
        subscriber: Subscriber,
        since: Option<Position>,
    ) -> Result<(), AskError> {
        self.awake()?;
        match topic {
            Topic::Queue(queue) | Topic::StatsQueue(queue) => {
                let message =
                    |reply_to| QueueMessage::Subscribe { topic, subscriber, since, reply_to };
                self.ask_queue(queue, message).await?
            }
            Topic::Ticket(ticket) => {
                let queue = self.live_home_of(ticket).await?.ok_or(AskError::NotFound)?;
                let message =
                    |reply_to| QueueMessage::Subscribe { topic, subscriber, since, reply_to };
                self.ask_queue(queue, message).await?
            }
            Topic::Agent(agent) => {
                self.ask_agent(agent, |reply_to| AgentMessage::Subscribe {
                    subscriber,
                    since,
                    reply_to,
                })
                .await?
            }
            Topic::Site(_)
            | Topic::StatsSite(_)
            | Topic::StatsTenant
            | Topic::Alerts
            | Topic::Devices => {
                let (reply_to, answer) = oneshot::channel();
                self.world.tell_tenant(TenantMessage::Subscribe {
                    topic,
                    subscriber,
                    since,
                    reply_to,
                });
                self.wait(answer).await?
            }
        }
    }

    pub fn unsubscribe(&self, topic: Topic, subscriber: SubscriberId) {
        self.world.world.hub.detach(self.world.id, topic, subscriber);
    }

    /// A display has shown or spoken the call in frame `seq` of a topic. Too late for a call that is over, or for a
    /// frame no longer remembered, it is without effect.
    ///
    /// # Errors
    /// While the program is stopping.
    pub async fn acknowledge(
        &self,
        topic: Topic,
        seq: u64,
        what: Announcement,
        ask: Ask,
    ) -> Result<(), AskError> {
        self.awake()?;
        let frame = self.world.world.hub.remembered(self.world.id, topic, seq);
        let ticket = frame.and_then(|frame| ticket_in(frame.data()));
        let home = ticket.and_then(|ticket| Some((ticket, self.queue_of(ticket)?)));
        if let Some((ticket, queue)) = home {
            let execute = Execute::of(Command::Announced { ticket, what }, ask);
            self.world.tell_queue(queue, QueueMessage::Execute(Box::new(execute)));
        }
        Ok(())
    }
}

/// The ticket that a frame is about.
fn ticket_in(data: &str) -> Option<TicketId> {
    #[derive(serde::Deserialize)]
    struct About {
        ticket: Subject,
    }
    #[derive(serde::Deserialize)]
    struct Subject {
        id: Uuid,
    }
    serde_json::from_str::<About>(data).ok().map(|about| TicketId(about.ticket.id))
}
