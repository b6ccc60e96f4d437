//! How a command can end, as a number that scripts can act upon.
//!
//! An error keeps its own type on its way up; here, and only here, it becomes a number.
//! Invariant: the table of `--help` and the numbers are one list.

use std::io;
use std::process::ExitCode;

use actors::{AuditError, AuditNoteError, CheckpointError, StartError};
use persistence::StoreError;
use transport::{BadPost, TlsError};

use crate::app::AppError;
use crate::config::{CalendarError, ConfigError};

/// What `--help` says about the numbers.
pub(super) const HELP: &str = "\
Exit codes:
  0  done
  1  it ran, and something is wrong: a check failed, or tickets were lost or doubled
  2  the command line, the configuration or a file given is wrong; nothing was changed
  3  the database is in use by another smartqueue
  4  the database, a file or the network address could not be opened or reached
  5  the audit log or its checkpoints were changed behind the program's back

Results go to stdout, everything said about them to stderr.";

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    /// It ran, and something is wrong.
    Failed = 1,
    /// The command line, the configuration or a file given is wrong.
    Usage = 2,
    /// Another process owns the database.
    InUse = 3,
    /// Something could not be opened or reached.
    Unreachable = 4,
    /// The audit log is not what was written.
    Tampered = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// What was asked for cannot be meant; the text says what to give instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// An error and its causes as one sentence; a cause that its effect has told already is left out.
pub(super) fn sentence(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| {
        if told.is_empty() {
            cause
        } else if told.ends_with(&cause) {
            told
        } else {
            format!("{told}: {cause}")
        }
    })
}

/// The number of an error: the first cause that has one decides.
pub(super) fn of(error: &anyhow::Error) -> Exit {
    error.chain().find_map(known).unwrap_or(Exit::Failed)
}

fn known(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    if cause.is::<Usage>() || cause.is::<ConfigError>() {
        return Some(Exit::Usage);
    }
    if let Some(error) = cause.downcast_ref::<StoreError>() {
        return Some(of_store(error));
    }
    if let Some(error) = cause.downcast_ref::<AppError>() {
        return Some(of_app(error));
    }
    if let Some(error) = cause.downcast_ref::<AuditNoteError>() {
        return Some(match error {
            AuditNoteError::Store(error) => of_store(error),
            AuditNoteError::Checkpoints(error) => of_checkpoints(error),
            AuditNoteError::Busy => Exit::Failed,
        });
    }
    let error = cause.downcast_ref::<io::Error>()?;
    // Whoever read our output has seen enough.
    Some(if error.kind() == io::ErrorKind::BrokenPipe { Exit::Done } else { Exit::Unreachable })
}

fn of_app(error: &AppError) -> Exit {
    match error {
        AppError::Start(StartError::Store(error)) => of_store(error),
        AppError::Store(error) | AppError::Database { source: error, .. } => of_store(error),
        AppError::Start(StartError::Configuration { .. } | StartError::Actor(_)) => Exit::Failed,
        AppError::Start(StartError::Audit(error)) => of_audit(error),
        AppError::Mail(BadPost::Thread(_)) => Exit::Failed,
        AppError::Mail(_)
        | AppError::Calendar(CalendarError::Unsound { .. })
        | AppError::UnsoundKey { .. }
        | AppError::UnsoundMasterKey { .. }
        | AppError::UnsoundAuditKey { .. }
        | AppError::NoVaultKey { .. }
        | AppError::UnsoundVaultKey { .. }
        | AppError::Tls(
            TlsError::NoCertificate { .. } | TlsError::NoKey { .. } | TlsError::Unfit { .. },
        ) => Exit::Usage,
        AppError::KeyFile { .. }
        | AppError::Calendar(CalendarError::Unreadable { .. })
        | AppError::Tls(TlsError::Unreadable { .. })
        | AppError::Signal(_)
        | AppError::Listen { .. } => Exit::Unreachable,
    }
}

fn of_audit(error: &AuditError) -> Exit {
    match error {
        AuditError::Store(error) => of_store(error),
        AuditError::Checkpoints(error) => of_checkpoints(error),
        AuditError::Broken { .. } => Exit::Tampered,
    }
}

fn of_checkpoints(error: &CheckpointError) -> Exit {
    match error {
        CheckpointError::File { .. } => Exit::Unreachable,
        CheckpointError::Line { .. } => Exit::Tampered,
    }
}

fn of_store(error: &StoreError) -> Exit {
    match error {
        StoreError::InUse { .. } => Exit::InUse,
        StoreError::BadUrl { .. } | StoreError::WrongVaultKey => Exit::Usage,
        StoreError::WrongSetting { .. }
        | StoreError::WrongLogin { .. }
        | StoreError::WrongSchema { .. }
        | StoreError::File { .. }
        | StoreError::Database { .. } => Exit::Unreachable,
        StoreError::CorruptStream { .. }
        | StoreError::UnreadableRow { .. }
        | StoreError::UnknownVaultKey { .. }
        | StoreError::VaultShut
        | StoreError::BadCursor => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_cause_is_found_under_what_was_said_about_it() {
        let in_use = StoreError::InUse { what: "file a.db".to_owned() };
        let wrapped = Err::<(), _>(AppError::Store(in_use)).context("apply").unwrap_err();
        assert_eq!(of(&wrapped), Exit::InUse);
        assert_eq!(of(&Usage("no".to_owned()).into()), Exit::Usage);
        assert_eq!(of(&anyhow::anyhow!("a surprise")), Exit::Failed);
    }

    #[test]
    fn a_cause_is_told_once() {
        let refused = anyhow::anyhow!("refused").context("not open: refused").context("database a");
        assert_eq!(sentence(&refused), "database a: not open: refused");
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let closed = io::Error::from(io::ErrorKind::BrokenPipe);
        assert_eq!(of(&closed.into()), Exit::Done);
    }

    #[test]
    fn the_help_lists_every_number() {
        let all =
            [Exit::Done, Exit::Failed, Exit::Usage, Exit::InUse, Exit::Unreachable, Exit::Tampered];
        for exit in all {
            assert!(HELP.contains(&format!("\n  {}  ", exit as u8)), "{exit:?}");
        }
    }
}
