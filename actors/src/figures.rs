//! The figures of one queue, or of several merged: what is shown, and the windows and agents it is made of.
//!
//! Several queues are merged by adding counts and histograms and by taking the longest wait, never by averaging. An
//! agent who serves several queues is one agent.
//! Invariant: what is shown is made of the windows and agents beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{AgentId, Timestamp, Windows};

use crate::queue_actor::Seen;
use crate::topic_hub::{EventFrame, Histograms, Snapshot};
use crate::views::{AgentCounts, StatsView};

/// An agent's presence, as figures count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duty {
    Available,
    Busy,
    OnBreak,
}

impl From<Seen> for Duty {
    fn from(seen: Seen) -> Self {
        match seen {
            Seen::Idle { .. } => Self::Available,
            Seen::Busy => Self::Busy,
            Seen::OnBreak => Self::OnBreak,
        }
    }
}

/// Who is on duty, each once.
pub(crate) type Duties = BTreeMap<AgentId, Duty>;

/// Figures at one instant.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Figures {
    pub(crate) view: StatsView,
    pub(crate) windows: Arc<Windows>,
    agents: Duties,
}

impl Figures {
    /// `view` completed by what is seen in the windows and of the agents.
    pub(crate) fn new(view: StatsView, windows: Windows, agents: Duties) -> Self {
        let counts = AgentCounts::of(agents.values().copied());
        let view = StatsView { agents: counts, ..view.seen_in(&windows) };
        Self { view, windows: Arc::new(windows), agents }
    }

    /// The figures of a whole.
    pub(crate) fn merged<'a>(parts: impl Iterator<Item = &'a Self>) -> Self {
        let (mut view, mut windows) = (StatsView::default(), Windows::default());
        let mut agents = Duties::new();
        for part in parts {
            view.waiting += part.view.waiting;
            view.called += part.view.called;
            view.serving += part.view.serving;
            view.held += part.view.held;
            view.longest_wait_seconds =
                view.longest_wait_seconds.max(part.view.longest_wait_seconds);
            windows.add(&part.windows);
            agents.extend(&part.agents);
        }
        Self::new(view, windows, agents)
    }

    pub(crate) fn frame(&self, at: Timestamp) -> EventFrame {
        let data = serde_json::to_value(&self.view).unwrap_or_default();
        EventFrame::new("stats.updated", at, data).with_histograms(self.histograms())
    }

    pub(crate) fn snapshot(&self, at: Timestamp) -> Snapshot {
        let data = serde_json::to_value(&self.view).unwrap_or_default();
        Snapshot { at, reset: false, data, histograms: Some(self.histograms()) }
    }

    fn histograms(&self) -> Histograms {
        Histograms::of(Arc::clone(&self.windows))
    }
}

#[cfg(test)]
mod tests {
    use domain::{Live, Measured, Secs, Zone};
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_772_490_600);

    fn queue_with(waits: &[u32], agents: &[(u128, Duty)]) -> Figures {
        let mut live = Live::default();
        for wait in waits {
            let called = Measured::Called { wait: Secs(*wait), in_time: *wait <= 100 };
            live.record(NOW, &Zone::utc(), called);
        }
        let view = StatsView { waiting: 2, longest_wait_seconds: 30, ..StatsView::default() };
        let agents = agents.iter().map(|(id, duty)| (AgentId(Uuid::from_u128(*id)), *duty));
        Figures::new(view, live.windows(NOW, &Zone::utc()), agents.collect())
    }

    #[test]
    fn percentiles_of_a_site_are_those_of_all_its_people() {
        let quiet = queue_with(&[10], &[]);
        let busy = queue_with(&[200; 9], &[]);
        let site = Figures::merged([&quiet, &busy].into_iter());
        assert_eq!((site.view.wait.p50, site.view.wait.count), (Some(200), 10));
        assert_eq!(site.view.service_level, Some(0.1), "one of ten, not the mean of all and none");
        assert_eq!((site.view.waiting, site.view.longest_wait_seconds), (4, 30));
        assert_eq!(Figures::merged([].into_iter()).view, StatsView::default());
    }

    #[test]
    fn an_agent_of_two_queues_is_one_agent() {
        let one = queue_with(&[], &[(1, Duty::Available), (2, Duty::Busy)]);
        let other = queue_with(&[], &[(1, Duty::Available), (3, Duty::Busy)]);
        let site = Figures::merged([&one, &other].into_iter());
        assert_eq!(site.view.agents, AgentCounts { available: 1, busy: 2, on_break: 0 });
    }
}
