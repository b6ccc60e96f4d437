//! Two running means: one that forgets by count, one that forgets by time.
//!
//! Both cost a handful of operations for each new value and keep three numbers.
//! Invariant: before the first value there is no mean.

use serde::{Deserialize, Serialize};

use super::seconds;
use crate::time::Timestamp;

/// A mean in which each new value counts `alpha`, the first ones more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Ew {
    alpha: f64,
    mean: f64,
    count: u32,
}

impl Ew {
    pub(super) const fn new(alpha: f64) -> Self {
        Self { alpha, mean: 0.0, count: 0 }
    }

    pub(super) fn add(&mut self, value: f64) {
        self.count = self.count.saturating_add(1);
        let weight = self.alpha.max(1.0 / f64::from(self.count));
        self.mean += weight * (value - self.mean);
    }

    pub(super) const fn mean(&self) -> Option<f64> {
        self.from(1)
    }

    /// The mean once it rests on at least `count` values.
    pub(super) const fn from(&self, count: u32) -> Option<f64> {
        if self.count >= count { Some(self.mean) } else { None }
    }
}

/// A ratio of two sums that fade with time; what fades is their weight, not the ratio.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Ewt {
    sum: f64,
    weight: f64,
    as_of: Timestamp,
}

impl Ewt {
    pub(super) fn add(&mut self, now: Timestamp, tau: f64, value: f64, weight: f64) {
        let fade = self.fade(now, tau);
        (self.sum, self.weight) = (self.sum * fade + value, self.weight * fade + weight);
        self.as_of = now;
    }

    /// The ratio while more than `least` weight is left.
    pub(super) fn ratio(&self, now: Timestamp, tau: f64, least: f64) -> Option<f64> {
        (self.weight * self.fade(now, tau) > least).then(|| self.sum / self.weight)
    }

    fn fade(&self, now: Timestamp, tau: f64) -> f64 {
        (-seconds(self.as_of, now) / tau).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Secs;

    #[test]
    fn the_first_values_count_alike_and_later_ones_by_their_weight() {
        let mut mean = Ew::new(0.5);
        assert_eq!(mean.mean(), None);
        for value in [10.0, 20.0, 40.0] {
            mean.add(value);
        }
        assert_eq!((mean.mean(), mean.from(4)), (Some(27.5), None));
    }

    #[test]
    fn time_takes_weight_and_leaves_the_ratio() {
        let start = Timestamp::from_secs(1_000);
        let mut ratio = Ewt::default();
        ratio.add(start, 900.0, 30.0, 1.0);
        assert_eq!(ratio.ratio(start.after(Secs(600)), 900.0, 0.5), Some(30.0));
        assert_eq!(ratio.ratio(start.after(Secs(700)), 900.0, 0.5), None);
    }
}
