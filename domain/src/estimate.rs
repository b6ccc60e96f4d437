//! How long somebody with `ahead` people before them will wait, as an honest range.
//!
//! With c people serving and a mean service of s, the wait is the sum of `ahead + 1` gaps of s / c each.
//! Taking the gaps as exponential, the sum is a gamma variable; its quantiles come from Wilson and Hilferty's cube.
//! Invariant: p10 ≤ p50 ≤ p90, and no estimate at all when nobody serves.

use serde::{Deserialize, Serialize};

use crate::time::Secs;

/// The mean service time of a queue: each new one counts 4 %, the first ones more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    mean_secs: f64,
    seen: u32,
}

const WEIGHT: f64 = 0.04;
/// Longer services are somebody who forgot to press a key.
const SERVICE_MAX: Secs = Secs(7_200);

impl Pace {
    /// A pace that expects `service` until it has seen some.
    pub fn expecting(service: Secs) -> Self {
        Self { mean_secs: f64::from(service.0.max(1)), seen: 0 }
    }

    pub fn record(&mut self, service: Secs) {
        self.seen = self.seen.saturating_add(1);
        let weight = (1.0 / f64::from(self.seen)).max(WEIGHT);
        self.mean_secs += weight * (f64::from(service.min(SERVICE_MAX).0.max(1)) - self.mean_secs);
    }

    pub const fn mean_secs(&self) -> f64 {
        self.mean_secs
    }
}

/// A wait in whole seconds: one in ten is shorter than `p10`, half than `p50`, nine in ten than `p90`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    pub p10: Secs,
    pub p50: Secs,
    pub p90: Secs,
}

const Z90: f64 = 1.281_551_565_545;

/// The wait behind `ahead` people with `serving` agents on duty; none while nobody is.
pub fn estimate(ahead: usize, serving: u32, pace: &Pace) -> Option<Estimate> {
    if serving == 0 {
        return None;
    }
    let gaps = u32::try_from(ahead).unwrap_or(u32::MAX).saturating_add(1);
    let gap = pace.mean_secs() / f64::from(serving);
    let quantile = |z: f64| whole(gap * gamma_quantile(f64::from(gaps), z));
    Some(Estimate { p10: quantile(-Z90), p50: quantile(0.0), p90: quantile(Z90) })
}

/// The quantile at the normal deviate `z` of a gamma variable of that shape and scale 1.
fn gamma_quantile(shape: f64, z: f64) -> f64 {
    let ninth = 1.0 / (9.0 * shape);
    shape * (1.0 - ninth + z * ninth.sqrt()).max(0.0).powi(3)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what a u32 holds"
)]
fn whole(secs: f64) -> Secs {
    Secs(secs.round().clamp(0.0, f64::from(u32::MAX)) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_serving_means_no_estimate() {
        assert_eq!(estimate(3, 0, &Pace::expecting(Secs(300))), None);
    }

    #[test]
    fn the_range_is_that_of_a_gamma_variable() {
        // Exact quantiles of gamma(9, 60 s) at .1, .5, .9: 325.9, 520.1, 779.7 s.
        let range = estimate(8, 5, &Pace::expecting(Secs(300))).unwrap();
        for (found, exact) in [(range.p10, 325.9), (range.p50, 520.1), (range.p90, 779.7)] {
            assert!((f64::from(found.0) - exact).abs() < 3.0, "{range:?}");
        }
    }

    #[test]
    fn the_pace_follows_what_it_sees() {
        let mut pace = Pace::expecting(Secs(300));
        pace.record(Secs(100));
        assert_eq!(pace.mean_secs(), 100.0);
        for _ in 0..200 {
            pace.record(Secs(200));
        }
        assert!((pace.mean_secs() - 200.0).abs() < 1.0);
    }
}
