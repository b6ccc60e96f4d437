//! Predictions against waits: the errors of each predictor, at arrival and live.
//!
//! A wait counts as at least a second. Invariant: every predictor has as many errors as any other.

use domain::Timestamp;

use super::branch::seconds;
use super::formulas::NAMES;

/// What every predictor said at one moment about one ticket.
#[derive(Debug, Clone)]
pub(super) struct Guess {
    pub(super) at: Timestamp,
    pub(super) live: bool,
    /// In the order of [`NAMES`].
    pub(super) waits: [f64; NAMES.len()],
    /// P10 and P90 of the model; no formula has any.
    pub(super) range: (f64, f64),
}

/// The errors so far.
#[derive(Debug, Default)]
pub(super) struct Scores {
    from: Option<Timestamp>,
    /// At arrival, live.
    pub(super) kinds: [Errors; 2],
}

#[derive(Debug, Default)]
pub(super) struct Errors {
    /// Predicted less waited.
    pub(super) of: [Vec<f64>; NAMES.len()],
    pub(super) inside: usize,
    pub(super) winkler: f64,
}

/// Twice the inverse of what an 80 % range leaves out.
const PENALTY: f64 = 2.0 / 0.2;

impl Scores {
    pub(super) fn new(from: Option<Timestamp>) -> Self {
        Self { from, ..Self::default() }
    }

    /// Scores a guess whose ticket was called at `called_at`; gives the wait.
    pub(super) fn settle(&mut self, guess: &Guess, called_at: Timestamp) -> f64 {
        let wait = seconds(guess.at, called_at).max(1.0);
        if self.from.is_none_or(|from| guess.at >= from) {
            self.kinds[usize::from(guess.live)].add(guess, wait);
        }
        wait
    }
}

impl Errors {
    fn add(&mut self, guess: &Guess, wait: f64) {
        for (errors, predicted) in self.of.iter_mut().zip(guess.waits) {
            errors.push(predicted - wait);
        }
        let (low, high) = guess.range;
        self.inside += usize::from((low..=high).contains(&wait));
        self.winkler += high - low + PENALTY * ((low - wait).max(0.0) + (wait - high).max(0.0));
    }
}
