//! Instants and durations: one unit each, and no arithmetic that can go below zero.
//!
//! The clock is read outside this crate; every rule takes `now` as an argument.
//! Invariant: a duration is never negative, even when the clock stepped back between two readings.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

const MICROS_PER_SECOND: i64 = 1_000_000;

impl Timestamp {
    /// The instant that many whole seconds after the epoch.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(MICROS_PER_SECOND))
    }

    /// Microseconds gone by since `earlier`; zero if the clock stepped back.
    pub const fn micros_since(self, earlier: Self) -> i64 {
        let gone = self.0.saturating_sub(earlier.0);
        if gone < 0 { 0 } else { gone }
    }

    /// Whole seconds since `earlier`, rounded down; zero if the clock stepped back.
    pub fn since(self, earlier: Self) -> Secs {
        let secs = self.micros_since(earlier) / MICROS_PER_SECOND;
        Secs(u32::try_from(secs).unwrap_or(u32::MAX))
    }

    /// This instant, `secs` later.
    pub const fn after(self, secs: Secs) -> Self {
        Self(self.0.saturating_add(secs.0 as i64 * MICROS_PER_SECOND))
    }

    /// This instant, `secs` earlier.
    pub const fn before(self, secs: Secs) -> Self {
        Self(self.0.saturating_sub(secs.0 as i64 * MICROS_PER_SECOND))
    }

    /// The same instant in jiff's type, clamped to the years jiff knows.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self(instant.as_microsecond())
    }
}

/// RFC 3339 in UTC with `Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

/// A duration in whole seconds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Secs(pub u32);

impl Secs {
    /// The whole seconds nearest to `secs`, at least none.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what a u32 holds"
    )]
    pub fn rounded(secs: f64) -> Self {
        Self(secs.round().clamp(0.0, f64::from(u32::MAX)) as u32)
    }

    /// That many minutes.
    pub const fn minutes(minutes: u32) -> Self {
        Self(minutes.saturating_mul(60))
    }

    /// The same duration in microseconds.
    pub const fn micros(self) -> i64 {
        self.0 as i64 * MICROS_PER_SECOND
    }
}

impl std::ops::Add for Secs {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Secs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}
