//! What would help, and how much: computed from the people waiting, the mean service and the agents.
//!
//! For a queue that is short of agents: the fewest more that bring the forecast wait within the target, else the one more
//! that helps at all. Invariant: an effect that cannot be computed is left out, never guessed.

use std::fmt;

use super::Vitals;
use super::rules::AlertKind;
use crate::time::Secs;

/// More counters than a branch can open at once.
const MORE_MAX: u32 = 10;

/// What would help. Waits are the middle of the forecast for somebody who joins now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Have that many more agents serve the queue.
    OpenCounters { more: u32, wait_before: Option<Secs>, wait_after: Option<Secs> },
    /// Have somebody serve at all.
    StartServing { wait_after: Option<Secs> },
    /// End a break: somebody is there.
    EndBreak { on_break: u32, wait_after: Option<Secs> },
    /// Look after its power and network.
    CheckDevice,
}

impl Remedy {
    /// For an alert of this kind on a queue with these figures.
    pub fn of(kind: AlertKind, vitals: &Vitals) -> Self {
        match kind {
            AlertKind::DeviceOffline => Self::CheckDevice,
            AlertKind::Capacity
            | AlertKind::SlaBreach
            | AlertKind::NobodyServing
            | AlertKind::WaitOverTwiceTarget => Self::more_hands(vitals),
        }
    }

    fn more_hands(vitals: &Vitals) -> Self {
        if vitals.serving == 0 {
            let wait_after = forecast(vitals, 1);
            return match vitals.on_break {
                0 => Self::StartServing { wait_after },
                on_break => Self::EndBreak { on_break, wait_after },
            };
        }
        let enough = |more: &u32| {
            forecast(vitals, vitals.serving + more).is_some_and(|wait| wait <= vitals.target)
        };
        let more = (1..=MORE_MAX).find(enough).unwrap_or(1);
        Self::OpenCounters {
            more,
            wait_before: forecast(vitals, vitals.serving),
            wait_after: forecast(vitals, vitals.serving + more),
        }
    }

    /// The stable name of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenCounters { .. } => "open_counters",
            Self::StartServing { .. } => "start_serving",
            Self::EndBreak { .. } => "end_break",
            Self::CheckDevice => "check_device",
        }
    }

    /// The middle of the forecast before and after.
    pub const fn waits(self) -> (Option<Secs>, Option<Secs>) {
        match self {
            Self::OpenCounters { wait_before, wait_after, .. } => (wait_before, wait_after),
            Self::StartServing { wait_after } | Self::EndBreak { wait_after, .. } => {
                (None, wait_after)
            }
            Self::CheckDevice => (None, None),
        }
    }
}

/// How long half of those who join now would wait at most with `serving` agents; none without any.
///
/// `waiting + 1` gaps of service / agents each, taken as exponential, add up to a gamma variable; its median comes from
/// Wilson and Hilferty's cube. What a queue has learnt knows nothing of counters that are not open.
pub(super) fn forecast(vitals: &Vitals, serving: u32) -> Option<Secs> {
    if serving == 0 {
        return None;
    }
    let gap = f64::from(vitals.service.0) / f64::from(serving);
    let gaps = f64::from(vitals.waiting) + 1.0;
    let median = gap * gaps * (1.0 - 1.0 / (9.0 * gaps)).powi(3);
    Some(Secs::rounded(median))
}

/// A sentence for whoever can do it.
impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenCounters { more: 1, .. } => f.write_str("open one more counter")?,
            Self::OpenCounters { more, .. } => write!(f, "open {more} more counters")?,
            Self::StartServing { .. } => f.write_str("have an agent sign in and serve")?,
            Self::EndBreak { on_break: 1, .. } => f.write_str("ask the agent on break to serve")?,
            Self::EndBreak { on_break, .. } => {
                write!(f, "ask one of the {on_break} agents on break to serve")?;
            }
            Self::CheckDevice => f.write_str("check the device's power and network")?,
        }
        let minutes = |wait: Secs| wait.0.div_ceil(60);
        match self.waits() {
            (Some(before), Some(after)) => {
                write!(f, ": forecast p50 wait {} → {} min", minutes(before), minutes(after))
            }
            (None, Some(after)) => write!(f, ": forecast p50 wait {} min", minutes(after)),
            (_, None) => Ok(()),
        }
    }
}
