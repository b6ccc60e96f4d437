//! How often each duration was seen, without the durations that were not.
//!
//! Durations are told apart to two significant digits, as in the histograms that they are made into: exactly up to
//! 255 s, then in classes of 2, 4, 8 s and so on up to a day. A class stands under its shortest duration.
//! Invariant: classes ascend, each once, with a count above zero; there are at most 1 408 of them.

use serde::{Deserialize, Serialize};

use crate::time::Secs;

/// What is longer counts as a day.
const LONGEST: u32 = 86_400;
/// Significant binary digits: 128 classes between a power of two and the next.
const DIGITS: u32 = 8;

/// Sparse counts of durations.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Spread(Vec<(u32, u32)>);

impl Spread {
    pub fn record(&mut self, duration: Secs) {
        let class = class_of(duration);
        match self.0.binary_search_by_key(&class, |(class, _)| *class) {
            Ok(place) => self.0[place].1 = self.0[place].1.saturating_add(1),
            Err(place) => self.0.insert(place, (class, 1)),
        }
    }

    /// Adds everything that `other` has counted.
    pub fn add(&mut self, other: &Self) {
        if other.0.is_empty() {
            return;
        }
        let mut merged = Vec::with_capacity(self.0.len() + other.0.len());
        let mut mine = self.0.iter().copied().peekable();
        for (class, count) in other.0.iter().copied() {
            merged.extend(std::iter::from_fn(|| mine.next_if(|(own, _)| *own < class)));
            let own = mine.next_if(|(own, _)| *own == class).map_or(0, |(_, count)| count);
            merged.push((class, own.saturating_add(count)));
        }
        merged.extend(mine);
        self.0 = merged;
    }

    /// Each class with its count, shortest first.
    pub fn classes(&self) -> impl Iterator<Item = (Secs, u32)> + '_ {
        self.0.iter().map(|(class, count)| (Secs(*class), *count))
    }

    /// How many were counted.
    pub fn count(&self) -> u32 {
        self.0.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }
}

fn class_of(duration: Secs) -> u32 {
    let secs = duration.0.min(LONGEST);
    let shift = (u32::BITS - secs.leading_zeros()).saturating_sub(DIGITS);
    secs >> shift << shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_exact_at_first_and_then_of_two_digits() {
        for (secs, class) in [(0, 0), (255, 255), (256, 256), (257, 256), (1_001, 1_000)] {
            assert_eq!(class_of(Secs(secs)), class);
        }
        assert_eq!(class_of(Secs(u32::MAX)), class_of(Secs(LONGEST)));
    }

    #[test]
    fn there_are_no_more_classes_than_promised() {
        let mut all = Spread::default();
        (0..=LONGEST).for_each(|secs| all.record(Secs(secs)));
        assert!(all.0.len() <= 1_408, "{}", all.0.len());
        assert_eq!(all.count(), LONGEST + 1);
    }
}
