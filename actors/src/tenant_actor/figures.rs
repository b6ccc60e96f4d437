//! Figures of sites and of the whole tenant: merged from those of the queues, never averaged.
//!
//! At most one frame a second for each topic, and only when something changed. Whoever asks, and the sampler, reads
//! what the queues have published; no queue is woken for it.
//! Invariant: merged figures are made of the queues' latest published figures.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::{QueueId, SiteId};

use super::{State, TenantMessage};
use crate::figures::Figures;
use crate::topic_hub::Topic;

const SOON: Duration = Duration::from_secs(1);

/// The latest figures of every queue.
#[derive(Default)]
pub(super) struct Latest {
    queues: BTreeMap<QueueId, (SiteId, Figures)>,
    changed: BTreeSet<SiteId>,
    ticking: bool,
    /// What was last said on a topic that somebody follows.
    told: BTreeMap<Topic, Figures>,
}

impl Latest {
    pub(super) fn waiting_in(&self, queue: QueueId) -> u32 {
        self.queues.get(&queue).map_or(0, |(_, figures)| figures.view.waiting)
    }

    /// Of one site, or of all.
    pub(super) fn of(&self, site: Option<SiteId>) -> Figures {
        let wanted = |of: SiteId| site.is_none_or(|site| site == of);
        let parts = self.queues.values().filter(|(of, _)| wanted(*of));
        Figures::merged(parts.map(|(_, figures)| figures))
    }

    /// Of each queue.
    pub(super) fn of_each(&self) -> Vec<(QueueId, Figures)> {
        self.queues.iter().map(|(queue, (_, figures))| (*queue, figures.clone())).collect()
    }

    /// Somebody who begins to listen now may be told something else than those who listened before.
    pub(super) fn tell_anew(&mut self, topic: Topic) {
        self.told.remove(&topic);
    }

    /// A deleted queue counts no more.
    pub(super) fn keep_only(&mut self, exists: impl Fn(QueueId) -> bool) {
        self.queues.retain(|queue, _| exists(*queue));
    }
}

impl State {
    pub(super) fn figures_of(&mut self, site: SiteId, queue: QueueId, figures: Figures) {
        if let Some((before, _)) = self.figures.queues.insert(queue, (site, figures)) {
            self.figures.changed.insert(before);
        }
        self.figures.changed.insert(site);
        if !std::mem::replace(&mut self.figures.ticking, true) {
            drop(self.myself.send_after(SOON, || TenantMessage::FiguresTick));
        }
    }

    pub(super) fn figures_tick(&mut self) {
        self.figures.ticking = false;
        for site in std::mem::take(&mut self.figures.changed) {
            self.publish_figures(Topic::StatsSite(site), Some(site));
        }
        self.publish_figures(Topic::StatsTenant, None);
    }

    fn publish_figures(&mut self, topic: Topic, site: Option<SiteId>) {
        if !self.tenant.world.hub.is_wanted(self.tenant.id, topic) {
            return self.figures.tell_anew(topic);
        }
        let figures = self.figures.of(site);
        if self.figures.told.get(&topic) != Some(&figures) {
            self.publish(topic, figures.frame(self.tenant.world.clock.now()));
            self.figures.told.insert(topic, figures);
        }
    }
}
