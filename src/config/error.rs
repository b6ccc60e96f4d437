//! What can be wrong with a configuration, in three parts: where, what, and what to do.
//!
//! A [`Problem`] is about one key; a [`ConfigError`] is what `Config::load` returns.
//! Invariant: no message repeats the text of a line of the file, which may hold a password.

use std::fmt;
use std::path::PathBuf;

/// One fault of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where the value came from, such as `file smartqueue.toml`; `None` until the layers are known.
    pub origin: Option<String>,
    /// The key, dotted: `server.listen`.
    pub key: String,
    /// What is wrong with it.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl Problem {
    pub(super) fn new(key: &str, what: impl Into<String>, remedy: impl Into<String>) -> Problem {
        Problem { origin: None, key: key.to_owned(), what: what.into(), remedy: remedy.into() }
    }

    pub(super) fn coming_from(mut self, origin: impl fmt::Display) -> Problem {
        self.origin = Some(origin.to_string());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(out, "{origin}: ")?;
        }
        write!(out, "{}: {}; {}", self.key, self.what, self.remedy)
    }
}

/// Why there is no configuration.
#[derive(Debug)]
pub enum ConfigError {
    /// The file cannot be read.
    Unreadable {
        /// The file that was asked for.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not TOML.
    NotToml {
        /// The file that was asked for.
        path: PathBuf,
        /// Line of the fault, from 1.
        line: usize,
        /// What the parser said, without the text of the line.
        reason: String,
    },
    /// One or more keys are unknown, of a wrong type, or out of bounds.
    Refused(Vec<Problem>),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::Unreadable { path, source } => {
                write!(out, "file {}: cannot be read: {source}; ", path.display())?;
                write!(out, "name a readable file with --config, or leave it out for the defaults")
            }
            ConfigError::NotToml { path, line, reason } => {
                write!(out, "file {}, line {line}: not TOML: {reason}", path.display())
            }
            ConfigError::Refused(problems) => {
                let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
                out.write_str(&lines.join("\n"))
            }
        }
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ConfigError::Unreadable { source, .. } => Some(source),
            ConfigError::NotToml { .. } | ConfigError::Refused(_) => None,
        }
    }
}
