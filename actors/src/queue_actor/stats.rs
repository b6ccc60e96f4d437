//! Live figures of one queue: at most one `stats.updated` a second, and only when something changed.
//!
//! While somebody waits, the longest wait changes by itself; it is told every ten seconds.
//! Invariant: a published figure was durable when it was published.

use std::sync::Arc;
use std::time::Duration;

use domain::{Command, QueueState, Secs, Vitals, estimate, health};

use super::message::{QueueMessage, Seen};
use super::{Life, effects::Effect};
use crate::tenant_actor::TenantMessage;
use crate::topic_hub::{EventFrame, Topic};
use crate::views::{AgentCounts, EstimateView, StatsView};

const SOON: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(10);

/// What was last published, and whether a tick is on its way.
#[derive(Default)]
pub(super) struct Publisher {
    last: Option<StatsView>,
    changed: bool,
    ticking: bool,
}

impl Life {
    pub(super) fn stats_changed(&mut self) {
        self.stats.changed = true;
        self.tick_in(SOON);
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
        let figures = self.figures();
        if self.stats.last.as_ref() != Some(&figures) {
            self.publish(figures);
        }
        if std::mem::take(&mut self.stats.changed) {
            self.tick_in(SOON);
        } else if !self.queue.line().is_empty() {
            self.tick_in(LATER);
        }
    }

    fn publish(&mut self, figures: StatsView) {
        self.stats.last = Some(figures.clone());
        let (tenant, id, site) = (Arc::clone(&self.tenant), self.id, self.queue.config().site);
        let (at, vitals) = (self.now(), Box::new(self.vitals()));
        self.when_durable(move || {
            let topic = Topic::StatsQueue(id);
            if tenant.world.hub.is_wanted(tenant.id, topic) {
                let data = serde_json::to_value(&figures).unwrap_or_default();
                let frame = EventFrame::new("stats.updated", at, data);
                Effect::Publish { topic, frame }.take_place(&tenant, id);
            }
            let figures = Box::new(figures);
            tenant.tell_tenant(TenantMessage::Figures { site, queue: id, figures, vitals });
        });
    }

    pub(super) fn figures(&self) -> StatsView {
        let tally = self.queue.tally();
        let waiting = tally.waiting + tally.offered;
        let agents = self.agent_counts();
        let ahead = usize::try_from(waiting).unwrap_or(usize::MAX);
        StatsView {
            queue_id: Some(self.id.0),
            waiting,
            called: tally.called,
            serving: tally.serving,
            held: tally.held,
            longest_wait_seconds: self.queue.longest_wait(self.now()).0,
            agents,
            estimate: estimate(ahead, agents.serving(), &self.numbers.pace).map(EstimateView::from),
            health: Some(health(&self.vitals()).into()),
        }
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
            serving: agents.serving(),
            on_break: agents.on_break,
            pace: self.numbers.pace,
        }
    }

    pub(super) fn agent_counts(&self) -> AgentCounts {
        let mut counts = AgentCounts::default();
        for seen in self.agents.values() {
            match seen.presence {
                Seen::Idle { .. } => counts.available += 1,
                Seen::Busy => counts.busy += 1,
                Seen::OnBreak => counts.on_break += 1,
            }
        }
        counts
    }

    /// Joins stop when the forecast wait of a newcomer passes closing time, and go on when it shrinks.
    fn close_by_forecast(&mut self) {
        let by_itself = matches!(self.queue.state(), QueueState::Open | QueueState::Closing);
        let (config, now) = (self.queue.config(), self.now());
        let closes_at = by_itself.then(|| config.hours.closes_at(now, &config.zone)).flatten();
        let forecast = self.figures().estimate;
        let too_late = closes_at
            .zip(forecast)
            .map(|(closes_at, wait)| now.after(Secs(wait.p50_seconds)) > closes_at);
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
