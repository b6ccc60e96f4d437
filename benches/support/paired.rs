//! Two ways of doing the same, compared on a machine that others use too: in many short rounds, each way twice.
//!
//! A round goes one, other, other, one, so that a drift of the machine falls on both alike; its figure is the time of the
//! one over that of the other. What disturbs a round disturbs one figure of many, so the median is taken, with the 95 %
//! interval that the sign test gives: no matter how the figures are spread, the true median lies outside in one case of
//! twenty. Invariant: nothing is left out; every round that was run counts.

use std::fmt;
use std::time::Duration;

/// The z of a two-sided interval of 95 %.
const Z: f64 = 1.96;

/// What the rounds came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    pub median: f64,
    pub low: f64,
    pub high: f64,
    pub rounds: usize,
}

/// Runs `rounds` of them; both ways say how long they took.
pub fn compare(
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
    pub fn of(mut ratios: Vec<f64>) -> Self {
        ratios.sort_by(f64::total_cmp);
        let rounds = ratios.len();
        let half = Z * (rounds as f64).sqrt() / 2.0;
        let middle = rounds as f64 / 2.0;
        // Ranks are counted from one; outside the figures there is no narrower bound than the last of them.
        let low = ((middle - half).floor().max(1.0) as usize) - 1;
        let high = ((middle + half).ceil() as usize + 1).min(rounds) - 1;
        let median = (ratios[(rounds - 1) / 2] + ratios[rounds / 2]) / 2.0;
        Self { median, low: ratios[low], high: ratios[high], rounds }
    }

    /// Whether the one takes at most `limit` times as long as the other; none while the interval covers the limit.
    pub fn is_within(&self, limit: f64) -> Option<bool> {
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
