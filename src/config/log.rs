//! `[log]`: what is written to stderr, and in which form.
//!
//! Plain values with their defaults; the filter is parsed once here, so that a slip is found before the
//! program starts. Invariant: a filter that passed the check can be installed.

use serde::Deserialize;

use super::error::Problem;
use crate::telemetry;

/// What is written to stderr.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// For people or for machines.
    pub format: LogFormat,
    /// Which events are written, in the language of `RUST_LOG`.
    pub filter: String,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One readable line per event.
    Text,
    /// One JSON object per event.
    Json,
}

impl Default for LogConfig {
    fn default() -> LogConfig {
        LogConfig { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

impl LogConfig {
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        if let Err(error) = telemetry::filter(&self.filter) {
            let remedy = "write levels like info or target=level with commas between";
            problems.push(Problem::new("log.filter", error.to_string(), remedy));
        }
    }
}
