//! A quantile that is tracked value by value: it steps up when too many lie above, down when too many lie below.
//!
//! The step follows the spread of what is seen, so that no scale has to be known.
//! Invariant: constant memory and constant time, whatever has been seen.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Quantile {
    share: f64,
    value: f64,
    spread: f64,
    count: u32,
}

const STEP_LEAST: f64 = 0.01;
const SPREAD_AT_FIRST: f64 = 0.5;
const SPREAD_WEIGHT: f64 = 0.01;

impl Quantile {
    /// Tracks the value below which `share` of all lie, from a first guess on.
    pub(super) const fn new(share: f64, guess: f64) -> Self {
        Self { share, value: guess, spread: SPREAD_AT_FIRST, count: 0 }
    }

    pub(super) const fn value(&self) -> f64 {
        self.value
    }

    pub(super) fn add(&mut self, seen: f64) {
        self.count = self.count.saturating_add(1);
        let step = STEP_LEAST.max(1.0 / (f64::from(self.count) + 1.0));
        self.spread += SPREAD_WEIGHT * ((seen - self.value).abs() - self.spread);
        let below = if seen < self.value { 1.0 } else { 0.0 };
        self.value += 2.0 * step * self.spread * (self.share - below);
    }
}

/// P10, P50 and P90 of the same values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Quantiles([Quantile; 3]);

impl Default for Quantiles {
    /// The spread of waits whose mean is known, before anything was seen.
    fn default() -> Self {
        Self([Quantile::new(0.1, -1.2), Quantile::new(0.5, 0.05), Quantile::new(0.9, 0.9)])
    }
}

impl Quantiles {
    pub(super) fn add(&mut self, seen: f64) {
        self.0.iter_mut().for_each(|quantile| quantile.add(seen));
    }

    /// In ascending order, also where the three have crossed for a moment.
    pub(super) fn values(&self) -> [f64; 3] {
        let mut values = self.0.map(|quantile| quantile.value());
        values.sort_by(f64::total_cmp);
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantiles_of_a_uniform_stream_are_found() {
        let mut quantiles = Quantiles::default();
        for at in 0..20_000_u32 {
            // The golden ratio spreads evenly over 0..1.
            quantiles.add((f64::from(at) * 0.618_033_988_749_895).fract());
        }
        for (found, wanted) in quantiles.values().into_iter().zip([0.1, 0.5, 0.9]) {
            assert!((found - wanted).abs() < 0.05, "{found} for {wanted}");
        }
    }
}
