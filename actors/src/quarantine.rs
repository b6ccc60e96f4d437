//! Commands that kill: the same one killing its actor again and again is not taken any more.
//!
//! An actor notes what it is about to do; when it dies, its supervisor counts the death against that note.
//! Invariant: a command is refused only after it was in hand at three deaths within a minute.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;
use domain::{Secs, Timestamp};

const DEATHS_MAX: usize = 3;
const WITHIN: Secs = Secs(60);

/// What an actor is doing just now: the mark of a command, or 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct InHandMark(Arc<AtomicU64>);

impl InHandMark {
    pub(crate) fn set(&self, mark: u64) {
        self.0.store(mark, Ordering::Relaxed);
    }

    pub(crate) fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|mark| *mark != 0)
    }
}

/// The deadly commands of one tenant.
#[derive(Debug, Default)]
pub(crate) struct Quarantine {
    deaths: DashMap<u64, Vec<Timestamp>>,
}

impl Quarantine {
    /// An actor died with this command in hand.
    pub(crate) fn blame(&self, mark: u64, now: Timestamp) {
        self.deaths
            .retain(|_, deaths| deaths.last().is_some_and(|last| now.since(*last) <= Secs(3_600)));
        let mut deaths = self.deaths.entry(mark).or_default();
        if deaths.len() < DEATHS_MAX {
            deaths.retain(|at| now.since(*at) <= WITHIN);
        }
        deaths.push(now);
    }

    /// How often this command killed, if that is too often.
    pub(crate) fn verdict(&self, mark: u64) -> Option<u32> {
        let deaths = self.deaths.get(&mark)?;
        if deaths.len() < DEATHS_MAX { None } else { u32::try_from(deaths.len()).ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_deaths_within_a_minute_are_too_many() {
        let quarantine = Quarantine::default();
        quarantine.blame(7, Timestamp::from_secs(0));
        quarantine.blame(7, Timestamp::from_secs(50));
        assert_eq!(quarantine.verdict(7), None);
        quarantine.blame(7, Timestamp::from_secs(55));
        assert_eq!(quarantine.verdict(7), Some(3));
        assert_eq!(quarantine.verdict(8), None);
    }

    #[test]
    fn deaths_far_apart_are_forgiven() {
        let quarantine = Quarantine::default();
        for minute in 0..10 {
            quarantine.blame(7, Timestamp::from_secs(minute * 61));
        }
        assert_eq!(quarantine.verdict(7), None);
    }
}
