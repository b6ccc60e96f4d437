//! SQ-ETA: how long people will wait, learnt by each queue from its own events, and told as an honest range.
//!
//! The common formula (position × service time / counters) is the start; a small filter on its logarithm learns how
//! this queue differs, and quantiles of its own errors make the range. One label costs some two thousand
//! multiplications, a prediction fifty. `pool` holds what is measured, `features` turns it into numbers, `model`
//! predicts and learns, `estimator` hears the events, `shown` rounds for people.
//!
//! Invariant: everything learnt follows from the events alone, so that replay gives the same estimator.

mod average;
mod calibration;
mod estimator;
mod features;
mod filter;
mod kept;
mod model;
mod pool;
mod quantile;
mod shown;

use serde::{Deserialize, Serialize};

use crate::time::{Secs, Timestamp};

pub use calibration::Calibration;
pub use estimator::Estimator;
pub use features::{Readings, View};
pub use kept::KeptViews;
pub use model::{Model, Prediction, Snapshot};
pub use pool::{Pool, Waited};
pub use shown::{Shown, rounded};

/// Live views that are kept of one ticket besides that of its arrival.
const LIVE_VIEWS: usize = 4;
/// People whose wait is predicted again at every call, the oldest tickets first.
pub const REFRESHED_MAX: usize = 60;

/// A wait in whole seconds: one in ten is shorter than `p10`, half than `p50`, nine in ten than `p90`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    pub p10: Secs,
    pub p50: Secs,
    pub p90: Secs,
}

impl Estimate {
    /// A suitable counter is free and nobody is ahead.
    pub const AT_ONCE: Self = Self { p10: Secs(0), p50: Secs(0), p90: Secs(0) };
}

/// The agents of a queue as it knew them at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Staff {
    /// Signed in, on no break, with nobody in hand.
    pub idle: u16,
    /// Signed in and on no break.
    pub on_duty: u16,
}

/// From `earlier` to `later` in seconds.
#[expect(clippy::cast_precision_loss, reason = "exact for a hundred years of microseconds")]
fn seconds(earlier: Timestamp, later: Timestamp) -> f64 {
    later.micros_since(earlier) as f64 / 1e6
}
