//! How a queue fares, as the API shows it: a score, a word for it, and what took points off.
//!
//! The formula stands in `domain/src/health.rs`.
//! Invariant: the points lost and the score make a hundred, but for a queue whose people nobody serves.

use domain::Health;
use serde::Serialize;
use utoipa::ToSchema;

/// What took points off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct HealthReason {
    /// long_wait, near_capacity, beyond_target, few_serving or nobody_serving.
    #[schema(example = "long_wait")]
    pub reason: &'static str,
    #[schema(example = 17)]
    pub points: u32,
}

/// How a queue fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HealthView {
    /// 0 to 100.
    #[schema(example = 83)]
    pub score: u32,
    /// good (from 75), strained (from 50), poor (from 25) or critical.
    #[schema(example = "good")]
    pub level: &'static str,
    /// The most points first.
    pub reasons: Vec<HealthReason>,
}

impl From<Health> for HealthView {
    fn from(health: Health) -> Self {
        let lost = health.lost.into_iter();
        let reason = |(factor, points): (domain::Factor, u32)| HealthReason {
            reason: factor.as_str(),
            points,
        };
        Self {
            score: health.score,
            level: health.level.as_str(),
            reasons: lost.map(reason).collect(),
        }
    }
}
