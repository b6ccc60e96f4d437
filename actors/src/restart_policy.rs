//! How often a child may die before it is set aside: a policy that is data.
//!
//! A burst of deaths is allowed, each restart waits a little longer; beyond it the child is set aside and
//! tried again after a pause. One child's deaths never count against another's.
//! Invariant: the pause between two starts never passes the longest one.

use std::collections::VecDeque;
use std::time::Duration;

use domain::{Secs, Timestamp};

/// Deaths within this time count together.
const PERIOD: Secs = Secs(60);
/// Deaths allowed within the period.
const BURST_MAX: usize = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What to do with a child that died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Restart {
        after: Duration,
    },
    /// It keeps dying: answer for it, and try again later.
    SetAside {
        retry_after: Duration,
    },
}

/// The deaths of one child.
#[derive(Debug, Default)]
pub(crate) struct Deaths(VecDeque<Timestamp>);

impl Deaths {
    /// Counts a death at `now` and judges.
    pub(crate) fn judge(&mut self, now: Timestamp) -> Verdict {
        self.0.retain(|at| now.since(*at) <= PERIOD);
        self.0.push_back(now);
        let deaths = self.0.len();
        if deaths > BURST_MAX {
            return Verdict::SetAside { retry_after: LONGEST_PAUSE };
        }
        let doublings = u32::try_from(deaths.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
        Verdict::Restart { after: FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_forgiven_and_more_is_not() {
        let mut deaths = Deaths::default();
        let pauses: Vec<Verdict> =
            (0..6).map(|second| deaths.judge(Timestamp::from_secs(second))).collect();
        assert_eq!(pauses[0], Verdict::Restart { after: Duration::from_millis(10) });
        assert_eq!(pauses[4], Verdict::Restart { after: Duration::from_millis(160) });
        assert_eq!(pauses[5], Verdict::SetAside { retry_after: LONGEST_PAUSE });
    }

    #[test]
    fn deaths_far_apart_each_count_as_the_first() {
        let mut deaths = Deaths::default();
        for minute in 0..20 {
            let verdict = deaths.judge(Timestamp::from_secs(minute * 61));
            assert_eq!(verdict, Verdict::Restart { after: FIRST_PAUSE });
        }
    }
}
