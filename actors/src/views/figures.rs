//! Live figures: what `stats.updated` carries and what a queue's page shows beside its name.
//!
//! Durations are whole seconds at two significant digits. Figures of several queues are made of their merged windows,
//! see [`crate::figures`].
//! Invariant: every count is of the same instant.

use domain::{Calibration, Estimate, Secs, Shown, Spread, Window, Windows, share};
use persistence::Durations;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::health::HealthView;
use crate::figures::Duty;

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

/// The wait of a person who would join now, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct EtaView {
    /// One in ten waits less.
    #[schema(example = 326)]
    pub p10: u32,
    #[schema(example = 520)]
    pub p50: u32,
    /// Nine in ten wait less.
    #[schema(example = 780)]
    pub p90: u32,
}

impl From<Estimate> for EtaView {
    fn from(range: Estimate) -> Self {
        Self { p10: range.p10.0, p50: range.p50.0, p90: range.p90.0 }
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

impl AgentCounts {
    pub(crate) fn of(agents: impl Iterator<Item = Duty>) -> Self {
        agents.fold(Self::default(), |mut counts, duty| {
            match duty {
                Duty::Available => counts.available += 1,
                Duty::Busy => counts.busy += 1,
                Duty::OnBreak => counts.on_break += 1,
            }
            counts
        })
    }
}

/// Durations that were seen, in seconds; the percentiles are null when there were none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct SpreadView {
    #[schema(example = 180)]
    pub p50: Option<u32>,
    #[schema(example = 420)]
    pub p90: Option<u32>,
    #[schema(example = 512)]
    pub p95: Option<u32>,
    #[schema(example = 640)]
    pub p99: Option<u32>,
    #[schema(example = 37)]
    pub count: u32,
}

impl From<&Spread> for SpreadView {
    fn from(spread: &Spread) -> Self {
        let mut all = Durations::default();
        all.record_all(spread);
        let quantile = |share| all.quantile(share).map(|Secs(seconds)| seconds);
        Self {
            p50: quantile(0.5),
            p90: quantile(0.9),
            p95: quantile(0.95),
            p99: quantile(0.99),
            count: spread.count(),
        }
    }
}

/// What was measured in one window.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, ToSchema)]
pub struct WindowView {
    /// Arrival to first call.
    pub wait: SpreadView,
    /// Last call to start.
    pub walk: SpreadView,
    /// Start to end, without the time parked.
    pub service: SpreadView,
    /// Called within the target / called, 0 to 1; null when nobody was called.
    #[schema(example = 0.8125)]
    pub service_level: Option<f64>,
    /// (Called + left within the target) / (called + left), 0 to 1.
    #[schema(example = 0.7692)]
    pub service_level_2: Option<f64>,
    pub arrivals: u32,
    pub served: u32,
    /// Left by themselves before a call.
    pub abandoned: u32,
    /// Called, and did not come.
    pub no_shows: u32,
}

impl From<&Window> for WindowView {
    fn from(window: &Window) -> Self {
        let in_time = window.called_in_time + window.left_in_time;
        Self {
            wait: (&window.wait).into(),
            walk: (&window.walk).into(),
            service: (&window.service).into(),
            service_level: share(window.called_in_time, window.called),
            service_level_2: share(in_time, window.called + window.left),
            arrivals: window.arrivals,
            served: window.served,
            abandoned: window.left,
            no_shows: window.no_shows,
        }
    }
}

/// Data of `stats.updated`. What names no window is of the last 15 minutes, or of now.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub struct StatsView {
    /// None for a whole site or tenant.
    pub queue_id: Option<Uuid>,
    pub waiting: u32,
    pub called: u32,
    pub serving: u32,
    pub held: u32,
    pub longest_wait_seconds: u32,
    /// Each once, in however many queues of the whole.
    pub agents: AgentCounts,
    /// Arrival to first call.
    pub wait: SpreadView,
    /// Last call to start.
    pub walk: SpreadView,
    /// Start to end, without the time parked.
    pub service: SpreadView,
    /// Called within the target of their class / called, 0 to 1; null when nobody was called.
    #[schema(example = 0.8125)]
    pub service_level: Option<f64>,
    /// (Called + left within the target) / (called + left), 0 to 1.
    #[schema(example = 0.7692)]
    pub service_level_2: Option<f64>,
    pub arrivals_15m: u32,
    pub served_15m: u32,
    /// Left by themselves before a call.
    pub abandoned_15m: u32,
    /// Called, and did not come.
    pub no_shows_15m: u32,
    #[serde(rename = "60m")]
    pub last_60m: WindowView,
    /// The business day so far, from midnight at the site.
    pub today: WindowView,
    /// For a person who would join now; none while nobody serves. Only of a single queue.
    pub eta: Option<EtaView>,
    /// Only of a single queue.
    pub eta_calibration: Option<EtaCalibrationView>,
    /// Only of a single queue.
    pub health: Option<HealthView>,
}

impl StatsView {
    /// This view, with what the windows say.
    pub(crate) fn seen_in(self, windows: &Windows) -> Self {
        let quarter = WindowView::from(&windows.quarter);
        Self {
            wait: quarter.wait,
            walk: quarter.walk,
            service: quarter.service,
            service_level: quarter.service_level,
            service_level_2: quarter.service_level_2,
            arrivals_15m: quarter.arrivals,
            served_15m: quarter.served,
            abandoned_15m: quarter.abandoned,
            no_shows_15m: quarter.no_shows,
            last_60m: (&windows.hour).into(),
            today: (&windows.today).into(),
            ..self
        }
    }
}
