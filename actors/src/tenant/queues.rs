//! Queues: how they stand, and opening, pausing and closing them.
//!
//! Views come from the queues themselves; a list asks all of them at once.
//! Invariant: a queue that is being restarted is left out of a list rather than shown stale.

use domain::{Command, QueueId};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{QueueChange, Tenant};
use crate::ask::{Ask, AskError};
use crate::queue_actor::{Execute, QueueMessage, Reply};
use crate::resources::QueueBody;
use crate::views::QueueView;

impl Tenant {
    /// One queue with the head of its line.
    ///
    /// # Errors
    /// `NotFound` for an unknown queue.
    pub async fn queue(&self, queue: QueueId) -> Result<QueueView, AskError> {
        self.ask_queue(queue, |reply_to| QueueMessage::View { head: true, reply_to }).await
    }

    /// All queues, or those of one site, without the heads of their lines.
    ///
    /// # Errors
    /// When a queue does not answer.
    pub async fn queues(&self, site: Option<Uuid>) -> Result<Vec<QueueView>, AskError> {
        let directory = self.directory();
        let wanted = directory
            .list::<QueueBody>()
            .filter(|queue| site.is_none_or(|site| queue.body.site_id == site));
        let mut asked = Vec::new();
        for queue in wanted {
            let (reply_to, answer) = oneshot::channel();
            self.world.tell_queue(QueueId(queue.id), QueueMessage::View { head: false, reply_to });
            asked.push(answer);
        }
        let mut views = Vec::with_capacity(asked.len());
        for answer in asked {
            views.extend(self.wait(answer).await.ok());
        }
        Ok(views)
    }

    /// Opens, pauses or closes a queue; asking for what already is changes nothing.
    ///
    /// # Errors
    /// `NotFound` for an unknown queue.
    pub async fn change_queue(
        &self,
        queue: QueueId,
        change: QueueChange,
        ask: Ask,
    ) -> Result<QueueView, AskError> {
        let command = match change {
            QueueChange::Open => Command::Open,
            QueueChange::Pause => Command::Pause,
            QueueChange::Close { waiting } => Command::Close { waiting },
        };
        let permits = self.permits(queue)?;
        // The view is no ticket's, so its reply is kept by the guard of its key.
        let ask = Ask { key: None, ..ask };
        let message = |port| {
            let reply_to = Reply::Queue(port);
            QueueMessage::Execute(Box::new(Execute {
                command,
                ask,
                private: None,
                reply_to,
                permits,
            }))
        };
        self.ask_queue(queue, message).await?
    }
}
