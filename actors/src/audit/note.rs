//! The audit log for the command line: one entry added beside a running program, and a whole log verified beside it.
//!
//! Neither owns the database. The running program finds the entry in its way and continues behind it.
//! Invariant: what is noted here is in the log before the command goes on.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{TenantId, Timestamp};
use persistence::{Beside, SaveError, StoreError};

use super::chain;
use super::checkpoint::{CheckpointError, Checkpoints};
use super::entry::{AuditEntry, Draft};
use super::key::AuditKey;
use super::opening::PLATFORM;
use super::verify::{self, AuditFinding, AuditSource};

/// Tries against a program that writes at the same time.
const TRIES: u32 = 20;

/// Why an entry was not added, or a log not verified.
#[derive(Debug, thiserror::Error)]
pub enum AuditNoteError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Checkpoints(#[from] CheckpointError),
    #[error("the audit log is being written to all the time; try again")]
    Busy,
}

/// Adds an entry. Begins the checkpoints when nothing was ever recorded.
///
/// # Errors
/// When the entry was not added; then what it tells of must not happen.
pub async fn note_beside(
    beside: &mut Beside,
    key: &AuditKey,
    checkpoints: &Path,
    entry: AuditEntry,
) -> Result<(), AuditNoteError> {
    let tenant = entry.tenant;
    let (at, draft) = (entry.at, Draft::of(entry));
    begin(beside, key, checkpoints, tenant, at).await?;
    for _ in 0..TRIES {
        let head = beside.head(tenant).await?;
        let rows = chain::linked(key, tenant, head, std::slice::from_ref(&draft));
        match beside.append(tenant, head, rows).await {
            Ok(()) => return Ok(()),
            Err(SaveError::VersionConflict { .. } | SaveError::KeyTaken { .. }) => {}
            Err(SaveError::Store(error)) => return Err(error.into()),
        }
    }
    Err(AuditNoteError::Busy)
}

/// A file that is missing although something was recorded is a break, which the next start shall find.
async fn begin(
    beside: &mut Beside,
    key: &AuditKey,
    file: &Path,
    tenant: TenantId,
    at: Timestamp,
) -> Result<(), AuditNoteError> {
    let is_new = !tokio::fs::try_exists(file)
        .await
        .map_err(|source| CheckpointError::File { file: file.to_owned(), source })?;
    if is_new && beside.head(tenant).await?.seq == 0 && beside.head(PLATFORM).await?.seq == 0 {
        Checkpoints::begin(file, key, at).await?;
    }
    Ok(())
}

/// Verifies the logs of `tenants`, of the platform and of whomever the checkpoints know, beside a running program.
///
/// # Errors
/// When the database or the checkpoints cannot be read, or the checkpoints themselves were changed.
pub async fn verify_audit(
    source: &mut dyn AuditSource,
    key: &AuditKey,
    checkpoints: &Path,
    tenants: &[TenantId],
    others: bool,
) -> Result<BTreeMap<TenantId, AuditFinding>, AuditNoteError> {
    let file = Checkpoints::read(checkpoints, key).await?;
    let mut wanted = tenants.to_vec();
    if others {
        wanted.push(PLATFORM);
        wanted.extend(file.iter().flat_map(Checkpoints::tenants));
    }
    let mut findings = BTreeMap::new();
    for tenant in wanted {
        let anchors = file.as_ref().map(|file| file.anchors(tenant)).unwrap_or_default();
        let mut finding = verify::whole(source, key, tenant, &anchors).await?;
        if file.is_none() && finding.entries > 0 && finding.fault.is_none() {
            finding.fault = Some(chain::fault(1, "the checkpoints are gone"));
        }
        findings.insert(tenant, finding);
    }
    Ok(findings)
}
