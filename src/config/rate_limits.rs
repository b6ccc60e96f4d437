//! `[rate_limits]`: how many requests a minute one address, or one caller, may make.
//!
//! Plain numbers with their defaults and one check. Invariant: 0 always means without bound.

use serde::Deserialize;

use super::bounds::within;
use super::error::Problem;

/// Requests a minute; a minute's worth may come at once.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimitsConfig {
    /// Of sign-in and what belongs to it, for each address.
    pub sign_in_per_minute: u32,
    /// Of joining, ticket links and pairing, for each address.
    pub public_per_minute: u32,
    /// Of everything else without a token, for each address.
    pub anonymous_per_minute: u32,
    /// Of everything with a token, for each caller.
    pub caller_per_minute: u32,
}

impl Default for RateLimitsConfig {
    fn default() -> RateLimitsConfig {
        RateLimitsConfig {
            sign_in_per_minute: 120,
            public_per_minute: 600,
            anonymous_per_minute: 0,
            caller_per_minute: 0,
        }
    }
}

impl RateLimitsConfig {
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        for (key, value) in [
            ("rate_limits.sign_in_per_minute", self.sign_in_per_minute),
            ("rate_limits.public_per_minute", self.public_per_minute),
            ("rate_limits.anonymous_per_minute", self.anonymous_per_minute),
            ("rate_limits.caller_per_minute", self.caller_per_minute),
        ] {
            within(problems, key, value, 0..=10_000_000);
        }
    }
}
