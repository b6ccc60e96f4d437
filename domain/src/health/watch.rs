//! When an alert is raised and when it is cleared: neither at the first sign.
//!
//! A matter must be seen bad for some time without a break to be raised, and seen good for some time without a break to
//! be cleared. What is neither good nor bad breaks both.
//! Invariant: raised and cleared take turns, and each was preceded by its whole time.

use super::rules::{AlertRules, Signal};
use crate::time::Timestamp;

/// One matter being watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Watch {
    #[default]
    Calm,
    /// Bad since then.
    Rising(Timestamp),
    Raised,
    /// Raised, and good since then.
    Falling(Timestamp),
}

/// What a look decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Raise,
    Clear,
}

impl Watch {
    /// Looks at how the matter stands at `now`: what it is watched as from now on, and whether that is a turn.
    #[must_use]
    pub fn look(self, signal: Signal, now: Timestamp, rules: &AlertRules) -> (Self, Option<Turn>) {
        match (self, signal) {
            (Self::Calm, Signal::Bad) => Self::Rising(now).held_bad(now, rules),
            (Self::Rising(_), Signal::Bad) => self.held_bad(now, rules),
            (Self::Calm | Self::Rising(_), Signal::Between | Signal::Good) => (Self::Calm, None),
            (Self::Raised, Signal::Good) => Self::Falling(now).held_good(now, rules),
            (Self::Falling(_), Signal::Good) => self.held_good(now, rules),
            (Self::Raised | Self::Falling(_), Signal::Bad | Signal::Between) => {
                (Self::Raised, None)
            }
        }
    }

    /// Whether an alert stands.
    pub const fn is_raised(self) -> bool {
        matches!(self, Self::Raised | Self::Falling(_))
    }

    /// Whether time alone can bring a turn.
    pub const fn is_turning(self) -> bool {
        matches!(self, Self::Rising(_) | Self::Falling(_))
    }

    fn held_bad(self, now: Timestamp, rules: &AlertRules) -> (Self, Option<Turn>) {
        match self {
            Self::Rising(since) if now.since(since) >= rules.raise_after() => {
                (Self::Raised, Some(Turn::Raise))
            }
            Self::Calm | Self::Rising(_) | Self::Raised | Self::Falling(_) => (self, None),
        }
    }

    fn held_good(self, now: Timestamp, rules: &AlertRules) -> (Self, Option<Turn>) {
        match self {
            Self::Falling(since) if now.since(since) >= rules.clear_after() => {
                (Self::Calm, Some(Turn::Clear))
            }
            Self::Calm | Self::Rising(_) | Self::Raised | Self::Falling(_) => (self, None),
        }
    }
}
