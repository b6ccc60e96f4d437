//! The figures that most reports show of some legs: how many, how long, how soon.
//!
//! A service level is judged against the target that is configured now, class by class, on the spread of waits.
//! Invariant: percentiles come from merged histograms, never from other percentiles.

use domain::{Secs, ServiceId};
use persistence::{Count, DurationSum, Figures, Measure, Part, RollUpRow, Spread};
use serde::Serialize;
use utoipa::ToSchema;

use crate::resources::Directory;

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, ToSchema)]
pub struct Share {
    pub count: u64,
    pub of: u64,
    /// From 0 to 1; null of none.
    #[schema(example = 0.83)]
    pub share: Option<f64>,
}

impl Share {
    pub(super) fn new(count: u64, of: u64) -> Self {
        Self { count, of, share: ratio(count, of) }
    }
}

/// To four digits behind the point; none when divided by nothing.
#[expect(clippy::cast_precision_loss, reason = "counts of people are far below 2⁵³")]
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0)
}

/// How long something took, in whole seconds. Percentiles are right to two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct DurationFigures {
    pub count: u64,
    #[schema(example = 412)]
    pub avg_seconds: Option<u64>,
    pub min_seconds: Option<u32>,
    pub max_seconds: Option<u32>,
    pub p50_seconds: Option<u32>,
    pub p90_seconds: Option<u32>,
    pub p95_seconds: Option<u32>,
    pub p99_seconds: Option<u32>,
}

/// The figures of the original's reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Metrics {
    pub avg_wait_seconds: Option<u64>,
    pub min_wait_seconds: Option<u32>,
    pub max_wait_seconds: Option<u32>,
    pub avg_service_duration_seconds: Option<u64>,
}

/// The figures of some legs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub struct Summary {
    /// Legs that ended; a transfer ends one and begins the next.
    pub total_tickets: u64,
    /// Served to the end.
    pub completed_tickets: u64,
    pub transferred: u64,
    pub no_shows: u64,
    pub walked_out: u64,
    pub cancelled: u64,
    pub removed: u64,
    pub expired: u64,
    pub metrics: Metrics,
    /// Arrival to first call.
    pub wait: DurationFigures,
    /// Arrival to last call.
    pub wait_to_last_call: DurationFigures,
    /// Last call to start.
    pub walk: DurationFigures,
    /// Start to end, less the time parked.
    pub service: DurationFigures,
    /// Issue to end of the visit.
    pub stay: DurationFigures,
    /// SL: called within the target, of those called.
    pub service_level: Share,
    /// SL2: called or left within the target, of those called or left.
    pub service_level_2: Share,
    /// Walked out or cancelled before any call, of those called or left.
    pub abandonment: Share,
    /// True when there were too few to be shown; then every figure is nothing.
    pub suppressed: bool,
}

/// One measure of many rows.
#[derive(Default)]
pub(super) struct Durations {
    count: u64,
    sum: u64,
    min: Option<Secs>,
    max: Option<Secs>,
    spread: DurationSum,
}

impl Durations {
    pub(super) fn add(&mut self, spread: &Spread) {
        self.count += spread.count;
        self.sum += spread.sum;
        self.min = self.min.into_iter().chain(spread.min).min();
        self.max = self.max.max(spread.max);
        self.spread.add(&spread.cells);
    }

    pub(super) fn figures(&self) -> DurationFigures {
        let quantile = |share| self.spread.quantile(share).map(|secs| secs.0);
        DurationFigures {
            count: self.count,
            avg_seconds: self.mean(),
            min_seconds: self.min.map(|secs| secs.0),
            max_seconds: self.max.map(|secs| secs.0),
            p50_seconds: quantile(0.5),
            p90_seconds: quantile(0.9),
            p95_seconds: quantile(0.95),
            p99_seconds: quantile(0.99),
        }
    }

    /// Rounded to the second.
    pub(super) const fn mean(&self) -> Option<u64> {
        match self.count {
            0 => None,
            count => Some((self.sum + count / 2) / count),
        }
    }
}

/// Adds rows up.
#[derive(Default)]
pub(super) struct Adding {
    counts: Figures,
    wait: Durations,
    last_wait: Durations,
    walk: Durations,
    service: Durations,
    stay: Durations,
    called_in_time: u64,
    left_in_time: u64,
}

impl Adding {
    pub(super) fn add(&mut self, row: &RollUpRow, target: Secs) {
        let figures = &row.figures;
        for (sum, count) in self.counts.counts.iter_mut().zip(figures.counts) {
            *sum += count;
        }
        self.wait.add(figures.spread(Measure::Wait));
        self.last_wait.add(figures.spread(Measure::LastWait));
        self.walk.add(figures.spread(Measure::Walk));
        self.service.add(figures.spread(Measure::Service));
        self.stay.add(figures.spread(Measure::Stay));
        self.called_in_time += figures.spread(Measure::Wait).cells.within(target);
        self.left_in_time += figures.spread(Measure::Leave).cells.within(target);
    }

    pub(super) const fn count(&self, count: Count) -> u64 {
        self.counts.count(count)
    }

    pub(super) const fn walk(&self) -> &Durations {
        &self.walk
    }

    pub(super) const fn service(&self) -> &Durations {
        &self.service
    }

    pub(super) fn summary(&self) -> Summary {
        let count = |count| self.counts.count(count);
        let (called, left) = (count(Count::Called), count(Count::LeftUncalled));
        let (wait, service) = (self.wait.figures(), self.service.figures());
        Summary {
            total_tickets: count(Count::Legs),
            completed_tickets: count(Count::Served),
            transferred: count(Count::Transferred),
            no_shows: count(Count::NoShow),
            walked_out: count(Count::WalkedOut),
            cancelled: count(Count::Cancelled),
            removed: count(Count::Removed),
            expired: count(Count::Expired),
            metrics: Metrics {
                avg_wait_seconds: wait.avg_seconds,
                min_wait_seconds: wait.min_seconds,
                max_wait_seconds: wait.max_seconds,
                avg_service_duration_seconds: service.avg_seconds,
            },
            wait,
            wait_to_last_call: self.last_wait.figures(),
            walk: self.walk.figures(),
            service,
            stay: self.stay.figures(),
            service_level: Share::new(self.called_in_time, called),
            service_level_2: Share::new(self.called_in_time + self.left_in_time, called + left),
            abandonment: Share::new(left, called + left),
            suppressed: false,
        }
    }
}

impl Summary {
    pub(super) fn hidden() -> Self {
        Self { suppressed: true, ..Self::default() }
    }
}

/// Within what time people of a row should have been called: their class says, else the service.
pub(super) fn target_of(directory: &Directory, row: &RollUpRow) -> Secs {
    let queue = directory.queue(row.queue).map(|kept| &kept.body);
    let class = queue
        .filter(|_| row.part == Part::Class)
        .and_then(|queue| queue.classes.iter().find(|class| class.key == row.item))
        .and_then(|class| class.target_seconds);
    let service = directory.service(ServiceId(row.service.0));
    Secs(class.or_else(|| service.map(|kept| kept.body.target_seconds)).unwrap_or_default())
}
