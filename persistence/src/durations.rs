//! Durations as a histogram: how long people waited, walked, were served.
//!
//! Whole seconds at two significant digits up to a day; what is longer counts as a day. Histograms of parts are added
//! to that of the whole, so a percentile is never averaged.
//! Invariant: the stored form is `HdrHistogram`'s V2 with deflate, which other languages read as well.

mod cells;

pub use cells::{Cells, DurationSum};

use std::io::Cursor;

use domain::{Secs, Spread};
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};

/// The longest duration told apart from longer ones: a day.
pub const DURATION_MAX: Secs = Secs(86_400);
const DIGITS: u8 = 2;

/// How often each duration was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Durations(Histogram<u32>);

/// Bytes that are no histogram, or one of other bounds.
#[derive(Debug, thiserror::Error)]
#[error("not a histogram of durations: {0}")]
pub struct BadHistogram(String);

impl Default for Durations {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "constant bounds that the crate accepts")]
        let empty = Histogram::new_with_bounds(1, u64::from(DURATION_MAX.0), DIGITS)
            .expect("bounds are in order");
        Self(empty)
    }
}

impl Durations {
    /// Counts one duration.
    pub fn record(&mut self, duration: Secs) {
        self.0.saturating_record(u64::from(duration.min(DURATION_MAX).0));
    }

    /// Counts every duration of `spread`.
    pub fn record_all(&mut self, spread: &Spread) {
        for (duration, count) in spread.classes() {
            self.0.saturating_record_n(u64::from(duration.min(DURATION_MAX).0), count);
        }
    }

    /// Adds everything `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        // Both have the same bounds, so nothing is refused.
        let _ = self.0.add(&other.0);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The duration that `share` (0 to 1) of them do not exceed; none when nothing was counted.
    pub fn quantile(&self, share: f64) -> Option<Secs> {
        (!self.is_empty()).then(|| whole(self.0.value_at_quantile(share)))
    }

    /// How many took at most `limit`, as exactly as two digits tell.
    pub fn within(&self, limit: Secs) -> u64 {
        self.0.count_between(0, u64::from(limit.0))
    }

    /// The stored form: V2 with deflate.
    ///
    /// # Errors
    /// When memory for it cannot be had.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BadHistogram> {
        let mut bytes = Vec::new();
        let written = V2DeflateSerializer::new().serialize(&self.0, &mut bytes);
        written.map_err(|error| BadHistogram(error.to_string()))?;
        Ok(bytes)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the bytes are damaged, or of a histogram with other bounds.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadHistogram> {
        let read: Histogram<u32> = Deserializer::new()
            .deserialize(&mut Cursor::new(bytes))
            .map_err(|error| BadHistogram(error.to_string()))?;
        if read.sigfig() != DIGITS || read.high() != u64::from(DURATION_MAX.0) {
            return Err(BadHistogram("of other bounds".to_owned()));
        }
        Ok(Self(read))
    }
}

fn whole(seconds: u64) -> Secs {
    Secs(u32::try_from(seconds).unwrap_or(u32::MAX).min(DURATION_MAX.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(durations: &[u32]) -> Durations {
        let mut all = Durations::default();
        durations.iter().for_each(|seconds| all.record(Secs(*seconds)));
        all
    }

    #[test]
    fn what_is_longer_than_a_day_counts_as_a_day() {
        let far = of(&[u32::MAX]);
        assert_eq!((far.count(), far.quantile(1.0)), (1, Some(DURATION_MAX)));
        assert_eq!(Durations::default().quantile(0.5), None);
    }

    #[test]
    fn bytes_of_something_else_are_refused() {
        assert!(Durations::from_bytes(b"no histogram").is_err());
        let mut bytes = of(&[5, 70]).to_bytes().unwrap();
        bytes.truncate(bytes.len() / 2);
        assert!(Durations::from_bytes(&bytes).is_err());
    }

    proptest! {
        #[test]
        fn parts_added_are_the_whole_also_through_bytes(
            left in prop::collection::vec(0..100_000_u32, 0..60),
            right in prop::collection::vec(0..100_000_u32, 0..60),
        ) {
            let mut sum = of(&left);
            sum.merge(&Durations::from_bytes(&of(&right).to_bytes().unwrap()).unwrap());
            let whole = of(&[left, right].concat());
            prop_assert_eq!(sum.to_bytes().unwrap(), whole.to_bytes().unwrap());
        }

        #[test]
        fn a_sparse_count_loses_nothing_that_the_histogram_keeps(
            seen in prop::collection::vec(0..100_000_u32, 0..80),
        ) {
            let (mut sparse, mut made) = (Spread::default(), Durations::default());
            seen.iter().for_each(|seconds| sparse.record(Secs(*seconds)));
            made.record_all(&sparse);
            prop_assert_eq!(made.to_bytes().unwrap(), of(&seen).to_bytes().unwrap());
            prop_assert_eq!(u64::from(sparse.count()), made.count());
        }

        #[test]
        fn a_quantile_is_right_to_two_digits(mut seen in prop::collection::vec(1..86_400_u32, 1..80)) {
            let found = of(&seen).quantile(0.5).unwrap().0;
            seen.sort_unstable();
            let exact = seen[seen.len().div_ceil(2) - 1];
            prop_assert!(f64::from(found.abs_diff(exact)) <= f64::from(exact) * 0.01 + 1.0);
        }
    }
}
