//! Stopping a tenant: agents first, then queues, then the tenant actor; each with everything it was told.
//!
//! A child finishes its mailbox, writes a last snapshot and is stopped when that is durable.
//! Invariant: no supervisor is stopped before its children, for ractor would kill them.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::State;
use crate::agent_actor::AgentMessage;
use crate::counts::ActorKind;
use crate::queue_actor::QueueMessage;

/// A child that does not answer by then is stopped as it is; its journal has everything.
const LAST_WORDS: Duration = Duration::from_secs(5);

impl State {
    pub(super) async fn stop(&mut self) {
        self.stopping = true;
        let agents: Vec<_> = self.tenant.agents.iter().map(|agent| agent.clone()).collect();
        let mut answers = Vec::new();
        for agent in &agents {
            let (reply_to, done) = oneshot::channel();
            self.tenant.world.counts.sent(ActorKind::Agent);
            if agent.cast(AgentMessage::Snapshot { reply_to }).is_ok() {
                answers.push(done);
            }
        }
        all(answers).await;
        agents.iter().for_each(|agent| agent.stop(None));
        self.stop_queues().await;
        self.myself.get_cell().drain_children_and_wait(Some(LAST_WORDS)).await;
    }

    async fn stop_queues(&self) {
        let queues: Vec<_> =
            self.tenant.queues.iter().filter_map(|slot| slot.actor.clone()).collect();
        let mut answers = Vec::new();
        for queue in &queues {
            let (reply_to, done) = oneshot::channel();
            self.tenant.world.counts.sent(ActorKind::Queue);
            if queue.cast(QueueMessage::Snapshot { reply_to }).is_ok() {
                answers.push(done);
            }
        }
        all(answers).await;
        queues.iter().for_each(|queue| queue.stop(None));
    }
}

async fn all(answers: Vec<oneshot::Receiver<()>>) {
    for answer in answers {
        // Silent children are stopped as they are.
        let _ = timeout(LAST_WORDS, answer).await;
    }
}
