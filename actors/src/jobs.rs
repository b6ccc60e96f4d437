//! Jobs: wakes queues and agents when something of theirs is due, and tidies up once in a while.
//!
//! Actors tell when they want to be woken next; one timer serves all of them. Waking is by id through the
//! registry, so a restart in between loses nothing: a restarted actor tells again.
//! Invariant: a wake-up comes at or after its time, and at most a second late by the wall clock.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::{AgentId, QueueId, Secs, TenantId, Timestamp};
use ractor::{Actor, ActorProcessingErr, ActorRef};

use crate::agent_actor::AgentMessage;
use crate::counts::ActorKind;
use crate::queue_actor::QueueMessage;
use crate::world::{TenantWorld, World};

/// The wall clock may be moved while we sleep, so it is looked at this often.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// Topics that nobody listened to for this long are forgotten.
const TOPIC_IDLE: Secs = Secs(600);
/// What ended is remembered for a day, so that a code or a link that comes again is recognised.
const ENDED_KEPT: Secs = Secs(86_400);

/// How often what is personal is looked through for what has had its time.
const SWEEP_EVERY: Secs = Secs(86_400);
const DAY: u32 = 86_400;

/// Whom to wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Sleeper {
    Queue(TenantId, QueueId),
    Agent(TenantId, AgentId),
}

pub(crate) enum JobsMessage {
    WakeAt { sleeper: Sleeper, at: Option<Timestamp> },
    Look,
    Tidy,
    Sweep,
}

/// The way to the jobs actor that is alive now.
#[derive(Clone, Default)]
pub(crate) struct JobsHandle(Arc<RwLock<Option<ActorRef<JobsMessage>>>>);

impl JobsHandle {
    pub(crate) fn set(&self, jobs: ActorRef<JobsMessage>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(jobs);
    }

    /// Replaces the time at which `sleeper` is woken; none means not at all.
    pub(crate) fn wake_at(&self, sleeper: Sleeper, at: Option<Timestamp>) {
        let jobs = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(jobs) = jobs {
            // A jobs actor that died is told again by whoever changes next; the tidying wakes all meanwhile.
            let _ = jobs.cast(JobsMessage::WakeAt { sleeper, at });
        }
    }
}

pub(crate) struct Jobs;

pub(crate) struct State {
    world: Arc<World>,
    due: BTreeSet<(Timestamp, Sleeper)>,
    at: HashMap<Sleeper, Timestamp>,
    armed: Option<Timestamp>,
    /// When what is personal was last looked through, and what of it is left to do.
    swept: Option<Timestamp>,
    sweeping: Vec<(TenantId, Timestamp)>,
}

impl Actor for Jobs {
    type Msg = JobsMessage;
    type State = State;
    type Arguments = Arc<World>;

    async fn pre_start(
        &self,
        myself: ActorRef<JobsMessage>,
        world: Arc<World>,
    ) -> Result<State, ActorProcessingErr> {
        // Ends with this actor; its handle is not needed.
        drop(myself.send_interval(TIDY_EVERY, || JobsMessage::Tidy));
        let _ = myself.cast(JobsMessage::Sweep);
        wake_everybody(&world);
        Ok(State {
            world,
            due: BTreeSet::new(),
            at: HashMap::new(),
            armed: None,
            swept: None,
            sweeping: Vec::new(),
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<JobsMessage>,
        message: JobsMessage,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            JobsMessage::WakeAt { sleeper, at } => state.put(sleeper, at),
            JobsMessage::Look => state.look(),
            JobsMessage::Tidy => {
                state.tidy().await;
                state.sweep(&myself).await;
            }
            JobsMessage::Sweep => state.sweep(&myself).await,
        }
        state.arm(&myself);
        Ok(())
    }
}

impl State {
    fn put(&mut self, sleeper: Sleeper, at: Option<Timestamp>) {
        if let Some(before) = self.at.remove(&sleeper) {
            self.due.remove(&(before, sleeper));
        }
        if let Some(at) = at {
            self.at.insert(sleeper, at);
            self.due.insert((at, sleeper));
        }
    }

