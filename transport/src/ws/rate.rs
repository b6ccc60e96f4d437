//! How often something may happen: a steady rate with a burst, and a small number within a window.
//!
//! Both are a few words of memory and never allocate for a client that behaves.
//! Invariant: time is an argument, so a test needs no clock.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// One event per gap, sustained; a burst may run ahead of that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    gap: Duration,
    burst: Duration,
    /// When everything taken so far would have happened at the steady rate.
    paid_until: Instant,
}

impl Rate {
    /// A rate of which nothing has been used.
    pub(crate) const fn new(gap: Duration, burst: Duration, now: Instant) -> Self {
        Self { gap, burst, paid_until: now }
    }

    /// Counts one event at `now`; false when it is one too many, and then it is not counted.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let from = self.paid_until.max(now);
        let is_allowed = from.saturating_duration_since(now) < self.burst;
        if is_allowed {
            self.paid_until = from + self.gap;
        }
        is_allowed
    }
}

/// Counts events within a moving window.
#[derive(Debug)]
pub(crate) struct Strikes {
    max: usize,
    within: Duration,
    at: VecDeque<Instant>,
}

impl Strikes {
    /// No event so far.
    pub(crate) const fn new(max: usize, within: Duration) -> Self {
        Self { max, within, at: VecDeque::new() }
    }

    /// Counts one event at `now`; true when it makes the full number within the window.
    pub(crate) fn add(&mut self, now: Instant) -> bool {
        while self
            .at
            .front()
            .is_some_and(|oldest| now.saturating_duration_since(*oldest) >= self.within)
        {
            self.at.pop_front();
        }
        self.at.push_back(now);
        self.at.len() >= self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_millis(20);
    const BURST: Duration = Duration::from_secs(1);

    #[test]
    fn the_steady_rate_may_go_on_for_ever() {
        let start = Instant::now();
        let mut rate = Rate::new(GAP, BURST, start);
        assert!((0..10_000).all(|n| rate.take(start + GAP * n)));
    }

    #[test]
    fn a_burst_is_taken_once_and_comes_back_with_time() {
        let start = Instant::now();
        let mut rate = Rate::new(GAP, BURST, start);
        assert_eq!((0..1_000).filter(|_| rate.take(start)).count(), 50);
        let later = start + GAP * 5;
        assert_eq!((0..1_000).filter(|_| rate.take(later)).count(), 5);
        let much_later = start + BURST * 100;
        assert_eq!((0..1_000).filter(|_| rate.take(much_later)).count(), 50);
    }

    #[test]
    fn ten_within_a_minute_are_a_strike_and_ten_in_two_are_not() {
        let start = Instant::now();
        let mut strikes = Strikes::new(10, Duration::from_secs(60));
        assert!((0..30).all(|n| !strikes.add(start + Duration::from_secs(12) * n)));
        let mut strikes = Strikes::new(10, Duration::from_secs(60));
        assert_eq!((0..10).position(|n| strikes.add(start + Duration::from_secs(n))), Some(9));
    }
}
