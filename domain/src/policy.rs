//! Scheduling policies as configuration: which order a queue calls its people in.
//!
//! The order itself lives in `line`; here are the names and settings that an administrator chooses.
//! Invariant: the default is `sla`, the only policy with both a best attainment and a bound on overtaking.

use serde::{Deserialize, Serialize};

use crate::time::Secs;

/// How the waiting tickets of one queue are ordered. Ties go to the higher class rank, then the ticket id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Policy {
    /// By arrival.
    Fifo,
    /// By class rank, then arrival: strict.
    Priority,
    /// By arrival + target of the class.
    Deadline,
    /// Two bands of earliest deadline first, a guarded share for the late, and a hard first-come bound.
    Sla(SlaSettings),
    /// By the largest slope(class) × wait.
    Accumulating,
    /// Weighted turns between the classes.
    Ratio,
    /// Reference time = max(slot, check-in), ordered by another policy.
    Appointment { order: Box<Policy> },
}

/// Settings of [`Policy::Sla`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SlaSettings {
    /// On-time people called between two late ones when both wait; 0 never favours the late.
    pub on_time_between_late: u32,
    /// From this multiple of the target on, a late person goes before everybody on time.
    pub late_ratio_cap: f64,
    /// Nobody who has waited this long is overtaken by a younger one. None means 4 × the longest target.
    pub hard_bound: Option<Secs>,
}

impl Default for SlaSettings {
    fn default() -> Self {
        Self { on_time_between_late: 1, late_ratio_cap: 2.0, hard_bound: None }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::Sla(SlaSettings::default())
    }
}

impl Policy {
    /// The stable name of the API.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Fifo => "fifo",
            Self::Priority => "priority",
            Self::Deadline => "deadline",
            Self::Sla(_) => "sla",
            Self::Accumulating => "accumulating",
            Self::Ratio => "ratio",
            Self::Appointment { .. } => "appointment",
        }
    }
}
