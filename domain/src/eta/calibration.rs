//! Whether the promises hold: of the last people who were told a range, how many were called inside it.
//!
//! Eight in ten should be. The last five hundred are remembered one by one, so that old days fall out.
//! Invariant: `inside` ≤ `promised` ≤ `REMEMBERED`.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

const REMEMBERED: usize = 500;

/// One flag for each of the last promises: was the person called inside the range?
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Calibration(VecDeque<bool>);

impl Calibration {
    pub fn record(&mut self, inside: bool) {
        if self.0.len() >= REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(inside);
    }

    /// People who were told a range and have been called since.
    pub fn promised(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Those of them who were called inside it.
    pub fn inside(&self) -> u32 {
        u32::try_from(self.0.iter().filter(|inside| **inside).count()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_promises_count() {
        let mut calibration = Calibration::default();
        for at in 0..700 {
            calibration.record(at >= 600);
        }
        assert_eq!((calibration.promised(), calibration.inside()), (500, 100));
    }
}
