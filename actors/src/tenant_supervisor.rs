//! The tenant supervisor: keeps one tenant's actors alive, and sets aside the child that keeps dying.
//!
//! Each child has its own count of deaths; a restart waits a little longer each time. A queue that is set aside
//! answers for itself through the registry and is tried again later; its neighbours notice nothing.
//! Invariant: a child is started only here, and is in the registry exactly while it may be reached.

mod children;
mod stopping;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::{AgentId, QueueId};
use ractor::{Actor, ActorId, ActorProcessingErr, ActorRef, SupervisionEvent};
use tokio::sync::oneshot;

use crate::ask::give;
use crate::counts::ActorKind;
use crate::quarantine::InHandMark;
use crate::restart_policy::{Deaths, Verdict};
use crate::world::TenantWorld;

/// The journal of a child cannot be read: trying again at once would not help.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the journal cannot be read")]
pub(crate) struct CannotBeRead;

/// One child of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Child {
    Tenant,
    Queue(QueueId),
    Agent(AgentId),
}

impl Child {
    const fn kind(self) -> ActorKind {
        match self {
            Self::Tenant => ActorKind::Tenant,
            Self::Queue(_) => ActorKind::Queue,
            Self::Agent(_) => ActorKind::Agent,
        }
    }
}

impl fmt::Display for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant => f.write_str("tenant actor"),
            Self::Queue(id) => write!(f, "queue {id}"),
            Self::Agent(id) => write!(f, "agent {id}"),
        }
    }
}

pub(crate) enum SupervisorMessage {
    /// Start and stop children until they are those of the directory.
    Follow { reply_to: oneshot::Sender<()> },
    /// A pause is over.
    Start(Child),
    /// End every child, leaf first, with snapshots; then this actor.
    Stop { reply_to: oneshot::Sender<()> },
}

pub(crate) struct TenantSupervisor;

pub(crate) struct State {
    tenant: Arc<TenantWorld>,
    myself: ActorRef<SupervisorMessage>,
    alive: HashMap<ActorId, Child>,
    deaths: HashMap<Child, Deaths>,
    marks: HashMap<QueueId, InHandMark>,
    stopping: bool,
}

impl Actor for TenantSupervisor {
    type Msg = SupervisorMessage;
    type State = State;
    type Arguments = Arc<TenantWorld>;

    async fn pre_start(
        &self,
        myself: ActorRef<SupervisorMessage>,
        tenant: Arc<TenantWorld>,
    ) -> Result<State, ActorProcessingErr> {
        let (alive, deaths, marks) = (HashMap::new(), HashMap::new(), HashMap::new());
        if let Ok(mut supervisor) = tenant.supervisor.write() {
            *supervisor = Some(myself.clone());
        }
        let mut state = State { tenant, myself, alive, deaths, marks, stopping: false };
        state.start(Child::Tenant).await?;
        state.follow().await?;
        Ok(state)
    }

    async fn handle(
        &self,
        _: ActorRef<SupervisorMessage>,
        message: SupervisorMessage,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            SupervisorMessage::Follow { reply_to } => {
                state.follow().await?;
                give(reply_to, ());
            }
            SupervisorMessage::Start(child) if state.is_wanted(child) => state.start(child).await?,
            SupervisorMessage::Start(_) => {}
            SupervisorMessage::Stop { reply_to } => {
                state.stop().await;
                give(reply_to, ());
                state.myself.stop(None);
            }
        }
        Ok(())
    }

    // ractor's own would stop this supervisor at the first death of a child.
    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<SupervisorMessage>,
        event: SupervisionEvent,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorFailed(dead, error) => {
                state.died(dead.get_id(), &error.to_string())
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
    fn died(&mut self, dead: ActorId, error: &str) {
        let Some(child) = self.alive.remove(&dead) else { return };
        tracing::error!(tenant.slug = %self.tenant.slug, error, "{child} died");
        self.tenant.world.counts.deaths.of(child.kind()).one();
        let now = self.tenant.world.clock.now();
        self.blame(child, now);
        self.forget(child);
        if self.stopping || !self.is_wanted(child) {
            return;
        }
        let unreadable = error.contains(&CannotBeRead.to_string());
        match self.deaths.entry(child).or_default().judge(now) {
            Verdict::Restart { after } if !unreadable => self.start_later(child, after),
            Verdict::Restart { .. } => self.set_aside(child, Duration::from_secs(30)),
            Verdict::SetAside { retry_after } => self.set_aside(child, retry_after),
        }
    }

    /// Counts the death against the command that was in hand.
    fn blame(&self, child: Child, now: domain::Timestamp) {
        if let Child::Queue(queue) = child
            && let Some(mark) = self.marks.get(&queue).and_then(InHandMark::get)
        {
            self.tenant.quarantine.blame(mark, now);
        }
    }

    fn start_later(&self, child: Child, after: Duration) {
        drop(self.myself.send_after(after, move || SupervisorMessage::Start(child)));
    }

    fn set_aside(&self, child: Child, retry_after: Duration) {
        self.tenant.world.counts.set_aside.of(child.kind()).one();
        tracing::error!(tenant.slug = %self.tenant.slug, "{child} is set aside for {} s", retry_after.as_secs());
        if let Child::Queue(queue) = child
            && let Some(mut slot) = self.tenant.queues.get_mut(&queue)
        {
            slot.set_aside = true;
        }
        self.start_later(child, retry_after);
    }
}
