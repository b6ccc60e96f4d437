//! What an administrator sets for one queue, and the checks that keep it sound.
//!
//! The queue keeps the configuration it was last given in its journal, so replaying it needs nothing else.
//! Invariant: a checked configuration has a default class, no zero target or weight, and a ladder that can end.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::calendar::{OpeningHours, Zone};
use crate::class::{Class, ClassKey};
use crate::id::{ServiceId, SiteId};
use crate::policy::Policy;
use crate::skill::SkillSet;
use crate::ticket::Numbering;
use crate::time::Secs;

/// Classes in one queue: enough for every scheme seen, few enough to compare on each call.
pub const CLASSES_MAX: usize = 16;

/// How often a person is called, and what a missed call costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecallLadder {
    /// Calls before a no-show may be marked.
    pub min_calls: u8,
    /// Calls in one invitation.
    pub max_calls: u8,
    /// Least time between two calls.
    pub min_gap: Secs,
    /// People called first after a missed call.
    pub requeue_behind: u32,
    /// Missed calls that put the person back in line instead of ending the visit.
    pub requeues_max: u8,
    /// Climb by itself: recall at every gap, then requeue or no-show.
    pub automatic: bool,
}

impl Default for RecallLadder {
    fn default() -> Self {
        Self {
            min_calls: 2,
            max_calls: 3,
            min_gap: Secs(30),
            requeue_behind: 3,
            requeues_max: 1,
            automatic: false,
        }
    }
}

/// Where a transferred person is placed in the next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// By the arrival time, which is kept.
    #[default]
    Keep,
    First,
    /// After that many people.
    Behind(u32),
}

/// One queue as configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueConfig {
    pub site: SiteId,
    pub service: ServiceId,
    pub zone: Zone,
    pub policy: Policy,
    /// The first is the default class.
    pub classes: Vec<Class>,
    pub numbering: Numbering,
    /// People waiting or remote at once; none means the system's own limit.
    pub capacity: Option<u32>,
    pub hours: OpeningHours,
    pub ladder: RecallLadder,
    /// Skills that every ticket of this queue asks for.
    pub needs: SkillSet,
    /// A person waiting longer than this is expired; none means until the close of day.
    pub longest_wait: Option<Secs>,
    /// Expire those still waiting at the local midnight.
    pub expire_at_close_of_day: bool,
    /// How long after its end a ticket may be reinstated.
    pub reinstate_within: Secs,
    pub transfer_placement: Placement,
    /// One live ticket per known customer.
    pub one_ticket_per_customer: bool,
    /// Mean service time expected before any has been seen.
    pub expected_service: Secs,
}

impl QueueConfig {
    /// A queue that takes everybody: defaults of every setting, one class `normal`.
    pub fn new(site: SiteId, service: ServiceId) -> Self {
        Self {
            site,
            service,
            zone: Zone::utc(),
            policy: Policy::default(),
            classes: vec![Class::new("normal", 0, Secs::minutes(20))],
            numbering: Numbering::default(),
            capacity: None,
            hours: OpeningHours::default(),
            ladder: RecallLadder::default(),
            needs: SkillSet::default(),
            longest_wait: None,
            expire_at_close_of_day: true,
            reinstate_within: Secs::minutes(30),
            transfer_placement: Placement::Keep,
            one_ticket_per_customer: true,
            expected_service: Secs::minutes(5),
        }
    }

    pub fn class(&self, key: &ClassKey) -> Option<&Class> {
        self.classes.iter().find(|class| class.key == *key)
    }

    pub fn default_class(&self) -> Option<&Class> {
        self.classes.first()
    }

    /// Every fault of this configuration, each with the field it is in. Empty means sound.
    pub fn faults(&self) -> Vec<ConfigFault> {
        let mut faults = Vec::new();
        let mut fault =
            |field: &'static str, remedy: &'static str| faults.push(ConfigFault { field, remedy });
        let keys: HashSet<_> = self.classes.iter().map(|class| &class.key).collect();
        if self.classes.is_empty() || self.classes.len() > CLASSES_MAX {
            fault("classes", "give 1 to 16 classes");
        }
        if keys.len() != self.classes.len() {
            fault("classes", "give each class a key of its own");
        }
        if self.classes.iter().any(|class| class.target.0 == 0) {
            fault("classes", "give each class a target of at least 1 second");
        }
        if self.classes.iter().any(|class| class.weight == 0 || class.weight > 1_000) {
            fault("classes", "give each class a weight from 1 to 1000");
        }
        if self
            .classes
            .iter()
            .any(|class| class.slope.is_some_and(|slope| !slope.is_finite() || slope < 0.0))
        {
            fault("classes", "give a slope of 0 or more, or none");
        }
        if self.ladder.min_calls == 0 || self.ladder.max_calls < self.ladder.min_calls {
            fault("ladder", "give 1 ≤ min_calls ≤ max_calls");
        }
        if !sound_prefix(&self.numbering.prefix) {
            fault("numbering", "give a prefix of 1 to 4 letters or digits, not ending in a digit");
        }
        faults
    }
}

fn sound_prefix(prefix: &Arc<str>) -> bool {
    let letters = prefix.chars().all(char::is_alphanumeric);
    let ends_in_digit = prefix.chars().last().is_some_and(char::is_numeric);
    (1..=4).contains(&prefix.chars().count()) && letters && !ends_in_digit
}

/// One thing wrong with a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {remedy}")]
pub struct ConfigFault {
    pub field: &'static str,
    pub remedy: &'static str,
}
