//! How a queue fares: a score from 0 to 100, what takes points off it, and what somebody should be told about it.
//!
//! A queue at its best has 100 points. Four things take some away, each along a straight line between two marks:
//! - waits, 35: from half the target at nothing to twice the target (the longest wait);
//! - capacity, 25: from half full at nothing to full;
//! - lateness, 25: the share of those waiting who are beyond the target of their class;
//! - staffing, 15: from 3 people waiting for each serving agent at nothing to 15. While people wait and nobody serves,
//!   all 15, and the score is 20 at most: no other figure makes up for that.
//!
//! In reading order: the figures (`Vitals`), the score; then `rules` (when a figure is an alert), `watch` (when an alert is
//! raised and cleared), `remedy` (what would help).
//! Invariant: nobody waiting means 100 points, and nothing that gets worse adds a point.

mod remedy;
mod rules;
mod watch;

use serde::{Deserialize, Serialize};

use crate::time::{Secs, Timestamp};

pub use remedy::Remedy;
pub use rules::{AlertKind, AlertRules, RuleFault, Signal};
pub use watch::{Turn, Watch};

/// The figures of one queue that its health depends on, all of one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vitals {
    pub at: Timestamp,
    pub waiting: u32,
    /// Those who count against the capacity: waiting, or on their way.
    pub joined: u32,
    pub capacity: Option<u32>,
    pub longest_wait: Secs,
    /// The target of the queue's first class.
    pub target: Secs,
    /// Those waiting who are beyond the target of their class.
    pub late: u32,
    pub serving: u32,
    pub on_break: u32,
    /// The mean service time lately.
    pub service: Secs,
}

impl Vitals {
    /// The same figures at `now`, if nothing has happened since: the longest wait has grown.
    #[must_use]
    pub fn aged(self, now: Timestamp) -> Self {
        let grown = if self.waiting == 0 { Secs(0) } else { now.since(self.at) };
        Self { longest_wait: self.longest_wait + grown, at: self.at.max(now), ..self }
    }

    /// How full the queue is, in percent.
    fn fill_percent(&self) -> u32 {
        self.capacity.map_or(0, |capacity| percent(self.joined, capacity))
    }

    /// The longest wait as a percentage of the target.
    fn wait_percent(&self) -> u32 {
        if self.waiting == 0 { 0 } else { percent(self.longest_wait.0, self.target.0) }
    }

    /// Of those waiting, how many percent are within their target; all, when nobody waits.
    fn within_percent(&self) -> u32 {
        if self.waiting == 0 {
            return 100;
        }
        percent(self.waiting.saturating_sub(self.late), self.waiting)
    }
}

/// `part` of `whole` in whole percent, rounded down; of nothing, everything is 100 %.
fn percent(part: u32, whole: u32) -> u32 {
    let whole = u64::from(whole);
    let percent = (u64::from(part) * 100).checked_div(whole).unwrap_or(100);
    u32::try_from(percent).unwrap_or(u32::MAX)
}

/// What takes points off a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    LongWait,
    NearCapacity,
    BeyondTarget,
    FewServing,
    NobodyServing,
}

impl Factor {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LongWait => "long_wait",
            Self::NearCapacity => "near_capacity",
            Self::BeyondTarget => "beyond_target",
            Self::FewServing => "few_serving",
            Self::NobodyServing => "nobody_serving",
        }
    }
}

/// A score in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Below 25.
    Critical,
    /// From 25.
    Poor,
    /// From 50.
    Strained,
    /// From 75.
    Good,
}

impl Level {
    pub const fn of(score: u32) -> Self {
        match score {
            0..25 => Self::Critical,
            25..50 => Self::Poor,
            50..75 => Self::Strained,
            75.. => Self::Good,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Poor => "poor",
            Self::Strained => "strained",
            Self::Good => "good",
        }
    }
}

/// How a queue fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// 0 to 100.
    pub score: u32,
    pub level: Level,
    /// What took points off and how many, the most first.
    pub lost: Vec<(Factor, u32)>,
}

const WAIT: u32 = 35;
const CAPACITY: u32 = 25;
const LATENESS: u32 = 25;
const STAFFING: u32 = 15;
const _: () =
    assert!(WAIT + CAPACITY + LATENESS + STAFFING == 100, "the worst queue has no points");
/// The most that a queue has whose people nobody serves.
const UNSERVED_MAX: u32 = 20;

/// Scores a queue by its figures.
pub fn health(vitals: &Vitals) -> Health {
    let unserved = vitals.waiting > 0 && vitals.serving == 0;
    let each = u64::from(vitals.waiting) * 100;
    let staffing = match each.checked_div(u64::from(vitals.serving)) {
        Some(each) => (Factor::FewServing, ramp(each, 300, 1_500, STAFFING)),
        None => (Factor::NobodyServing, if unserved { STAFFING } else { 0 }),
    };
    let late = if vitals.waiting == 0 { 0 } else { percent(vitals.late, vitals.waiting) };
    let mut lost = vec![
        (Factor::LongWait, ramp(u64::from(vitals.wait_percent()), 50, 200, WAIT)),
        (Factor::NearCapacity, ramp(u64::from(vitals.fill_percent()), 50, 100, CAPACITY)),
        (Factor::BeyondTarget, ramp(u64::from(late), 0, 100, LATENESS)),
        staffing,
    ];
    lost.retain(|(_, points)| *points > 0);
    lost.sort_by_key(|(factor, points)| (std::cmp::Reverse(*points), *factor));
    let left = 100_u32.saturating_sub(lost.iter().map(|(_, points)| points).sum());
    let score = if unserved { left.min(UNSERVED_MAX) } else { left };
    Health { score, level: Level::of(score), lost }
}

/// No points at `from`, all of them at `to`, in between along a line, rounded down.
fn ramp(value: u64, from: u64, to: u64, points: u32) -> u32 {
    let beyond = value.clamp(from, to) - from;
    u32::try_from(beyond * u64::from(points) / (to - from)).unwrap_or(points)
}

#[cfg(test)]
mod tests;
