//! What a replay found, as data and as a table for people.
//!
//! Counts and waits of the run come from the store; the log's own stand beside them.
//! Invariant: `lost` and `doubled` are zero exactly when the store holds what was acknowledged, once.

use std::fmt;

use serde::Serialize;

use super::audit::Audit;
use super::log::Log;
use super::row::Ending;
use super::waits::Waits;

/// The outcome of a replay. Times in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Report {
    /// Tickets whose issue was acknowledged.
    pub(crate) arrived: usize,
    pub(crate) served: usize,
    pub(crate) abandoned: usize,
    pub(crate) no_show: usize,
    pub(crate) still_waiting: usize,
    /// Acknowledged, and not in the store as acknowledged.
    pub(crate) lost: usize,
    /// In the store twice, under a number given twice, or never acknowledged.
    pub(crate) doubled: usize,
    /// Arrival to first call, of everybody called.
    pub(crate) wait_seconds: Waits,
    pub(crate) log_wait_seconds: Waits,
    pub(crate) skipped_rows: usize,
    #[serde(skip)]
    log: Counts,
}

/// The log's own outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Counts {
    arrived: usize,
    served: usize,
    abandoned: usize,
    no_show: usize,
}

impl Report {
    pub(super) fn new(log: &Log, acknowledged: usize, audit: &Audit) -> Self {
        Self {
            arrived: acknowledged,
            served: audit.count("served"),
            abandoned: audit.count("walked_out"),
            no_show: audit.count("no_show"),
            still_waiting: audit.count("waiting"),
            lost: audit.lost,
            doubled: audit.doubled,
            wait_seconds: Waits::of(audit.waits.clone()),
            log_wait_seconds: Waits::of(log.waits()),
            skipped_rows: log.bad.len(),
            log: Counts::of(log),
        }
    }

    /// Nothing was lost and nothing doubled.
    pub(crate) const fn is_sound(&self) -> bool {
        self.lost == 0 && self.doubled == 0
    }
}

impl Counts {
    fn of(log: &Log) -> Self {
        let mut counts = Self { arrived: log.visits.len(), ..Self::default() };
        for visit in &log.visits {
            match visit.ending {
                Ending::Called { shown_up: true, .. } => counts.served += 1,
                Ending::Called { shown_up: false, .. } => counts.no_show += 1,
                Ending::Abandoned { .. } => counts.abandoned += 1,
            }
        }
        counts
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<16}{:>12}{:>12}", "", "replayed", "log")?;
        for (name, ours, theirs) in [
            ("arrived", self.arrived, self.log.arrived),
            ("served", self.served, self.log.served),
            ("abandoned", self.abandoned, self.log.abandoned),
            ("no-show", self.no_show, self.log.no_show),
        ] {
            writeln!(f, "{name:<16}{ours:>12}{theirs:>12}")?;
        }
        writeln!(f, "{:<16}{:>12}", "still waiting", self.still_waiting)?;
        let (ours, theirs) = (&self.wait_seconds, &self.log_wait_seconds);
        for (name, ours, theirs) in [
            ("wait p50", ours.p50, theirs.p50),
            ("wait p90", ours.p90, theirs.p90),
            ("wait p95", ours.p95, theirs.p95),
            ("wait p99", ours.p99, theirs.p99),
            ("wait mean", ours.mean, theirs.mean),
        ] {
            writeln!(f, "{name:<16}{ours:>10.1} s{theirs:>10.1} s")?;
        }
        writeln!(f, "{:<16}{:>12}", "lost", self.lost)?;
        writeln!(f, "{:<16}{:>12}", "doubled", self.doubled)?;
        write!(f, "{:<16}{:>12}", "skipped rows", self.skipped_rows)
    }
}
