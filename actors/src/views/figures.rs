//! Live figures: what `stats.updated` carries and what a queue's page shows beside its name.
//!
//! Figures of several queues are merged by adding counts and taking the longest wait, never by averaging.
//! Invariant: every count is of the same instant.

use domain::{Calibration, Estimate, Shown};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A wait to come, as a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct EstimateView {
    /// One in ten waits less.
    #[schema(example = 326)]
    pub p10_seconds: u32,
    #[schema(example = 520)]
    pub p50_seconds: u32,
    /// Nine in ten wait less.
    #[schema(example = 780)]
    pub p90_seconds: u32,
    pub shown: ShownView,
}

/// The range to show people: rounded outward to whole minutes, to five from ten minutes on, and steady.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownView {
    #[schema(example = 300)]
    pub from_seconds: u32,
    #[schema(example = 900)]
    pub to_seconds: u32,
}

impl From<Estimate> for EstimateView {
    fn from(range: Estimate) -> Self {
        Self::shown_as(&range, Shown::from(&range))
    }
}

impl EstimateView {
    /// An estimate that people are shown in this range.
    pub(crate) const fn shown_as(range: &Estimate, shown: Shown) -> Self {
        Self {
            p10_seconds: range.p10.0,
            p50_seconds: range.p50.0,
            p90_seconds: range.p90.0,
            shown: ShownView { from_seconds: shown.from.0, to_seconds: shown.to.0 },
        }
    }
}

/// Whether promises hold, of the last 500 people who were told a range on joining and have been called since.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct EtaCalibrationView {
    pub promised: u32,
    /// Called between the P10 and P90 they were told.
    pub inside: u32,
    /// `inside` / `promised`, which should be about 0.8; none before there is any.
    #[schema(example = 0.81, minimum = 0, maximum = 1)]
    pub share: Option<f64>,
}

impl From<&Calibration> for EtaCalibrationView {
    fn from(kept: &Calibration) -> Self {
        let (promised, inside) = (kept.promised(), kept.inside());
        let share = (promised > 0).then(|| f64::from(inside) / f64::from(promised));
        Self { promised, inside, share }
    }
}

/// Agents on duty, by presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct AgentCounts {
    pub available: u32,
    /// With a ticket in hand or writing up the last one.
    pub busy: u32,
    pub on_break: u32,
}

/// Data of `stats.updated`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub struct StatsView {
    /// None for a whole site or tenant.
    pub queue_id: Option<Uuid>,
    pub waiting: u32,
    pub called: u32,
    pub serving: u32,
    pub held: u32,
    pub longest_wait_seconds: u32,
    pub agents: AgentCounts,
    /// For a person who would join now; none while nobody serves. Only of a single queue.
    pub estimate: Option<EstimateView>,
    /// Only of a single queue.
    pub eta_calibration: Option<EtaCalibrationView>,
}
