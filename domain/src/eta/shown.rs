//! The range as people read it: rounded outward, and steady.
//!
//! A minute below ten minutes, five minutes above. What is shown changes only when the middle of the new estimate
//! leaves the old range or moves by more than a fifth, so that nobody sees it flicker.
//! Invariant: the shown range holds the estimate it was made from; it may say too much, never too little.

use super::Estimate;
use crate::time::Secs;

const MINUTE: u32 = 60;
const FINE_BELOW: u32 = 10 * MINUTE;

/// P10 rounded down and P90 rounded up, as people are told.
pub const fn rounded(estimate: &Estimate) -> (Secs, Secs) {
    let (low, high) = (estimate.p10.0, estimate.p90.0);
    let from = low / step(low) * step(low);
    let to = high.div_ceil(step(high)).saturating_mul(step(high));
    (Secs(from), Secs(if to < MINUTE { MINUTE } else { to }))
}

const fn step(secs: u32) -> u32 {
    if secs < FINE_BELOW { MINUTE } else { 5 * MINUTE }
}

/// A range somebody was shown, with the middle it was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub from: Secs,
    pub to: Secs,
    middle: Secs,
}

impl From<&Estimate> for Shown {
    fn from(estimate: &Estimate) -> Self {
        let (from, to) = rounded(estimate);
        Self { from, to, middle: estimate.p50 }
    }
}

impl Shown {
    /// What is shown now that the estimate is another.
    #[must_use]
    pub fn after(self, estimate: &Estimate) -> Self {
        let middle = estimate.p50;
        let stays = (self.from..=self.to).contains(&middle);
        let moved = u64::from(middle.0.abs_diff(self.middle.0)) * 5 > u64::from(self.middle.0);
        if stays && !moved { self } else { estimate.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(p10: u32, p50: u32, p90: u32) -> Estimate {
        Estimate { p10: Secs(p10), p50: Secs(p50), p90: Secs(p90) }
    }

    #[test]
    fn a_range_is_rounded_outward() {
        for (p10, p90, from, to) in [
            (0, 0, 0, 60),
            (59, 61, 0, 120),
            (120, 120, 120, 120),
            (330, 780, 300, 900),
            (599, 601, 540, 900),
            (659, 1_501, 600, 1_800),
        ] {
            assert_eq!(rounded(&estimate(p10, p10, p90)), (Secs(from), Secs(to)));
        }
    }

    #[test]
    fn what_is_shown_is_steady_until_it_would_mislead() {
        let shown = Shown::from(&estimate(300, 500, 900));
        assert_eq!(shown.after(&estimate(350, 560, 1_000)), shown);
        assert_ne!(shown.after(&estimate(400, 610, 1_100)), shown, "a fifth more");
        let wide = Shown { from: Secs(300), to: Secs(540), middle: Secs(500) };
        assert_ne!(wide.after(&estimate(300, 545, 700)), wide, "outside");
    }
}
