//! The estimators that SQ-ETA is held against: what products do, in one line each.
//!
//! They see the same moment and the same means as the model. Invariant: each answers from the past alone.

use std::collections::VecDeque;

use domain::{Pool, Readings, View};

/// Services in the mean of the original program.
const LAST_SERVICES: usize = 50;

/// The names in the order in which predictions are kept. The first is the model's.
pub(super) const NAMES: [&str; 5] =
    ["sq-eta", "position-ewma", "ahead-mean50", "gap-position", "constant"];

/// What the formulas remember beside the pool.
#[derive(Debug, Clone)]
pub(super) struct Formulas {
    default_service: f64,
    services: VecDeque<f64>,
    /// Sum and number of the waits known so far, at arrival and live.
    waits: [(f64, f64); 2],
}

impl Formulas {
    pub(super) fn new(default_service: f64) -> Self {
        Self { default_service, services: VecDeque::new(), waits: [(0.0, 0.0); 2] }
    }

    pub(super) fn served(&mut self, service: f64) {
        if self.services.len() >= LAST_SERVICES {
            self.services.pop_front();
        }
        self.services.push_back(service);
    }

    pub(super) fn waited(&mut self, live: bool, wait: f64) {
        let (sum, count) = &mut self.waits[usize::from(live)];
        (*sum, *count) = (*sum + wait, *count + 1.0);
    }

    /// In the order of [`NAMES`] from the second on.
    pub(super) fn predict(&self, view: &View, read: &Readings, pool: &Pool) -> [f64; 4] {
        let counters = f64::from((view.busy + view.idle_long).max(1));
        let ahead = f64::from(view.ahead);
        let (sum, count) = self.waits[usize::from(view.live)];
        [
            (ahead + 1.0) * pool.service() / counters,
            ahead / counters * self.mean_service(),
            (ahead + 1.0) * read.gap,
            if count > 0.0 { sum / count } else { self.default_service },
        ]
    }

    #[expect(clippy::cast_precision_loss, reason = "at most fifty")]
    fn mean_service(&self) -> f64 {
        if self.services.is_empty() {
            return self.default_service;
        }
        self.services.iter().sum::<f64>() / self.services.len() as f64
    }
}
