//! The one way a number is held between two others.
//!
//! Each section calls [`within`] once per number; the message names the key, the value and both ends.
//! Invariant: a bound is inclusive on both sides.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::error::Problem;

/// Adds a problem when `value` of `key` lies outside `allowed`.
pub(super) fn within<N: PartialOrd + Display>(
    problems: &mut Vec<Problem>,
    key: &str,
    value: N,
    allowed: RangeInclusive<N>,
) {
    if !allowed.contains(&value) {
        let remedy = format!("give a number from {} to {}", allowed.start(), allowed.end());
        problems.push(Problem::new(key, format!("{value} is out of bounds"), remedy));
    }
}
