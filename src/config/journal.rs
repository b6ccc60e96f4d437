//! `[journal]`: how many events share a commit, and how far apart snapshots stand.
//!
//! Plain values with their defaults and one check. Invariant: a batch holds at least one event of the
//! largest request (checked with `limits.body_bytes_max` by `Config::check`).

use serde::Deserialize;

use super::bounds::within;
use super::error::Problem;

/// How commits are gathered.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JournalConfig {
    /// Events in one commit.
    pub batch_events_max: usize,
    /// Bytes in one commit.
    pub batch_bytes_max: usize,
    /// Events of one stream between two snapshots: the longest tail that a recovery replays.
    pub snapshot_every_events: u64,
}

impl Default for JournalConfig {
    fn default() -> JournalConfig {
        JournalConfig {
            batch_events_max: 1_024,
            batch_bytes_max: 1024 * 1024,
            snapshot_every_events: 1_000,
        }
    }
}

impl JournalConfig {
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        within(problems, "journal.batch_events_max", self.batch_events_max, 1..=16_384);
        let bytes = 64 * 1024..=64 * 1024 * 1024;
        within(problems, "journal.batch_bytes_max", self.batch_bytes_max, bytes);
        let events = 10..=100_000;
        within(problems, "journal.snapshot_every_events", self.snapshot_every_events, events);
    }
}
