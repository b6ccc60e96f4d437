//! The root supervisor: starts the journal writer, the jobs, the sampler and the tenants, and starts again what dies.
//!
//! It is the most patient of all only in that it has nobody above it: a part that dies is replaced after a pause,
//! and everybody below recovers from the journal.
//! Invariant: the journal writer stands before any tenant is started.

use std::collections::HashMap;
use std::sync::Arc;

use domain::TenantId;
use ractor::{Actor, ActorId, ActorProcessingErr, ActorRef, SupervisionEvent};
use tokio::sync::oneshot;

use crate::ask::give;
use crate::counts::ActorKind;
use crate::jobs::Jobs;
use crate::journal_writer::JournalWriter;
use crate::restart_policy::{Deaths, Verdict};
use crate::roll_ups::Roller;
use crate::sampler::Sampler;
use crate::tenant_supervisor::{SupervisorMessage, TenantSupervisor};
use crate::world::World;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Journal,
    Jobs,
    Sampler,
    Roller,
    Tenant(TenantId),
}

pub(crate) enum RootMessage {
    /// A tenant was added to the world.
    StartTenant {
        tenant: TenantId,
        reply_to: oneshot::Sender<bool>,
    },
    /// A pause is over.
    Start(Part),
    Stop {
        reply_to: oneshot::Sender<()>,
    },
}

pub(crate) struct RootSupervisor;

pub(crate) struct State {
    world: Arc<World>,
    myself: ActorRef<RootMessage>,
    alive: HashMap<ActorId, Part>,
    deaths: HashMap<Part, Deaths>,
}

impl Actor for RootSupervisor {
    type Msg = RootMessage;
    type State = State;
    type Arguments = Arc<World>;

    async fn pre_start(
        &self,
        myself: ActorRef<RootMessage>,
        world: Arc<World>,
    ) -> Result<State, ActorProcessingErr> {
        let mut state = State { world, myself, alive: HashMap::new(), deaths: HashMap::new() };
        state.start(Part::Journal).await?;
        state.start(Part::Jobs).await?;
        state.start(Part::Sampler).await?;
        state.start(Part::Roller).await?;
        let tenants: Vec<TenantId> =
            state.world.tenants.iter().map(|tenant| *tenant.key()).collect();
        for tenant in tenants {
            state.start(Part::Tenant(tenant)).await?;
        }
        Ok(state)
    }

    async fn handle(
        &self,
        _: ActorRef<RootMessage>,
        message: RootMessage,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            RootMessage::StartTenant { tenant, reply_to } => {
                let started = state.start(Part::Tenant(tenant)).await;
                give(reply_to, started.is_ok());
            }
            RootMessage::Start(part) => {
                if let Err(error) = state.start(part).await {
                    state.died(part, &error.to_string());
                }
            }
            RootMessage::Stop { reply_to } => {
                state.stop_tenants().await;
                give(reply_to, ());
            }
        }
        Ok(())
    }

    // ractor's own would stop the whole program at the first death.
    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<RootMessage>,
        event: SupervisionEvent,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorFailed(dead, error) => {
                if let Some(part) = state.alive.remove(&dead.get_id()) {
                    state.died(part, &error.to_string());
                }
            }
            SupervisionEvent::ActorTerminated(dead, _, _) => {
                state.alive.remove(&dead.get_id());
            }
            SupervisionEvent::ActorStarted(_) | SupervisionEvent::ProcessGroupChanged(_) => {}
        }
        Ok(())
    }
}

impl State {
    async fn start(&mut self, part: Part) -> Result<(), ActorProcessingErr> {
        let (world, root) = (Arc::clone(&self.world), self.myself.get_cell());
        let id = match part {
            Part::Journal => {
                let (writer, _) =
                    JournalWriter::spawn_linked(None, JournalWriter, world, root).await?;
                self.world.journal.set(writer.clone());
                writer.get_id()
            }
            Part::Jobs => {
                let (jobs, _) = Jobs::spawn_linked(None, Jobs, world, root).await?;
                self.world.jobs.set(jobs.clone());
                jobs.get_id()
            }
            Part::Sampler => {
                let (sampler, _) = Sampler::spawn_linked(None, Sampler, world, root).await?;
                sampler.get_id()
            }
            Part::Roller => {
                let (roller, _) = Roller::spawn_linked(None, Roller, world, root).await?;
                roller.get_id()
            }
            Part::Tenant(tenant) => {
                let tenant = self.world.tenants.get(&tenant).map(|tenant| Arc::clone(&tenant));
                let tenant = tenant.ok_or("no such tenant")?;
                tenant.queues.clear();
                tenant.agents.clear();
                let (supervisor, _) =
                    TenantSupervisor::spawn_linked(None, TenantSupervisor, tenant, root).await?;
                supervisor.get_id()
            }
        };
        self.alive.insert(id, part);
        Ok(())
    }

    fn died(&mut self, part: Part, error: &str) {
        let kind = match part {
            Part::Journal => ActorKind::Journal,
            Part::Jobs | Part::Sampler | Part::Roller | Part::Tenant(_) => ActorKind::Other,
        };
        self.world.counts.deaths.of(kind).one();
        tracing::error!(error, "{part:?} died");
        if self.world.is_stopping() {
            return;
        }
        let pause = match self.deaths.entry(part).or_default().judge(self.world.clock.now()) {
            Verdict::Restart { after } => after,
            Verdict::SetAside { retry_after } => retry_after,
        };
        drop(self.myself.send_after(pause, move || RootMessage::Start(part)));
    }

    async fn stop_tenants(&self) {
        let mut answers = Vec::new();
        for tenant in &self.world.tenants {
            let supervisor = tenant.supervisor.read().map(|actor| actor.clone()).ok().flatten();
            let (reply_to, done) = oneshot::channel();
            if supervisor.is_some_and(|supervisor| {
                supervisor.cast(SupervisorMessage::Stop { reply_to }).is_ok()
            }) {
                answers.push(done);
            }
        }
        for answer in answers {
            // A supervisor that died has no children left.
            let _ = answer.await;
        }
    }
}
