//! The views kept of one waiting ticket until its wait is known: that of its arrival and a few live ones.
//!
//! All live views would teach long waits too often, one alone would teach too little; four are drawn evenly from
//! however many there are. Chance is a hash of the ticket and the count, so that replay draws the same ones.
//! Invariant: at most `LIVE_VIEWS` live views, and none of the second of the call teaches anything.

use serde::{Deserialize, Serialize};

use super::LIVE_VIEWS;
use super::model::{Model, Snapshot};
use crate::class::ClassKey;
use crate::time::Timestamp;

/// A view younger than this at the call is of the call itself.
const YOUNGEST_SECS: f64 = 1.0;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct KeptViews {
    arrival: Option<Snapshot>,
    live: Vec<Snapshot>,
    /// Live views that were offered so far.
    offered: u32,
}

impl KeptViews {
    pub fn arrived(&mut self, seen: Snapshot) {
        self.arrival = Some(seen);
    }

    /// The place for the next live view of the ticket with this `salt`; none when it is not drawn, so that it need
    /// not be made.
    pub fn draw(&mut self, salt: u64) -> Option<usize> {
        self.offered = self.offered.saturating_add(1);
        let drawn = mixed(salt ^ u64::from(self.offered)) % u64::from(self.offered);
        let place = usize::try_from(drawn).unwrap_or(LIVE_VIEWS);
        if self.live.len() < LIVE_VIEWS {
            Some(self.live.len())
        } else {
            (place < LIVE_VIEWS).then_some(place)
        }
    }

    /// Keeps a live view at the place that [`Self::draw`] gave.
    pub fn keep(&mut self, place: usize, seen: Snapshot) {
        match self.live.get_mut(place) {
            Some(kept) => *kept = seen,
            None => self.live.push(seen),
        }
    }

    /// Teaches the model what came of every view, the oldest first.
    pub fn label(mut self, model: &mut Model, class: &ClassKey, called_at: Timestamp) {
        self.live.sort_by_key(|seen| seen.at);
        let old_enough =
            |seen: &&Snapshot| !seen.live || seen.wait_until(called_at) >= YOUNGEST_SECS;
        for seen in self.arrival.iter().chain(&self.live).filter(old_enough) {
            model.label(class, seen, seen.wait_until(called_at));
        }
    }
}

/// Spreads every bit of `x` over all of them.
const fn mixed(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_view_is_kept_about_as_often_as_every_other() {
        let views = 20_usize;
        let mut kept = vec![0_u32; views];
        for ticket in 0..2_000_u64 {
            let (mut drawn, mut slots) = (KeptViews::default(), [usize::MAX; LIVE_VIEWS]);
            for view in 0..views {
                // Only the number of live views is looked at.
                if let Some(place) = drawn.draw(mixed(ticket)) {
                    drawn.keep(place, Snapshot::default());
                    slots[place] = view;
                }
            }
            slots.into_iter().for_each(|view| kept[view] += 1);
        }
        // 400 each, give or take; five standard deviations are 90.
        assert!(kept.iter().all(|count| count.abs_diff(400) < 90), "{kept:?}");
    }
}
