//! The number people read: a prefix and at least three digits, such as `A042`.
//!
//! A queue draws it in the same step as the ticket, and begins anew each business day if so configured.
//! Invariant: a number is unique in (queue, business day), and is for people; machines use the ticket's id.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::calendar::LocalDay;

/// `A042`: drawn by a queue, kept for the whole visit, also through transfers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TicketNumber {
    pub prefix: Arc<str>,
    pub value: u32,
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:03}", self.prefix, self.value)
    }
}

/// How numbers are drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Numbering {
    /// One to four letters, unique at its site.
    pub prefix: Arc<str>,
    /// The first number of a day.
    pub start: u32,
    /// Begin anew at the site's local midnight; else count on for ever.
    pub restart_daily: bool,
}

impl Default for Numbering {
    fn default() -> Self {
        Self { prefix: Arc::from("A"), start: 1, restart_daily: true }
    }
}

/// The last number drawn, and on which day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastNumber {
    pub day: LocalDay,
    pub value: u32,
}

impl Numbering {
    /// The number after `last`, on `day`. A clock that stepped back to an earlier day does not restart the count.
    pub fn next(&self, last: Option<LastNumber>, day: LocalDay) -> LastNumber {
        match last {
            Some(last) if self.restart_daily && day > last.day => {
                LastNumber { day, value: self.start }
            }
            Some(last) => {
                LastNumber { day: day.max(last.day), value: last.value.saturating_add(1) }
            }
            None => LastNumber { day, value: self.start },
        }
    }
}
