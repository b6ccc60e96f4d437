//! The job `calculate_queue_metrics`: how every queue stands is stored every half minute, and thinned when it is old.
//!
//! It reads what the queues have published, so none is woken; the samples of a tenant are one transaction. After 90
//! days the last sample of each hour is left, in small steps between two samplings.
//! Invariant: a tenant that does not answer, or a store that fails, costs its own samples and nobody else's.

mod thinning;

use std::sync::Arc;
use std::time::Duration;

use domain::{QueueId, Secs, Timestamp};
use persistence::QueueSampleRow;
use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::figures::Figures;
use crate::tenant_actor::TenantMessage;
use crate::world::{TenantWorld, World};

/// The wall clock may be moved while we sleep, so it is looked at this often.
const LOOK: Duration = Duration::from_secs(1);
const SECOND_MICROS: i64 = 1_000_000;

pub(crate) enum SamplerMessage {
    Look,
}

pub(crate) struct Sampler;

pub(crate) struct State {
    world: Arc<World>,
    /// The interval that was last sampled, counted from 1970.
    interval: i64,
    thinning: thinning::Thinning,
}

impl Actor for Sampler {
    type Msg = SamplerMessage;
    type State = State;
    type Arguments = Arc<World>;

    async fn pre_start(
        &self,
        myself: ActorRef<SamplerMessage>,
        world: Arc<World>,
    ) -> Result<State, ActorProcessingErr> {
        // Ends with this actor; its handle is not needed.
        drop(myself.send_interval(LOOK, || SamplerMessage::Look));
        let interval = interval_of(&world, world.clock.now());
        Ok(State { world, interval, thinning: thinning::Thinning::default() })
    }

    async fn handle(
        &self,
        _: ActorRef<SamplerMessage>,
        SamplerMessage::Look: SamplerMessage,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        if !state.world.is_stopping() {
            state.look().await;
        }
        Ok(())
    }
}

fn interval_of(world: &World, at: Timestamp) -> i64 {
    let every = i64::try_from(world.settings.sample_every.as_micros()).unwrap_or(i64::MAX);
    at.0.div_euclid(every.max(1))
}

impl State {
    async fn look(&mut self) {
        let now = self.world.clock.now();
        let interval = interval_of(&self.world, now);
        let tenants: Vec<_> = self.world.tenants.iter().map(|tenant| Arc::clone(&tenant)).collect();
        if interval <= self.interval {
            return self.thinning.step(&self.world, &tenants, now).await;
        }
        self.interval = interval;
        self.thinning.go_on();
        // All are asked before anybody is waited for, and none is waited for beyond the one deadline.
        let asked: Vec<_> = tenants.iter().map(|tenant| ask(tenant)).collect();
        let deadline = Instant::now() + self.world.settings.answer_timeout;
        for (tenant, answer) in tenants.iter().zip(asked) {
            match timeout_at(deadline, answer).await {
                Ok(Ok(queues)) => self.keep(tenant, &queues, now).await,
                Ok(Err(_)) | Err(_) => {
                    tracing::warn!(tenant = %tenant.slug, "no samples: the tenant did not answer");
                }
            }
        }
    }

    async fn keep(&self, tenant: &TenantWorld, queues: &[(QueueId, Figures)], now: Timestamp) {
        // Samples stand at whole seconds.
        let at = Timestamp(now.0 - now.0.rem_euclid(SECOND_MICROS));
        let samples: Vec<_> =
            queues.iter().map(|(queue, figures)| sample_of(*queue, figures, at)).collect();
        if samples.is_empty() {
            return;
        }
        if let Err(error) = self.world.store.save_queue_samples(tenant.id, samples).await {
            tracing::warn!(tenant = %tenant.slug, %error, "samples were not kept");
        }
    }
}

fn ask(tenant: &TenantWorld) -> oneshot::Receiver<Vec<(QueueId, Figures)>> {
    let (reply_to, answer) = oneshot::channel();
    tenant.tell_tenant(TenantMessage::EachQueue { reply_to });
    answer
}

fn sample_of(queue: QueueId, figures: &Figures, at: Timestamp) -> QueueSampleRow {
    let (view, window) = (&figures.view, &figures.windows.quarter);
    QueueSampleRow {
        queue,
        at,
        waiting: view.waiting,
        longest_wait: Secs(view.longest_wait_seconds),
        wait_p50: view.wait.p50.map(Secs),
        wait_p90: view.wait.p90.map(Secs),
        wait_p95: view.wait.p95.map(Secs),
        agents_available: view.agents.available,
        agents_busy: view.agents.busy,
        agents_on_break: view.agents.on_break,
        called: window.called,
        called_in_time: window.called_in_time,
        served: window.served,
        abandoned: window.left,
        health: health_of(figures),
    }
}

/// How well the queue did when its figures were published, 0 to 100.
fn health_of(figures: &Figures) -> Option<u8> {
    figures.view.health.as_ref().and_then(|health| u8::try_from(health.score).ok())
}
