//! `[metrics]`: how often it is stored how every queue stands.
//!
//! One number with its default and one check.
//! Invariant: there is a sample in every hour, or thinning old samples to one an hour would leave holes.

use serde::Deserialize;

use super::bounds::within;
use super::error::Problem;

/// How often it is stored how the queues stand.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsConfig {
    /// Seconds between two samples of every queue.
    pub sample_seconds: u64,
}

impl Default for MetricsConfig {
    fn default() -> MetricsConfig {
        MetricsConfig { sample_seconds: 30 }
    }
}

impl MetricsConfig {
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        within(problems, "metrics.sample_seconds", self.sample_seconds, 5..=3_600);
    }
}
