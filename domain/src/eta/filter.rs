//! A Kalman filter of constant coefficients: linear regression that learns one example at a time.
//!
//! The covariance is symmetric, so only its upper triangle is kept, row by row, and it cannot become lopsided.
//! Invariant: coefficients and covariance are finite, or the filter says so and its owner starts it again.

use serde::{Deserialize, Serialize};

use super::features::{FEATURES, Features, OF_CLASS};

const TRIANGLE: usize = FEATURES * (FEATURES + 1) / 2;
/// Variance of one example around the true line.
const NOISE: f64 = 0.6;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Filter {
    coefficients: Vec<f64>,
    covariance: Vec<f64>,
}

impl Filter {
    /// Begins with these coefficients, each known up to `variance`; the feature that the reference holds twice is
    /// known half as well.
    pub(super) fn new(coefficients: Features, variance: f64) -> Self {
        let mut covariance = vec![0.0; TRIANGLE];
        let mut diagonal = 0;
        for row in 0..FEATURES {
            covariance[diagonal] = if row == OF_CLASS { 2.0 * variance } else { variance };
            diagonal += FEATURES - row;
        }
        Self { coefficients: coefficients.to_vec(), covariance }
    }

    pub(super) fn coefficients(&self) -> Features {
        let mut all = [0.0; FEATURES];
        all.iter_mut().zip(&self.coefficients).for_each(|(to, from)| *to = *from);
        all
    }

    pub(super) fn says(&self, features: &Features) -> f64 {
        dot(&self.coefficients, features)
    }

    /// Learns that the answer to `features` was off by `error`. False when the filter can no longer be used.
    pub(super) fn learn(&mut self, features: &Features, error: f64) -> bool {
        let spread = self.spread(features);
        let gain = 1.0 / (NOISE + dot(&spread, features));
        for (coefficient, spread) in self.coefficients.iter_mut().zip(&spread) {
            *coefficient += spread * gain * error;
        }
        let mut at = self.covariance.iter_mut();
        for row in 0..FEATURES {
            for column in row..FEATURES {
                if let Some(entry) = at.next() {
                    *entry -= spread[row] * gain * spread[column];
                }
            }
        }
        self.is_sound()
    }

    /// The covariance times the features.
    fn spread(&self, features: &Features) -> Features {
        let mut spread = [0.0; FEATURES];
        let mut rest = self.covariance.as_slice();
        for row in 0..FEATURES {
            let (line, below) = rest.split_at((FEATURES - row).min(rest.len()));
            rest = below;
            let Some((diagonal, right)) = line.split_first() else { break };
            let mut sum = diagonal * features[row];
            for ((entry, feature), mirrored) in
                right.iter().zip(&features[row + 1..]).zip(&mut spread[row + 1..])
            {
                sum += entry * feature;
                *mirrored += entry * features[row];
            }
            spread[row] += sum;
        }
        spread
    }

    fn is_sound(&self) -> bool {
        let sum: f64 = self.coefficients.iter().chain(&self.covariance).sum();
        sum.is_finite() && self.coefficients.len() == FEATURES && self.covariance.len() == TRIANGLE
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_learnt_and_an_infinite_error_is_told() {
        let mut filter = Filter::new([0.0; FEATURES], 1.0);
        for at in 0..400_u32 {
            let mut features = [0.0; FEATURES];
            (features[0], features[1]) = (1.0, f64::from(at % 7));
            let error = 3.0 - 0.5 * features[1] - filter.says(&features);
            assert!(filter.learn(&features, error));
        }
        let found = filter.coefficients();
        assert!((found[0] - 3.0).abs() < 0.02 && (found[1] + 0.5).abs() < 0.02, "{found:?}");
        assert!(!filter.learn(&[1.0; FEATURES], f64::INFINITY));
    }
}
