//! For tests alone: actors told to die, a command that kills, and live state laid bare to be compared.
//!
//! Compiled with the feature `faults`, which only the tests ask for; the program is never shipped with it.
//! Invariant: what is laid bare is durable, and says which version of the stream it stands for.

use domain::{AgentId, AgentMemento, Command, Estimator, QueueId, QueueMemento};
use tokio::sync::oneshot;

use crate::agent_actor::AgentMessage;
use crate::queue_actor::QueueMessage;
use crate::tenant::Tenant;
use crate::tenant_actor::TenantMessage;

/// A tag that kills the actor which is about to put it on a ticket.
const DEADLY: &str = "deadly";

/// # Panics
/// When the command is the deadly one.
pub(crate) fn survive(command: &Command) {
    if let Command::Tag { tags, .. } = command {
        assert!(!tags.iter().any(|tag| tag == DEADLY), "killed by a test's command");
    }
}

impl Tenant {
    /// The queue's actor panics at its next message.
    pub fn kill_queue(&self, queue: QueueId) {
        self.world.tell_queue(queue, QueueMessage::Die);
    }

    /// The agent's actor panics at its next message.
    pub fn kill_agent(&self, agent: AgentId) {
        self.world.tell_agent(agent, AgentMessage::Die);
    }

    /// The tenant's own actor panics at its next message.
    pub fn kill_tenant_actor(&self) {
        self.world.tell_tenant(TenantMessage::Die);
    }

    /// The live state of a queue with what it has learnt, and the version of its stream; none while it cannot answer.
    pub async fn audit_queue(&self, queue: QueueId) -> Option<((QueueMemento, Estimator), u64)> {
        let (reply_to, answer) = oneshot::channel();
        self.world.tell_queue(queue, QueueMessage::Audit { reply_to });
        answer.await.ok().map(|(kept, learnt, version)| ((*kept, *learnt), version))
    }

    /// The live state of an agent and the version of its stream; none while it cannot answer.
    pub async fn audit_agent(&self, agent: AgentId) -> Option<(AgentMemento, u64)> {
        let (reply_to, answer) = oneshot::channel();
        self.world.tell_agent(agent, AgentMessage::Audit { reply_to });
        answer.await.ok().map(|(kept, version)| (*kept, version))
    }
}
