//! What simulations found, as data in seconds and as a table in minutes.
//!
//! Shares are from 0 to 1 in the data and per cent in the table.
//! Invariant: the names of the data are stable; new ones may come, none changes its meaning.

use std::collections::BTreeMap;
use std::fmt;

use domain::{Class, ClassFigures, Flow, Policy, Recorded, Simulated, WaitFigures};
use serde::Serialize;

use super::contest::Synthetic;

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(super) source: Source,
    pub(super) seed: u64,
    pub(super) runs: Vec<Run>,
    /// What Erlang's formulas say of the same rates, first come, first served.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) theory: Vec<Theory>,
}

/// Where the people came from.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Source {
    Synthetic(Synthetic),
    Log {
        queue: String,
        days: usize,
        /// What really happened.
        recorded: Figures,
    },
}

impl Source {
    pub(super) fn log(queue: &str, days: &BTreeMap<i64, Vec<Recorded>>, classes: &[Class]) -> Self {
        let visits: Vec<&Recorded> = days.values().flatten().collect();
        let waits = || visits.iter().filter(|visit| visit.service.is_some());
        let within =
            waits().filter(|visit| visit.waited <= f64::from(classes[visit.class].target.0));
        let served = waits().count();
        let recorded = Figures {
            visits: visits.len(),
            served,
            abandoned: visits.len() - served,
            still_waiting: 0,
            within_target: Some(within.count() as f64 / visits.len() as f64),
            utilisation: None,
            wait_seconds: WaitFigures::of(waits().map(|visit| visit.waited).collect())
                .map(Waits::from),
        };
        Self::Log { queue: queue.to_owned(), days: days.len(), recorded }
    }
}

/// One policy with one number of counters.
#[derive(Debug, Serialize)]
pub(super) struct Run {
    policy: &'static str,
    counters: u32,
    all: Figures,
    classes: Vec<OfClass>,
}

#[derive(Debug, Serialize)]
struct OfClass {
    class: String,
    target_seconds: u32,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Figures {
    visits: usize,
    served: usize,
    abandoned: usize,
    still_waiting: usize,
    within_target: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utilisation: Option<f64>,
    wait_seconds: Option<Waits>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Waits {
    mean: f64,
    p50: f64,
    p90: f64,
    p95: f64,
    p99: f64,
    max: f64,
}

/// Stationary figures; none of them where the line grows without end.
#[derive(Debug, Serialize)]
pub(super) struct Theory {
    counters: u32,
    wait_share: Option<f64>,
    mean_wait_seconds: Option<f64>,
    abandon_share: Option<f64>,
    utilisation: Option<f64>,
}

impl Theory {
    pub(super) fn of(flow: &Flow, counters: u32) -> Self {
        let found = flow.stationary(counters);
        Self {
            counters,
            wait_share: found.map(|found| found.wait_share),
            mean_wait_seconds: found.map(|found| found.mean_wait_served),
            abandon_share: found.map(|found| found.abandon_share),
            utilisation: found.map(|found| found.utilisation),
        }
    }
}

impl Run {
    pub(super) fn new(policy: &Policy, counters: u32, classes: &[Class], of: &Simulated) -> Self {
        let class = |(place, class): (usize, &Class)| OfClass {
            class: class.key.to_string(),
            target_seconds: class.target.0,
            figures: of.of(place).into(),
        };
        Self {
            policy: policy.kind(),
            counters,
            all: of.all().into(),
            // The one of higher rank first, as people list them.
            classes: classes.iter().enumerate().rev().map(class).collect(),
        }
    }
}

impl From<ClassFigures> for Figures {
    fn from(figures: ClassFigures) -> Self {
        Self {
            visits: figures.visits,
            served: figures.served,
            abandoned: figures.abandoned,
            still_waiting: figures.still_waiting,
            within_target: figures.within_target,
            utilisation: figures.utilisation,
            wait_seconds: figures.wait.map(Waits::from),
        }
    }
}

impl From<WaitFigures> for Waits {
    fn from(wait: WaitFigures) -> Self {
        let WaitFigures { mean, p50, p90, p95, p99, max } = wait;
        Self { mean, p50, p90, p95, p99, max }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Waits in minutes, shares in per cent; seed {}", self.seed)?;
        writeln!(
            f,
            "{:<13}{:>8}  {:<7}{:>8}{:>8}{:>7}{:>12}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>7}",
            "policy",
            "counters",
            "class",
            "visits",
            "served",
            "left",
            "mean",
            "p50",
            "p90",
            "p95",
            "p99",
            "max",
            "in target",
            "busy"
        )?;
        if let Source::Log { recorded, .. } = &self.source {
            row(f, "as recorded", "", "all", recorded)?;
        }
        for run in &self.runs {
            let counters = run.counters.to_string();
            for class in &run.classes {
                row(f, run.policy, &counters, &class.class, &class.figures)?;
            }
            row(f, run.policy, &counters, "all", &run.all)?;
        }
        self.theory.iter().try_for_each(|theory| write!(f, "{theory}"))
    }
}

/// In minutes with so many decimals; a dash for nothing.
fn minutes(seconds: Option<f64>, decimals: usize) -> String {
    seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{:.decimals$}", seconds / 60.0))
}

fn percent(share: Option<f64>, decimals: usize) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.decimals$}", share * 100.0))
}

fn row(
    f: &mut fmt::Formatter<'_>,
    policy: &str,
    counters: &str,
    class: &str,
    of: &Figures,
) -> fmt::Result {
    let wait = |one: fn(&Waits) -> f64| minutes(of.wait_seconds.as_ref().map(one), 4);
    writeln!(
        f,
        "{policy:<13}{counters:>8}  {class:<7}{:>8}{:>8}{:>7}{:>12}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>7}",
        of.visits,
        of.served,
        of.abandoned + of.still_waiting,
        minutes(of.wait_seconds.map(|wait| wait.mean), 6),
        wait(|wait| wait.p50),
        wait(|wait| wait.p90),
        wait(|wait| wait.p95),
        wait(|wait| wait.p99),
        wait(|wait| wait.max),
        percent(of.within_target, 4),
        percent(of.utilisation, 1),
    )
}

impl fmt::Display for Theory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { counters, .. } = self;
        if self.mean_wait_seconds.is_none() {
            return writeln!(
                f,
                "theory, first come, first served, {counters} counters: the line grows without end"
            );
        }
        writeln!(
            f,
            "theory, first come, first served, {counters} counters: mean {}, {} % wait, {} % leave, {} % busy",
            minutes(self.mean_wait_seconds, 6),
            percent(self.wait_share, 1),
            percent(self.abandon_share, 1),
            percent(self.utilisation, 1),
        )
    }
}
