//! What came out of a simulation, by class and for all.
//!
//! Waits are kept one by one, so days can be put together and every quantile is exact.
//! Invariant: visits = served + abandoned + still waiting, for each class and for all of them.

use crate::class::Class;

/// What became of everybody.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    pub(super) classes: Vec<Tally>,
    /// Seconds during which counters were open or still serving, added up over the counters.
    pub(super) available: f64,
}

/// What became of the people of one class.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Tally {
    target: f64,
    pub(super) visits: usize,
    pub(super) abandoned: usize,
    pub(super) still_waiting: usize,
    /// Of those called, in seconds.
    pub(super) waits: Vec<f64>,
    /// Seconds of service, the warm-up's included.
    pub(super) busy: f64,
}

/// The figures of one class or of all. Seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassFigures {
    pub visits: usize,
    pub served: usize,
    pub abandoned: usize,
    /// Never called, because no counter was open any more.
    pub still_waiting: usize,
    /// Called within the target of their class / all visits; none without visits.
    pub within_target: Option<f64>,
    /// The share of the open counters' time that went into these services; none without time.
    pub utilisation: Option<f64>,
    /// None when nobody was called.
    pub wait: Option<WaitFigures>,
}

/// Waits of those called, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaitFigures {
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p95: f64,
    pub p99: f64,
    pub max: f64,
}

impl Simulated {
    pub(super) fn new(classes: &[Class]) -> Self {
        let tally = |class: &Class| Tally { target: f64::from(class.target.0), ..Tally::default() };
        Self { classes: classes.iter().map(tally).collect(), available: 0.0 }
    }

    /// Adds another day of the same classes.
    pub fn merge(&mut self, other: Self) {
        for (own, theirs) in self.classes.iter_mut().zip(other.classes) {
            own.visits += theirs.visits;
            own.abandoned += theirs.abandoned;
            own.still_waiting += theirs.still_waiting;
            own.waits.extend(theirs.waits);
            own.busy += theirs.busy;
        }
        self.available += other.available;
    }

    /// The figures of the class at that place of the list.
    pub fn of(&self, class: usize) -> ClassFigures {
        self.figures(self.classes.get(class..=class).unwrap_or_default())
    }

    pub fn all(&self) -> ClassFigures {
        self.figures(&self.classes)
    }

    fn figures(&self, tallies: &[Tally]) -> ClassFigures {
        let sum = |count: fn(&Tally) -> usize| tallies.iter().map(count).sum::<usize>();
        let waits: Vec<f64> = tallies.iter().flat_map(|tally| &tally.waits).copied().collect();
        let (visits, within) = (sum(|tally| tally.visits), sum(Tally::within));
        let busy: f64 = tallies.iter().map(|tally| tally.busy).sum();
        ClassFigures {
            visits,
            served: waits.len(),
            abandoned: sum(|tally| tally.abandoned),
            still_waiting: sum(|tally| tally.still_waiting),
            within_target: (visits > 0).then(|| within as f64 / visits as f64),
            utilisation: (self.available > 0.0).then(|| busy / self.available),
            wait: WaitFigures::of(waits),
        }
    }
}

impl Tally {
    fn within(&self) -> usize {
        self.waits.iter().filter(|wait| **wait <= self.target).count()
    }
}

impl WaitFigures {
    /// None of no waits.
    pub fn of(mut waits: Vec<f64>) -> Option<Self> {
        let mean = waits.iter().sum::<f64>() / waits.len() as f64;
        waits.sort_unstable_by(f64::total_cmp);
        let max = *waits.last()?;
        // The smallest wait that so many per cent do not exceed.
        let percentile = |percent: usize| waits[(waits.len() * percent).div_ceil(100).max(1) - 1];
        Some(Self {
            mean,
            p50: percentile(50),
            p90: percentile(90),
            p95: percentile(95),
            p99: percentile(99),
            max,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_waits_that_were_waited() {
        let figures = WaitFigures::of((1..=200).rev().map(f64::from).collect()).unwrap();
        let found = [figures.p50, figures.p90, figures.p95, figures.p99, figures.max, figures.mean];
        assert_eq!(found, [100.0, 180.0, 190.0, 198.0, 200.0, 100.5]);
        assert_eq!(WaitFigures::of(vec![7.0]).map(|one| (one.p50, one.p99)), Some((7.0, 7.0)));
        assert_eq!(WaitFigures::of(Vec::new()), None);
    }
}
