//! Waits in seconds: exact percentiles of all of them, by nearest rank, and the mean.
//!
//! A replay holds every wait anyway, so nothing is approximated. Invariant: no waits at all give zeroes.

use domain::Timestamp;
use serde::Serialize;

const MICROS_PER_SECOND: f64 = 1e6;

/// From `from` to `to`, in seconds.
#[expect(clippy::cast_precision_loss, reason = "exact for a hundred years of microseconds")]
pub(super) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.micros_since(from) as f64 / MICROS_PER_SECOND
}

/// How long people waited, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub(crate) struct Waits {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) mean: f64,
}

impl Waits {
    #[expect(clippy::cast_precision_loss, reason = "a log has fewer rows than a float has digits")]
    pub(super) fn of(mut waits: Vec<f64>) -> Self {
        if waits.is_empty() {
            return Self::default();
        }
        waits.sort_by(f64::total_cmp);
        let mean = waits.iter().sum::<f64>() / waits.len() as f64;
        let rank = |percent: usize| {
            let place = (waits.len() * percent).div_ceil(100).max(1) - 1;
            rounded(waits.get(place).copied().unwrap_or_default())
        };
        Self { p50: rank(50), p90: rank(90), p95: rank(95), p99: rank(99), mean: rounded(mean) }
    }
}

/// To a tenth of a second.
fn rounded(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_waits_that_happened() {
        let waits = Waits::of((1..=200).rev().map(f64::from).collect());
        assert_eq!(waits, Waits { p50: 100.0, p90: 180.0, p95: 190.0, p99: 198.0, mean: 100.5 });
        assert_eq!(
            Waits::of(vec![7.25]),
            Waits { p50: 7.3, p90: 7.3, p95: 7.3, p99: 7.3, mean: 7.3 }
        );
        assert_eq!(Waits::of(Vec::new()), Waits::default());
    }
}
