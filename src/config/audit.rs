//! `[audit]`: where the audit log's key and checkpoints are, and how often a checkpoint is set.
//!
//! Plain values with their defaults and one check; the key itself stays in its file.
//! Invariant: what was cut off a log is found within five minutes, however this is set.

use std::path::PathBuf;

use serde::Deserialize;

use super::bounds::within;
use super::error::Problem;

/// How the audit log is kept.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditConfig {
    /// Seconds between two checkpoints.
    pub checkpoint_seconds: u64,
    /// The file of the checkpoints. `None`: one in `server.data_dir`.
    pub checkpoint_file: Option<PathBuf>,
    /// The file of the audit key. `None`: made at the first start, in `server.data_dir`.
    pub key_file: Option<PathBuf>,
}

impl Default for AuditConfig {
    fn default() -> AuditConfig {
        AuditConfig { checkpoint_seconds: 300, checkpoint_file: None, key_file: None }
    }
}

impl AuditConfig {
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        within(problems, "audit.checkpoint_seconds", self.checkpoint_seconds, 1..=300);
    }
}
