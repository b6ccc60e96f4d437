//! Priority classes of a queue: normal, senior, pregnant, disabled, VIP, as the site configures them.
//!
//! A class has a rank, a target and a weight; nobody writes a free priority number.
//! Invariant: a queue always has at least one class, and the first one listed is its default.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::time::Secs;

/// The stable name of a class, such as `senior`. Unique within its queue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClassKey(pub Arc<str>);

impl ClassKey {
    pub fn new(key: &str) -> Self {
        Self(Arc::from(key))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClassKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One priority class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    pub key: ClassKey,
    /// Higher is called earlier under `priority`, and wins ties everywhere.
    pub rank: u8,
    /// People of this class should be called within this time. Never zero.
    pub target: Secs,
    /// Growth of priority per second under `accumulating`; none means 1 / target.
    #[serde(default)]
    pub slope: Option<f64>,
    /// Turns in one round under `ratio`. Never zero.
    #[serde(default = "one")]
    pub weight: u32,
    /// True when a kiosk or a customer may choose it.
    #[serde(default)]
    pub self_service: bool,
}

const fn one() -> u32 {
    1
}

impl Class {
    /// A class of that name, rank and target; weight 1, slope 1 / target, open to self-service.
    pub fn new(key: &str, rank: u8, target: Secs) -> Self {
        Self { key: ClassKey::new(key), rank, target, slope: None, weight: 1, self_service: true }
    }

    /// Growth of priority per second waited.
    pub fn slope(&self) -> f64 {
        self.slope.unwrap_or_else(|| 1.0 / f64::from(self.target.0.max(1)))
    }
}
