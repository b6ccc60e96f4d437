//! Two ways of doing the same, compared on a machine that others use too: in many short rounds, each way twice.
//!
//! A round goes one, other, other, one, so that a drift of the machine falls on both alike; its figure is the time of the
//! one over that of the other. What disturbs a round disturbs one figure of many, so the median is taken, with the 95 %
//! interval that the sign test gives: no matter how the figures are spread, the true median lies outside in one case of
//! twenty. Invariant: nothing is left out; every round that was run counts.

use std::fmt;
use std::time::Duration;

/// What the rounds came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) median: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) rounds: usize,
}

/// Runs `rounds` of them; both ways say how long they took.
pub(crate) fn compare(
    rounds: usize,
    mut one: impl FnMut() -> Duration,
    mut other: impl FnMut() -> Duration,
) -> Verdict {
    let ratios: Vec<f64> = (0..rounds)
        .map(|_| {
            let first = one();
            let others = other() + other();
            (first + one()).as_secs_f64() / others.as_secs_f64()
        })
        .collect();
    Verdict::of(ratios)
}

impl Verdict {
    /// Of the figures of all rounds, one at least.
    pub(crate) fn of(mut ratios: Vec<f64>) -> Self {
        ratios.sort_by(f64::total_cmp);
        let rounds = ratios.len();
        // Half the interval is 0.98 roots of the rounds; the whole root, and one more, is a little wider.
        let (middle, half) = (rounds / 2, rounds.isqrt() + 1);
        let low = middle.saturating_sub(half);
        let high = (middle + half).min(rounds.saturating_sub(1));
        let median = (ratios[(rounds - 1) / 2] + ratios[rounds / 2]) / 2.0;
        Self { median, low: ratios[low], high: ratios[high], rounds }
    }

    /// Whether the one takes at most `limit` times as long as the other; none while the interval covers the limit.
    pub(crate) fn is_within(&self, limit: f64) -> Option<bool> {
        match (self.high <= limit, self.low > limit) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            (false, false) => None,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |ratio: f64| (ratio - 1.0) * 100.0;
        let Self { median, low, high, rounds } = *self;
        let (median, low, high) = (percent(median), percent(low), percent(high));
        write!(f, "median {median:+.1} %, 95 % interval {low:+.1} to {high:+.1} %, {rounds} rounds")
    }
}
