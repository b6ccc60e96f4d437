//! How well waits would have been foretold: a queue log is gone through in order, and every estimator is scored.
//!
//! Each prediction is made with what was known at that instant; its wait becomes known when the ticket is called.
//! Scored are the tickets that had to wait and were called: at their arrival, and again at every call that others
//! get. Invariant: nothing of the future reaches a prediction, and all predictors are asked at the same moments.

mod branch;
mod events;
mod formulas;
mod report;
mod score;

use domain::{Secs, Timestamp};

use crate::replay::Log;

use self::branch::Branch;
use self::events::steps;
use self::score::Scores;

pub(crate) use self::report::Report;

/// What the log does not say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// Predictions from then on are scored; those before only teach.
    pub(crate) from: Option<Timestamp>,
    /// People of high priority stand in line as if they had come so much earlier.
    pub(crate) head_start: Secs,
    /// The mean service before any has been seen.
    pub(crate) default_service: Secs,
}

/// Goes through the log once. Each queue of it is a pool of its own.
pub(crate) fn evaluate(log: &Log, setting: Setting) -> Report {
    let mut rows: Vec<_> = log.visits.iter().collect();
    // The order of arrival decides between two who came in the same second, then that of leaving.
    rows.sort_by_key(|visit| (visit.arrived_at, events::ended_at(visit)));
    let queues = rows.iter().map(|visit| visit.queue + 1).max().unwrap_or(0);
    let mut branches: Vec<Branch<'_>> = (0..queues).map(|_| Branch::new(&rows, setting)).collect();
    let mut scores = Scores::new(setting.from);
    for step in steps(&rows) {
        branches[rows[step.row].queue].take(step, &mut scores);
    }
    Report::new(rows.len(), scores)
}
