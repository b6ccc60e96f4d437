//! A histogram of durations without its empty places, and the sum of many.
//!
//! Reports keep thousands of histograms in memory and add them up; most of their 1,400 places are empty. The stored
//! form stays that of [`Durations`].
//! Invariant: a quantile of a sum is the one that `hdrhistogram` gives for all durations together.

use domain::Secs;

use super::{BadHistogram, DURATION_MAX, Durations, whole};

/// Values up to here have a place of their own; each doubling beyond has half as many places.
const FINE: u64 = 256;
const PLACES: usize = 1_408;

/// How often each duration was seen, by place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cells(Box<[(u16, u32)]>);

/// Many histograms added up.
#[derive(Debug, Clone)]
pub struct DurationSum {
    counts: Vec<u64>,
    count: u64,
}

impl Default for DurationSum {
    fn default() -> Self {
        Self { counts: vec![0; PLACES], count: 0 }
    }
}

/// Where a duration is counted.
fn place(seconds: u64) -> usize {
    let seconds = seconds.min(u64::from(DURATION_MAX.0));
    let doublings = (seconds | (FINE - 1)).ilog2() - 7;
    usize::try_from((u64::from(doublings) << 7) + (seconds >> doublings)).unwrap_or(PLACES - 1)
}

/// The longest duration counted at a place.
fn longest(place: usize) -> u64 {
    let place = u64::try_from(place).unwrap_or_default();
    if place < FINE {
        return place;
    }
    let doublings = (place >> 7) - 1;
    ((place - (doublings << 7) + 1) << doublings) - 1
}

impl Cells {
    /// The histogram of these durations.
    pub fn of(durations: &[Secs]) -> Self {
        let mut places: Vec<u16> = durations
            .iter()
            .map(|duration| u16::try_from(place(u64::from(duration.0))).unwrap_or_default())
            .collect();
        places.sort_unstable();
        let runs = places.chunk_by(|a, b| a == b);
        Self(runs.map(|run| (run[0], u32::try_from(run.len()).unwrap_or(u32::MAX))).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many took at most `limit`, as exactly as two digits tell.
    pub fn within(&self, limit: Secs) -> u64 {
        let last = place(u64::from(limit.0));
        let inside = self.0.iter().take_while(|(place, _)| usize::from(*place) <= last);
        inside.map(|(_, count)| u64::from(*count)).sum()
    }

    /// How much memory it takes beside itself.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }

    /// The stored form; none when nothing was counted.
    ///
    /// # Errors
    /// When memory for it cannot be had.
    pub fn to_bytes(&self) -> Result<Option<Vec<u8>>, BadHistogram> {
        if self.is_empty() {
            return Ok(None);
        }
        let mut whole = Durations::default();
        for (place, count) in &self.0 {
            whole.0.saturating_record_n(longest(usize::from(*place)), *count);
        }
        whole.to_bytes().map(Some)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// As [`Durations::from_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadHistogram> {
        let whole = Durations::from_bytes(bytes)?;
        let recorded = whole.0.iter_recorded();
        Ok(Self(
            recorded
                .map(|step| {
                    let place = u16::try_from(place(step.value_iterated_to())).unwrap_or_default();
                    (place, step.count_at_value())
                })
                .collect(),
        ))
    }
}

impl DurationSum {
    pub fn add(&mut self, cells: &Cells) {
        for (place, count) in &cells.0 {
            self.counts[usize::from(*place)] += u64::from(*count);
            self.count += u64::from(*count);
        }
    }

    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The duration that `share` (above 0, up to 1) of them do not exceed; none when nothing was counted.
    pub fn quantile(&self, share: f64) -> Option<Secs> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a count is a count"
        )]
        let wanted = ((share.clamp(0.0, 1.0) * self.count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        let place = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        })?;
        Some(whole(longest(place)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secs(all: &[u32]) -> Vec<Secs> {
        all.iter().copied().map(Secs).collect()
    }

    #[test]
    fn every_place_holds_its_own_longest_duration() {
        for seconds in 0..=u64::from(DURATION_MAX.0) {
            let place = place(seconds);
            assert!(place < PLACES && seconds <= longest(place), "{seconds}");
            assert!(place == 0 || longest(place - 1) < seconds, "{seconds}");
        }
        assert_eq!(DurationSum::default().quantile(0.5), None);
    }

    proptest! {
        #[test]
        fn a_sum_says_what_one_histogram_of_all_says(
            left in prop::collection::vec(0..100_000_u32, 0..60),
            right in prop::collection::vec(0..2_000_u32, 1..60),
            limit in 0..90_000_u32,
        ) {
            let mut sum = DurationSum::default();
            for part in [&left, &right] {
                let cells = Cells::of(&secs(part));
                if let Some(bytes) = cells.to_bytes().unwrap() {
                    prop_assert_eq!(&Cells::from_bytes(&bytes).unwrap(), &cells);
                }
                sum.add(&cells);
            }
            let mut whole = Durations::default();
            let within = [&left, &right].map(|part| Cells::of(&secs(part)).within(Secs(limit)));
            secs(&[left, right].concat()).into_iter().for_each(|duration| whole.record(duration));
            prop_assert_eq!(sum.count(), whole.count());
            prop_assert_eq!(within.iter().sum::<u64>(), whole.within(Secs(limit)));
            for share in [0.01, 0.5, 0.9, 0.95, 0.99, 1.0] {
                prop_assert_eq!(sum.quantile(share), whole.quantile(share), "{}", share);
            }
        }
    }
}
