//! Live figures of one queue: at most one `stats.updated` a second, and only when something changed.
//!
//! While somebody waits, the longest wait changes by itself; it is told every ten seconds. When a minute falls out of a
//! window the jobs wake the queue, and what changed is told.
//! Invariant: a published figure was durable when it was published.

use std::sync::Arc;
use std::time::Duration;

use domain::{Command, QueueState, Secs, Vitals, health};

use super::message::QueueMessage;
use super::{Life, effects::Effect};
use crate::figures::Figures;
use crate::tenant_actor::TenantMessage;
use crate::topic_hub::Topic;
use crate::views::{AgentCounts, StatsView};

const SOON: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(10);

/// What was last published, and whether a tick is on its way.
#[derive(Default)]
pub(super) struct Publisher {
    last: Option<Figures>,
    changed: bool,
    ticking: bool,
}

impl Life {
    pub(super) fn stats_changed(&mut self) {
        self.stats.changed = true;
        self.tick_in(SOON);
    }

    pub(super) fn tell_figures_anew(&mut self) {
        self.stats.last = None;
        self.stats_changed();
    }

    /// Whoever was shown something else than the others have heard is told again, with all of them.
    pub(super) fn has_shown(&mut self, figures: &Figures) {
        if self.stats.last.as_ref() != Some(figures) {
            self.tell_figures_anew();
        }
    }

    fn tick_in(&mut self, pause: Duration) {
        if !self.stats.ticking {
            self.stats.ticking = true;
            self.cast_later(pause, || QueueMessage::StatsTick);
        }
    }

    pub(super) fn stats_tick(&mut self) {
        self.stats.ticking = false;
        self.close_by_forecast();
        self.tell_waits();
        let vitals = self.vitals();
        let figures = self.figures_with(&vitals);
        if self.stats.last.as_ref() != Some(&figures) {
            self.publish(figures, vitals);
        }
        if std::mem::take(&mut self.stats.changed) {
            self.tick_in(SOON);
        } else if !self.queue.line().is_empty() {
            self.tick_in(LATER);
        }
    }

    fn publish(&mut self, figures: Figures, vitals: Vitals) {
        self.stats.last = Some(figures.clone());
        let (tenant, id, site) = (Arc::clone(&self.tenant), self.id, self.queue.config().site);
        let (at, vitals) = (self.now(), Box::new(vitals));
        self.when_durable(move || {
            let topic = Topic::StatsQueue(id);
            if tenant.world.hub.is_wanted(tenant.id, topic) {
                Effect::Publish { topic, frame: figures.frame(at) }.take_place(&tenant, id);
            }
            let figures = Box::new(figures);
            tenant.tell_tenant(TenantMessage::Figures { site, queue: id, figures, vitals });
        });
    }

    pub(super) fn figures(&self) -> Figures {
        self.figures_with(&self.vitals())
    }

    /// Vitals look at everybody who waits, so they are taken once.
    fn figures_with(&self, vitals: &Vitals) -> Figures {
        let (now, tally) = (self.now(), self.queue.tally());
        let view = StatsView {
            queue_id: Some(self.id.0),
            waiting: tally.waiting + tally.offered,
            called: tally.called,
            serving: tally.serving,
            held: tally.held,
            longest_wait_seconds: self.queue.longest_wait(now).0,
            eta: self.estimate_newcomer(now).map(Into::into),
            eta_calibration: Some(self.numbers.estimator.calibration().into()),
            health: Some(health(vitals).into()),
            ..StatsView::default()
        };
        let agents = self.agents.iter().map(|(agent, seen)| (*agent, seen.presence.into()));
        Figures::new(view, self.windows(), agents.collect())
    }

    /// What the queue's health depends on.
    pub(super) fn vitals(&self) -> Vitals {
        let (tally, agents, now) = (self.queue.tally(), self.agent_counts(), self.now());
        let config = self.queue.config();
        Vitals {
            at: now,
            waiting: tally.waiting + tally.offered,
            joined: self.queue.joined(),
            capacity: config.capacity,
            longest_wait: self.queue.longest_wait(now),
            target: config.classes.first().map_or(Secs::minutes(20), |class| class.target),
            late: u32::try_from(self.queue.line().late(now)).unwrap_or(u32::MAX),
            serving: agents.available + agents.busy,
            on_break: agents.on_break,
            service: self.numbers.estimator.mean_service(),
        }
    }

    pub(super) fn agent_counts(&self) -> AgentCounts {
        AgentCounts::of(self.agents.values().map(|seen| seen.presence.into()))
    }

    /// Joins stop when the forecast wait of a newcomer passes closing time, and go on when it shrinks.
    fn close_by_forecast(&mut self) {
        let by_itself = matches!(self.queue.state(), QueueState::Open | QueueState::Closing);
        let (config, now) = (self.queue.config(), self.now());
        let closes_at = by_itself.then(|| config.hours.closes_at(now, &config.zone)).flatten();
        let forecast = self.estimate_newcomer(now);
        let too_late =
            closes_at.zip(forecast).map(|(closes_at, wait)| now.after(wait.p50) > closes_at);
        let closing = self.queue.state() == QueueState::Closing;
        match too_late {
            Some(too_late) if too_late != closing => {
                self.execute_own(Command::SetClosing(too_late))
            }
            None if closing => self.execute_own(Command::SetClosing(false)),
            Some(_) | None => {}
        }
    }
}
