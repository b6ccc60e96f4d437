//! Figures of sites and of the whole tenant: merged from those of the queues, never averaged.
//!
//! At most one frame a second for each topic, and only when something changed.
//! Invariant: a merged count is the sum of the queues' latest published counts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::{QueueId, SiteId};

use super::{State, TenantMessage};
use crate::topic_hub::{EventFrame, Topic};
use crate::views::StatsView;

const SOON: Duration = Duration::from_secs(1);

/// The latest figures of every queue.
#[derive(Default)]
pub(super) struct Figures {
    queues: BTreeMap<QueueId, (SiteId, StatsView)>,
    changed: BTreeSet<SiteId>,
    ticking: bool,
}

impl Figures {
    pub(super) fn of_queue(&self, queue: QueueId) -> StatsView {
        self.queues.get(&queue).map(|(_, figures)| figures.clone()).unwrap_or_default()
    }

    pub(super) fn of_site(&self, site: SiteId) -> StatsView {
        merge(self.queues.values().filter(|(of, _)| *of == site).map(|(_, figures)| figures))
    }

    pub(super) fn of_all(&self) -> StatsView {
        merge(self.queues.values().map(|(_, figures)| figures))
    }

    /// A deleted queue counts no more.
    pub(super) fn keep_only(&mut self, exists: impl Fn(QueueId) -> bool) {
        self.queues.retain(|queue, _| exists(*queue));
    }
}

/// An agent who serves several queues is counted in each: agents of a whole are the most of any part.
fn merge<'a>(parts: impl Iterator<Item = &'a StatsView>) -> StatsView {
    parts.fold(StatsView::default(), |mut whole, part| {
        whole.waiting += part.waiting;
        whole.called += part.called;
        whole.serving += part.serving;
        whole.held += part.held;
        whole.longest_wait_seconds = whole.longest_wait_seconds.max(part.longest_wait_seconds);
        whole.agents.available = whole.agents.available.max(part.agents.available);
        whole.agents.busy = whole.agents.busy.max(part.agents.busy);
        whole.agents.on_break = whole.agents.on_break.max(part.agents.on_break);
        whole
    })
}

impl State {
    pub(super) fn figures_of(&mut self, site: SiteId, queue: QueueId, figures: StatsView) {
        self.figures.queues.insert(queue, (site, figures));
        self.figures.changed.insert(site);
        if !std::mem::replace(&mut self.figures.ticking, true) {
            drop(self.myself.send_after(SOON, || TenantMessage::FiguresTick));
        }
    }

    pub(super) fn figures_tick(&mut self) {
        self.figures.ticking = false;
        for site in std::mem::take(&mut self.figures.changed) {
            self.publish_figures(Topic::StatsSite(site), &self.figures.of_site(site));
        }
        self.publish_figures(Topic::StatsTenant, &self.figures.of_all());
    }

    fn publish_figures(&self, topic: Topic, figures: &StatsView) {
        if self.tenant.world.hub.is_wanted(self.tenant.id, topic) {
            let data = serde_json::to_value(figures).unwrap_or_default();
            self.publish(
                topic,
                EventFrame::new("stats.updated", self.tenant.world.clock.now(), data),
            );
        }
    }
}