    fn look(&mut self) {
        self.armed = None;
        let now = self.world.clock.now();
        while let Some((at, sleeper)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.due.remove(&(at, sleeper));
            self.at.remove(&sleeper);
            wake(&self.world, sleeper);
        }
    }

    fn arm(&mut self, myself: &ActorRef<JobsMessage>) {
        let Some((at, _)) = self.due.first().copied() else { return };
        if self.armed.is_some_and(|armed| armed <= at) {
            return;
        }
        let now = self.world.clock.now();
        let micros = u64::try_from(at.micros_since(now)).unwrap_or_default();
        let pause = Duration::from_micros(micros).min(LOOK_AGAIN);
        self.armed = Some(at.min(Timestamp(
            now.0.saturating_add(i64::try_from(pause.as_micros()).unwrap_or(i64::MAX)),
        )));
        drop(myself.send_after(pause, || JobsMessage::Look));
    }

    /// A step of forgetting what is personal and has had its time; the next one comes behind whatever waits by then.
    async fn sweep(&mut self, myself: &ActorRef<JobsMessage>) {
        let now = self.world.clock.now();
        if self.sweeping.is_empty()
            && self.swept.is_none_or(|swept| swept.after(SWEEP_EVERY) <= now)
        {
            self.swept = Some(now);
            self.sweeping =
                self.world.tenants.iter().filter_map(|tenant| limit(&tenant, now)).collect();
        }
        let Some((tenant, before)) = self.sweeping.last().copied() else { return };
        match self.world.store.forget_people_before(tenant, before).await {
            Ok(0) => drop(self.sweeping.pop()),
            Ok(rows) => tracing::info!(%tenant, rows, "personal data past its time was forgotten"),
            Err(error) => {
                tracing::warn!(%tenant, %error, "personal data was not forgotten; trying again in a minute");
                self.sweeping.clear();
                self.swept = None;
                return;
            }
        }
        let _ = myself.cast(JobsMessage::Sweep);
    }

    async fn tidy(&mut self) {
        let now = self.world.clock.now();
        self.world.hub.forget_idle(now.before(TOPIC_IDLE));
        let ttl =
            Secs(u32::try_from(self.world.settings.idempotency_ttl.as_secs()).unwrap_or(u32::MAX));
        let too_old = now.before(ttl);
        for tenant in &self.world.tenants {
            tenant.keys.forget_before(too_old);
        }
        if let Err(error) = self.world.store.delete_keys_before(too_old).await {
            tracing::warn!(%error, "old idempotency keys were not deleted; trying again in a minute");
        }
        if let Err(error) = self.world.store.forget_identities_before(now.before(ENDED_KEPT)).await
        {
            tracing::warn!(%error, "ended sign-ins were not deleted; trying again in a minute");
        }
    }
}

/// What of a tenant is past its time, if it has set one.
fn limit(tenant: &TenantWorld, now: Timestamp) -> Option<(TenantId, Timestamp)> {
    let days = tenant.directory().standing.personal_days?;
    Some((tenant.id, now.before(Secs(days.saturating_mul(DAY)))))
}

fn wake(world: &World, sleeper: Sleeper) {
    match sleeper {
        Sleeper::Queue(tenant, queue) => {
            let tenant = world.tenants.get(&tenant).map(|tenant| Arc::clone(&tenant));
            tenant.into_iter().for_each(|tenant| tenant.tell_queue(queue, QueueMessage::Wake));
        }
        Sleeper::Agent(tenant, agent) => {
            let tenant = world.tenants.get(&tenant).map(|tenant| Arc::clone(&tenant));
            tenant.into_iter().for_each(|tenant| tenant.tell_agent(agent, AgentMessage::Wake));
        }
    }
}

/// After a restart nobody's time is known: everybody is woken and tells it again.
fn wake_everybody(world: &World) {
    for tenant in &world.tenants {
        for queue in &tenant.queues {
            if let Some(actor) = &queue.actor {
                world.counts.sent(ActorKind::Queue);
                let _ = actor.cast(QueueMessage::Wake);
            }
        }
        for agent in &tenant.agents {
            world.counts.sent(ActorKind::Agent);
            let _ = agent.cast(AgentMessage::Wake);
        }
    }
}
