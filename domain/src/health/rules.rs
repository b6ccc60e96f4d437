//! When a figure is an alert: kinds, thresholds, and what they say of a queue as it stands.
//!
//! Each threshold comes in pairs: beyond the first the matter is bad, within the second it is good again, and between
//! the two nothing changes.
//! Invariant: rules that were checked have their good side within their bad side, so no figure is both.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Vitals;
use crate::time::Secs;

/// What somebody should look after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// The queue is nearly full.
    Capacity,
    /// Too few of those waiting are within their target.
    SlaBreach,
    /// People wait and nobody serves.
    NobodyServing,
    /// Somebody has waited for twice the target.
    WaitOverTwiceTarget,
    /// A kiosk or display says nothing.
    DeviceOffline,
}

impl AlertKind {
    pub const ALL: &'static [Self] = &[
        Self::Capacity,
        Self::SlaBreach,
        Self::NobodyServing,
        Self::WaitOverTwiceTarget,
        Self::DeviceOffline,
    ];

    /// The kinds that are about a queue.
    pub const OF_A_QUEUE: &'static [Self] =
        &[Self::Capacity, Self::SlaBreach, Self::NobodyServing, Self::WaitOverTwiceTarget];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Capacity => "capacity",
            Self::SlaBreach => "sla_breach",
            Self::NobodyServing => "nobody_serving",
            Self::WaitOverTwiceTarget => "wait_over_twice_target",
            Self::DeviceOffline => "device_offline",
        }
    }
}

impl FromStr for AlertKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().find(|kind| kind.as_str() == text).copied().ok_or(())
    }
}

/// How a matter stands against its two thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Bad,
    /// Not bad, and not yet good.
    Between,
    Good,
}

impl Signal {
    const fn of(bad: bool, good: bool) -> Self {
        match (bad, good) {
            (true, _) => Self::Bad,
            (false, true) => Self::Good,
            (false, false) => Self::Between,
        }
    }
}

/// The thresholds of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertRules {
    /// `capacity` is bad from so full on, in percent of the capacity.
    pub capacity_percent: u32,
    /// It is good below.
    pub capacity_clear_percent: u32,
    /// `sla_breach` is bad while fewer than so many percent of those waiting are within their target.
    pub within_target_percent: u32,
    /// It is good from here on.
    pub within_target_clear_percent: u32,
    /// With fewer people waiting a share says nothing, and is not bad.
    pub within_target_people: u32,
    /// `wait_over_twice_target` is bad from this percentage of the target on.
    pub wait_percent: u32,
    /// It is good below.
    pub wait_clear_percent: u32,
    /// For how long a matter must be bad before its alert is raised.
    pub raise_after_seconds: u32,
    /// For how long it must be good before its alert is cleared.
    pub clear_after_seconds: u32,
}

impl Default for AlertRules {
    /// Bad for half a minute is no blip, and good for a minute is no breath between two rushes.
    fn default() -> Self {
        Self {
            capacity_percent: 90,
            capacity_clear_percent: 80,
            within_target_percent: 80,
            within_target_clear_percent: 90,
            within_target_people: 5,
            wait_percent: 200,
            wait_clear_percent: 150,
            raise_after_seconds: 30,
            clear_after_seconds: 60,
        }
    }
}

/// A field of the rules, and what to give instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleFault {
    pub field: &'static str,
    pub remedy: &'static str,
}

impl AlertRules {
    /// # Errors
    /// The first threshold that is out of bounds or on the wrong side of its pair.
    pub fn check(&self) -> Result<(), RuleFault> {
        let of = |field, sound: bool, remedy| {
            if sound { Ok(()) } else { Err(RuleFault { field, remedy }) }
        };
        let share = |percent: u32| (1..=100).contains(&percent);
        of("capacity_percent", share(self.capacity_percent), "give 1 to 100")?;
        let below = (1..self.capacity_percent).contains(&self.capacity_clear_percent);
        of("capacity_clear_percent", below, "give at least 1 and less than capacity_percent")?;
        of(
            "within_target_percent",
            (1..100).contains(&self.within_target_percent),
            "give 1 to 99",
        )?;
        let above =
            (self.within_target_percent + 1..=100).contains(&self.within_target_clear_percent);
        of(
            "within_target_clear_percent",
            above,
            "give more than within_target_percent, at most 100",
        )?;
        let people = (1..=1_000).contains(&self.within_target_people);
        of("within_target_people", people, "give 1 to 1000")?;
        of("wait_percent", (50..=1_000).contains(&self.wait_percent), "give 50 to 1000")?;
        let below = (1..self.wait_percent).contains(&self.wait_clear_percent);
        of("wait_clear_percent", below, "give at least 1 and less than wait_percent")?;
        let hour = |seconds: u32| seconds <= 3_600;
        of("raise_after_seconds", hour(self.raise_after_seconds), "give at most 3600")?;
        let held = (1..=3_600).contains(&self.clear_after_seconds);
        of("clear_after_seconds", held, "give 1 to 3600")
    }

    pub const fn raise_after(&self) -> Secs {
        Secs(self.raise_after_seconds)
    }

    pub const fn clear_after(&self) -> Secs {
        Secs(self.clear_after_seconds)
    }

    /// How a queue stands in one matter; `device_offline` is about no queue, and good.
    pub fn signal(&self, kind: AlertKind, vitals: &Vitals) -> Signal {
        match kind {
            AlertKind::Capacity => {
                let fill = vitals.fill_percent();
                Signal::of(fill >= self.capacity_percent, fill < self.capacity_clear_percent)
            }
            AlertKind::SlaBreach => {
                let within = vitals.within_percent();
                let enough = vitals.waiting >= self.within_target_people;
                let bad = enough && within < self.within_target_percent;
                Signal::of(bad, within >= self.within_target_clear_percent)
            }
            AlertKind::NobodyServing => {
                let bad = vitals.waiting > 0 && vitals.serving == 0;
                Signal::of(bad, !bad)
            }
            AlertKind::WaitOverTwiceTarget => {
                let wait = vitals.wait_percent();
                Signal::of(wait >= self.wait_percent, wait < self.wait_clear_percent)
            }
            AlertKind::DeviceOffline => Signal::Good,
        }
    }
}
