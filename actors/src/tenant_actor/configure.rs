//! Changing the configuration: judged, written, shared, and told to those it concerns, in this order.
//!
//! Changes come one after another, so each is judged against everything before it.
//! Invariant: the shared directory never holds what the database does not.

use domain::{AgentId, QueueId};
use persistence::SaveError;
use tokio::sync::oneshot;

use super::{Change, Planned, State};
use crate::agent_actor::AgentMessage;
use crate::ask::{Ask, AskError};
use crate::queue_actor::{Execute, QueueMessage};
use crate::resources::{AgentBody, Directory, QueueBody, agent_profile, queue_config};
use crate::tenant_supervisor::SupervisorMessage;

impl State {
    pub(super) async fn change(&mut self, change: Change) -> Result<(), AskError> {
        let Planned { writes, next } = (change.plan)(&self.tenant.directory())?;
        let at = self.tenant.world.clock.now();
        self.tenant
            .world
            .store
            .save_resources(self.tenant.id, writes, change.key, at)
            .await
            .map_err(said)?;
        self.tenant.set_directory(next);
        self.follow().await;
        self.tell(&self.tenant.directory());
        self.alerts_soon();
        Ok(())
    }

    /// Returns when every configured queue and agent has an actor, and no other has one.
    async fn follow(&mut self) {
        let supervisor = self.tenant.supervisor.read().map(|actor| actor.clone()).ok().flatten();
        let (reply_to, done) = oneshot::channel();
        if let Some(supervisor) = supervisor
            && supervisor.cast(SupervisorMessage::Follow { reply_to }).is_ok()
        {
            // A supervisor that dies here takes this actor with it.
            let _ = done.await;
        }
        let tenant = &self.tenant;
        self.figures.keep_only(|queue| tenant.queues.contains_key(&queue));
    }

    /// Tells queues and agents their share; who knows it already does nothing.
    fn tell(&self, directory: &Directory) {
        let waiting_max = self.tenant.world.settings.waiting_per_queue_max;
        for queue in directory.list::<QueueBody>() {
            if let Some(config) = queue_config(directory, &queue.body, waiting_max) {
                let command = domain::Command::Configure(Box::new(config));
                let execute = Box::new(Execute::of(command, Ask::system()));
                self.tenant.tell_queue(QueueId(queue.id), QueueMessage::Execute(execute));
            }
        }
        for agent in directory.list::<AgentBody>() {
            let profile = Box::new(agent_profile(&agent.body));
            self.tenant.tell_agent(AgentId(agent.id), AgentMessage::Configure(profile));
        }
    }
}

/// What the database said to a change.
fn said(error: SaveError) -> AskError {
    match error {
        SaveError::VersionConflict { current, .. } => {
            domain::Refusal::VersionConflict { current: current.unwrap_or(0) }.into()
        }
        SaveError::KeyTaken { kind, key } => {
            let value = key.rsplit('/').next().unwrap_or(&key).to_owned();
            AskError::Taken { field: format!("{kind} key"), value }
        }
        SaveError::Store(error) => {
            tracing::error!(%error, "a change of the configuration has an unknown outcome");
            AskError::OutcomeUnknown
        }
    }
}
