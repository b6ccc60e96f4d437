//! The answer to a what-if question: what really happened, and what each run gave instead.
//!
//! Waits in whole seconds, shares from 0 to 1. Invariant: recorded and simulated figures have the same form.

use domain::{Class, ClassFigures, Policy, Recorded, Secs, Simulated, WaitFigures};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::what_if::WhatIfCounters;

/// The past, and what would have been.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WhatIfView {
    pub site_id: Uuid,
    /// Null for all queues of the site as one line.
    pub queue_id: Option<Uuid>,
    /// The first day of the history.
    #[schema(value_type = String, format = Date, example = "2026-04-06")]
    pub from: Date,
    /// The day after its last one.
    #[schema(value_type = String, format = Date, example = "2026-05-04")]
    pub to: Date,
    /// Simulated days: one for each day of the history on which anybody came.
    pub days: usize,
    pub seed: u32,
    /// What really happened, of the newest 20,000 visits.
    pub recorded: WhatIfFigures,
    pub runs: Vec<WhatIfRun>,
}

/// One policy with one number of counters or one plan.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WhatIfRun {
    #[schema(value_type = Object, example = json!({"kind": "sla"}))]
    pub policy: Policy,
    /// Null for the plan that was asked for.
    pub counters: Option<u32>,
    pub all: WhatIfFigures,
    pub classes: Vec<WhatIfClass>,
}

/// One class.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WhatIfClass {
    /// With the prefix of its queue when a whole site was asked for.
    #[schema(example = "normal")]
    pub class: String,
    pub target_seconds: u32,
    pub figures: WhatIfFigures,
}

/// Figures of one class or of all.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WhatIfFigures {
    pub visits: usize,
    pub served: usize,
    /// Left before the call.
    pub abandoned: usize,
    /// Never called, because no counter was open any more.
    pub still_waiting: usize,
    /// Called within the target of their class / visits; null without visits.
    pub within_target: Option<f64>,
    /// Share of the open counters' time spent serving; null where that is not known.
    pub utilisation: Option<f64>,
    /// Null when nobody was called.
    pub wait: Option<WhatIfWait>,
}

/// Waits of those called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct WhatIfWait {
    pub mean_seconds: u32,
    pub p50_seconds: u32,
    pub p90_seconds: u32,
    pub p95_seconds: u32,
    pub p99_seconds: u32,
    pub max_seconds: u32,
}

impl WhatIfRun {
    pub(super) fn of(
        policy: &Policy,
        counters: &WhatIfCounters,
        classes: &[Class],
        of: &Simulated,
    ) -> Self {
        let class = |(place, class): (usize, &Class)| WhatIfClass {
            class: class.key.to_string(),
            target_seconds: class.target.0,
            figures: of.of(place).into(),
        };
        Self {
            policy: policy.clone(),
            counters: match counters {
                WhatIfCounters::Always(counters) => Some(*counters),
                WhatIfCounters::Plan { .. } => None,
            },
            all: of.all().into(),
            classes: classes.iter().enumerate().map(class).collect(),
        }
    }
}

impl From<ClassFigures> for WhatIfFigures {
    fn from(figures: ClassFigures) -> Self {
        Self {
            visits: figures.visits,
            served: figures.served,
            abandoned: figures.abandoned,
            still_waiting: figures.still_waiting,
            within_target: figures.within_target,
            utilisation: figures.utilisation,
            wait: figures.wait.map(WhatIfWait::from),
        }
    }
}

impl From<WaitFigures> for WhatIfWait {
    fn from(wait: WaitFigures) -> Self {
        Self {
            mean_seconds: Secs::rounded(wait.mean).0,
            p50_seconds: Secs::rounded(wait.p50).0,
            p90_seconds: Secs::rounded(wait.p90).0,
            p95_seconds: Secs::rounded(wait.p95).0,
            p99_seconds: Secs::rounded(wait.p99).0,
            max_seconds: Secs::rounded(wait.max).0,
        }
    }
}

/// What really happened to these visits.
pub(super) fn recorded_figures(classes: &[Class], visits: &[Recorded]) -> WhatIfFigures {
    let served = || visits.iter().filter(|visit| visit.service.is_some());
    let in_time = |visit: &&Recorded| {
        let target = classes.get(visit.class).map_or(0, |class| class.target.0);
        visit.waited <= f64::from(target)
    };
    let within = served().filter(in_time).count();
    let called = served().count();
    WhatIfFigures {
        visits: visits.len(),
        served: called,
        abandoned: visits.len() - called,
        still_waiting: 0,
        within_target: (!visits.is_empty()).then(|| within as f64 / visits.len() as f64),
        utilisation: None,
        wait: WaitFigures::of(served().map(|visit| visit.waited).collect()).map(WhatIfWait::from),
    }
}
