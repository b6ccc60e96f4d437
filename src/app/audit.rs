//! The files of the audit log: its key, made at the first start, and where its checkpoints go.
//!
//! The key is made like the signing key; it is another one, because tokens' keys rotate and the chain's may not.
//! Invariant: a key is never made where checkpoints are already, which another key has signed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use actors::{AuditEntry, AuditKeeping, AuditKey, AuditKeyError, Clock, note_beside};
use domain::TenantId;
use persistence::open_beside;
use serde_json::Value;

use super::AppError;
use super::keys::make;
use crate::config::Config;

/// What a command of the operator did.
pub(crate) struct Noted {
    /// The nil id stands for the platform.
    pub(crate) tenant: TenantId,
    pub(crate) action: &'static str,
    pub(crate) object: String,
    pub(crate) after: Value,
}

/// How the engine keeps the log.
pub(super) fn keeping(config: &Config, accept: Option<&str>) -> Result<AuditKeeping, AppError> {
    Ok(AuditKeeping {
        key: audit_key(config)?,
        checkpoints: config.audit_checkpoint_file(),
        every: Duration::from_secs(config.audit.checkpoint_seconds),
        accept: accept.map(str::to_owned),
    })
}

/// The key in its file; a file that is not there is made, unless there are checkpoints already.
fn audit_key(config: &Config) -> Result<AuditKey, AppError> {
    let (file, checkpoints) = (config.audit_key_file(), config.audit_checkpoint_file());
    let failed = |source| AppError::KeyFile { file: file.clone(), source };
    let there = file.try_exists().map_err(failed)?;
    if !there && !checkpoints.try_exists().map_err(failed)? {
        let unsound = |reason| AppError::UnsoundAuditKey { file: file.clone(), reason };
        make(&file, &AuditKey::generate().map_err(unsound)?).map_err(failed)?;
    }
    audit_key_if_there(&file)
}

/// The key in `file`; nothing is made.
///
/// # Errors
/// [`AppError::KeyFile`] when it cannot be read, [`AppError::UnsoundAuditKey`] when it holds no key.
pub(crate) fn audit_key_if_there(file: &Path) -> Result<AuditKey, AppError> {
    let text = fs::read_to_string(file);
    let text = text.map_err(|source| AppError::KeyFile { file: file.to_owned(), source })?;
    let unsound =
        |reason: AuditKeyError| AppError::UnsoundAuditKey { file: file.to_owned(), reason };
    AuditKey::from_text(&text).map_err(unsound)
}

/// Adds an entry to the log of a database that a server may be running on.
///
/// # Errors
/// When it could not be added; then the command must not go on.
pub(crate) async fn note(config: &Config, noted: Noted) -> anyhow::Result<()> {
    let (url, key) = (config.database_url(), audit_key(config)?);
    let opened = open_beside(url.expose(), true).await;
    let mut beside = opened.map_err(|error| AppError::of_database(&url, error))?;
    let entry = entry(noted, Clock::system().now());
    let outcome = note_beside(&mut beside, &key, &config.audit_checkpoint_file(), entry).await;
    beside.close().await;
    Ok(outcome?)
}

/// An entry of the operator's.
fn entry(noted: Noted, at: domain::Timestamp) -> AuditEntry {
    let Noted { tenant, action, object, after } = noted;
    AuditEntry {
        tenant,
        at,
        actor: operator(),
        action: action.to_owned(),
        object,
        outcome: "ok",
        address: None,
        request_id: None,
        before: None,
        after: Some(after),
    }
}

/// Whoever sits at the machine, as far as the environment says.
pub(crate) fn operator() -> String {
    let names = ["SUDO_USER", "USER", "LOGNAME"];
    let name =
        names.iter().find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
    format!("cli:{}", name.as_deref().unwrap_or("unknown"))
}
