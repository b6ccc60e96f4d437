//! What happens before the first entry is recorded: the logs are held against the checkpoints.
//!
//! A log that does not reach its last checkpoint, or does not continue it, stops the start; an operator may accept the
//! break, with a reason that is recorded in the log, in the checkpoints and in the platform's log.
//! Invariant: nothing is recorded behind a break that nobody has accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use domain::{TenantId, Timestamp};
use persistence::{SaveError, Store, StoreError};
use serde_json::json;
use uuid::Uuid;

use super::chain::{self, AuditFault};
use super::checkpoint::{CheckpointError, Checkpoints};
use super::entry::{AuditEntry, Draft};
use super::key::AuditKey;
use super::verify::{self, OfStore};

/// How the audit log is kept.
#[derive(Debug, Clone)]
pub struct AuditKeeping {
    pub key: AuditKey,
    /// The file of the checkpoints, outside the database.
    pub checkpoints: PathBuf,
    /// Time between two checkpoints.
    pub every: Duration,
    /// Why the operator accepts what is broken; none refuses it.
    pub accept: Option<String>,
}

/// Why the logs were not opened.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Checkpoints(#[from] CheckpointError),
    /// A log is not as it was written, or not where its checkpoint saw it.
    #[error("the audit log was changed behind the program's back: {what}")]
    Broken { what: String },
}

/// The platform's own log.
pub(super) const PLATFORM: TenantId = TenantId(Uuid::nil());

/// Holds every log against the checkpoints. Gives the file, ready to be continued.
pub(super) async fn open(
    store: &dyn Store,
    keeping: &AuditKeeping,
    now: Timestamp,
) -> Result<Checkpoints, AuditError> {
    let tenants = store.tenants().await?;
    let mut tenants: BTreeSet<TenantId> = tenants.iter().map(|row| row.tenant).collect();
    tenants.insert(PLATFORM);
    let mut opening = Opening { store, keeping, now, breaks: BTreeMap::new(), what: Vec::new() };
    let checkpoints = opening.file(&tenants).await?;
    tenants.extend(checkpoints.tenants());
    for tenant in tenants {
        opening.examine(&checkpoints, tenant).await?;
    }
    opening.settle(checkpoints).await
}

struct Opening<'a> {
    store: &'a dyn Store,
    keeping: &'a AuditKeeping,
    now: Timestamp,
    breaks: BTreeMap<TenantId, AuditFault>,
    what: Vec<String>,
}

impl Opening<'_> {
    /// The checkpoints as they are; a new file when nothing was ever recorded, or when the break was accepted.
    async fn file(&mut self, tenants: &BTreeSet<TenantId>) -> Result<Checkpoints, AuditError> {
        let AuditKeeping { key, checkpoints: file, accept, .. } = self.keeping;
        match Checkpoints::read(file, key).await {
            Ok(Some(checkpoints)) => return Ok(checkpoints),
            Ok(None) => {
                if self.is_recorded(tenants).await? {
                    self.what.push(format!("the checkpoints {} are gone", file.display()));
                }
            }
            Err(error @ CheckpointError::File { .. }) => return Err(error.into()),
            Err(error @ CheckpointError::Line { .. }) => {
                self.what.push(error.to_string());
                if accept.is_some() {
                    let aside = format!("{}.broken-{}", file.display(), self.now.0);
                    let moved = tokio::fs::rename(file, aside).await;
                    moved.map_err(|source| CheckpointError::File { file: file.clone(), source })?;
                }
            }
        }
        if !self.what.is_empty() && accept.is_none() {
            return Err(self.broken());
        }
        Ok(Checkpoints::begin(file, key, self.now).await?)
    }

    async fn is_recorded(&self, tenants: &BTreeSet<TenantId>) -> Result<bool, StoreError> {
        for tenant in tenants {
            if self.store.audit_head(*tenant).await?.seq > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn examine(&mut self, file: &Checkpoints, tenant: TenantId) -> Result<(), AuditError> {
        let anchors = file.anchors(tenant);
        let source = &mut OfStore(self.store);
        if let Err(fault) = verify::tail(source, &self.keeping.key, tenant, &anchors).await? {
            self.what.push(format!("tenant {tenant}, {fault}"));
            self.breaks.insert(tenant, fault);
        }
        Ok(())
    }

    async fn settle(self, mut file: Checkpoints) -> Result<Checkpoints, AuditError> {
        if self.what.is_empty() {
            if self.keeping.accept.is_some() {
                tracing::warn!("the audit log is sound: there was nothing to accept");
            }
            return Ok(file);
        }
        let Some(reason) = self.keeping.accept.as_deref() else { return Err(self.broken()) };
        tracing::error!(reason, "a broken audit log was accepted: {}", self.what.join("; "));
        let (mut heads, mut firsts) = (BTreeMap::new(), BTreeMap::new());
        for (tenant, fault) in &self.breaks {
            heads.insert(*tenant, self.store.audit_head(*tenant).await?);
            firsts.insert(*tenant, fault.seq);
        }
        file.add(self.now, &heads, Some((reason, &firsts))).await?;
        for tenant in self.breaks.keys() {
            self.note(*tenant, reason).await?;
        }
        if !self.breaks.contains_key(&PLATFORM) {
            self.note(PLATFORM, reason).await?;
        }
        Ok(file)
    }

    /// Says in the log itself that it was broken, and why that was accepted.
    async fn note(&self, tenant: TenantId, reason: &str) -> Result<(), AuditError> {
        let found = self.breaks.get(&tenant).map(ToString::to_string);
        let found = found.unwrap_or_else(|| self.what.join("; "));
        let draft = Draft::of(AuditEntry {
            tenant,
            at: self.now,
            actor: "cli:serve".to_owned(),
            action: "audit.break_accepted".to_owned(),
            object: format!("audit:{tenant}"),
            outcome: "ok",
            address: None,
            request_id: None,
            before: None,
            after: Some(json!({ "reason": reason, "found": found })),
        });
        let head = self.store.audit_head(tenant).await?;
        let rows = chain::linked(&self.keeping.key, tenant, head, &[draft]);
        self.store.append_audit(tenant, head, rows).await.map_err(|error| match error {
            SaveError::Store(error) => AuditError::Store(error),
            SaveError::VersionConflict { .. } | SaveError::KeyTaken { .. } => {
                AuditError::Broken { what: format!("tenant {tenant}: {error}") }
            }
        })
    }

    fn broken(&self) -> AuditError {
        AuditError::Broken { what: self.what.join("; ") }
    }
}
