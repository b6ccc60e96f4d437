//! Starting children, and keeping the registry in step with them.
//!
//! A child loads itself as its first message, so starting one does not wait for the disk.
//! Invariant: the children are those of the directory, once `follow` has returned.

use std::sync::Arc;

use domain::{AgentId, QueueId};
use ractor::{Actor, ActorProcessingErr};

use super::{Child, State};
use crate::agent_actor::{self, AgentActor};
use crate::counts::ActorKind;
use crate::queue_actor::{self, QueueActor, QueueMessage};
use crate::resources::{AgentBody, QueueBody};
use crate::tenant_actor::TenantActor;
use crate::world::QueueSlot;

impl State {
    /// True while this child should be alive.
    pub(super) fn is_wanted(&self, child: Child) -> bool {
        let directory = self.tenant.directory();
        match child {
            Child::Tenant => true,
            Child::Queue(id) => directory.queue(id).is_some(),
            Child::Agent(id) => directory.agent(id).is_some(),
        }
    }

    pub(super) async fn follow(&mut self) -> Result<(), ActorProcessingErr> {
        let directory = self.tenant.directory();
        let queues = directory.list::<QueueBody>().map(|queue| Child::Queue(QueueId(queue.id)));
        let agents = directory.list::<AgentBody>().map(|agent| Child::Agent(AgentId(agent.id)));
        let wanted: Vec<Child> = queues.chain(agents).collect();
        for child in wanted.iter().filter(|child| !self.has(**child)).copied().collect::<Vec<_>>() {
            self.start(child).await?;
        }
        self.end_unwanted();
        Ok(())
    }

    /// True while the child is alive, or dead and about to be started.
    fn has(&self, child: Child) -> bool {
        match child {
            Child::Tenant => true,
            Child::Queue(id) => self.tenant.queues.contains_key(&id),
            Child::Agent(id) => self.tenant.agents.contains_key(&id),
        }
    }

    pub(super) async fn start(&mut self, child: Child) -> Result<(), ActorProcessingErr> {
        let (tenant, supervisor) = (Arc::clone(&self.tenant), self.myself.get_cell());
        let id = match child {
            Child::Tenant => {
                let (actor, _) =
                    TenantActor::spawn_linked(None, TenantActor, tenant, supervisor).await?;
                let id = actor.get_id();
                if let Ok(mut slot) = self.tenant.actor.write() {
                    *slot = Some(actor);
                }
                self.ask_for_boards();
                id
            }
            Child::Queue(queue) => {
                let mark = self.marks.entry(queue).or_default().clone();
                mark.clear();
                let arguments = queue_actor::Arguments { tenant, queue, mark };
                let (actor, _) =
                    QueueActor::spawn_linked(None, QueueActor, arguments, supervisor).await?;
                let id = actor.get_id();
                let slot =
                    QueueSlot { actor: Some(actor), in_flight: Arc::default(), set_aside: false };
                self.tenant.queues.insert(queue, slot);
                id
            }
            Child::Agent(agent) => {
                let arguments = agent_actor::Arguments { tenant, agent };
                let (actor, _) =
                    AgentActor::spawn_linked(None, AgentActor, arguments, supervisor).await?;
                let id = actor.get_id();
                self.tenant.agents.insert(agent, actor);
                id
            }
        };
        self.alive.insert(id, child);
        Ok(())
    }

    /// After a restart the queues tell again what is on the boards: only now, for what they told a tenant's actor that
    /// was not in the registry yet would be lost.
    fn ask_for_boards(&self) {
        for queue in &self.tenant.queues {
            if let Some(actor) = &queue.actor {
                // A dead queue tells when it is back.
                self.tenant.world.counts.sent(ActorKind::Queue);
                let _ = actor.cast(QueueMessage::Board);
            }
        }
    }

    /// Takes a dead child out of the registry; a queue keeps its slot, so that askers get a telling answer.
    pub(super) fn forget(&mut self, child: Child) {
        match child {
            Child::Tenant => {
                if let Ok(mut slot) = self.tenant.actor.write() {
                    *slot = None;
                }
            }
            Child::Queue(id) => {
                if let Some(mut slot) = self.tenant.queues.get_mut(&id) {
                    slot.actor = None;
                }
            }
            Child::Agent(id) => drop(self.tenant.agents.remove(&id)),
        }
    }

    fn end_unwanted(&mut self) {
        let directory = self.tenant.directory();
        let ended: Vec<QueueId> = self
            .tenant
            .queues
            .iter()
            .map(|slot| *slot.key())
            .filter(|id| directory.queue(*id).is_none())
            .collect();
        for queue in ended {
            if let Some((_, slot)) = self.tenant.queues.remove(&queue)
                && let Some(actor) = slot.actor
            {
                actor.stop(None);
            }
        }
        let ended: Vec<AgentId> = self
            .tenant
            .agents
            .iter()
            .map(|slot| *slot.key())
            .filter(|id| directory.agent(*id).is_none())
            .collect();
        for agent in ended {
            if let Some((_, actor)) = self.tenant.agents.remove(&agent) {
                actor.stop(None);
            }
        }
    }
}
