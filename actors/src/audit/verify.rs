//! Verifies audit logs: every entry against the chain, and the chain against every checkpoint.
//!
//! A log is read in stretches from whatever holds it: the store of a running program, or a connection beside it.
//! Invariant: what is reported as the first bad entry is the first one that is not as it was written.

use async_trait::async_trait;
use domain::TenantId;
use persistence::{AuditHead, AuditRow, Beside, Store, StoreError};

use super::chain::{AuditFault, fault, verify_next};
use super::checkpoint::{Anchors, Pardon};
use super::key::AuditKey;

/// Entries read at once.
const STRETCH: u32 = 1_000;

/// Where a log is read from.
#[async_trait]
pub trait AuditSource: Send {
    /// At most `limit` entries of `tenant` with a number above `after`, in order.
    ///
    /// # Errors
    /// When the database does not answer.
    async fn stretch(
        &mut self,
        tenant: TenantId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError>;
}

#[async_trait]
impl AuditSource for Beside {
    async fn stretch(
        &mut self,
        tenant: TenantId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.range(tenant, after, limit).await
    }
}

/// The store of the running program.
pub(super) struct OfStore<'a>(pub(super) &'a dyn Store);

#[async_trait]
impl AuditSource for OfStore<'_> {
    async fn stretch(
        &mut self,
        tenant: TenantId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.0.audit_range(tenant, after, limit).await
    }
}

/// What was found of one tenant's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFinding {
    /// Where the log ends, or where its sound part does.
    pub head: AuditHead,
    /// Entries that were read and found sound.
    pub entries: u64,
    pub checkpoints: usize,
    /// Breaks that an operator accepted.
    pub accepted: Vec<Pardon>,
    pub fault: Option<AuditFault>,
}

/// Verifies the whole log of `tenant`.
pub(super) async fn whole(
    source: &mut dyn AuditSource,
    key: &AuditKey,
    tenant: TenantId,
    anchors: &Anchors,
) -> Result<AuditFinding, StoreError> {
    let mut walk = Walk { key, tenant, anchors, head: AuditHead::default(), entries: 0 };
    let fault = walk.run(source).await?;
    Ok(AuditFinding {
        head: walk.head,
        entries: walk.entries,
        checkpoints: anchors.heads.len(),
        accepted: anchors.pardons.clone(),
        fault,
    })
}

/// Verifies what came after the last checkpoint, and that the log still reaches it. Gives where the log ends.
pub(super) async fn tail(
    source: &mut dyn AuditSource,
    key: &AuditKey,
    tenant: TenantId,
    anchors: &Anchors,
) -> Result<Result<AuditHead, AuditFault>, StoreError> {
    let last = anchors.heads.last().copied().unwrap_or_default();
    if is_there(source, tenant, last).await? {
        let mut walk = Walk { key, tenant, anchors, head: last, entries: 0 };
        if walk.run(source).await?.is_none() {
            return Ok(Ok(walk.head));
        }
    }
    // Something is wrong: the first bad entry may stand far before the checkpoint.
    let finding = whole(source, key, tenant, anchors).await?;
    Ok(finding.fault.map_or(Ok(finding.head), Err))
}

async fn is_there(
    source: &mut dyn AuditSource,
    tenant: TenantId,
    head: AuditHead,
) -> Result<bool, StoreError> {
    let Some(before) = head.seq.checked_sub(1) else { return Ok(true) };
    let rows = source.stretch(tenant, before, 1).await?;
    Ok(rows.first().is_some_and(|row| row.seq == head.seq && row.hash == head.hash))
}

struct Walk<'a> {
    key: &'a AuditKey,
    tenant: TenantId,
    anchors: &'a Anchors,
    head: AuditHead,
    entries: u64,
}

impl Walk<'_> {
    async fn run(
        &mut self,
        source: &mut dyn AuditSource,
    ) -> Result<Option<AuditFault>, StoreError> {
        loop {
            let rows = source.stretch(self.tenant, self.head.seq, STRETCH).await?;
            if rows.is_empty() {
                return Ok(self.short_of_a_checkpoint());
            }
            if let Err(found) = rows.iter().try_for_each(|row| self.next(row)) {
                let Some(pardon) = self.pardon(found.seq) else { return Ok(Some(found)) };
                if !is_there(source, self.tenant, pardon).await? {
                    return Ok(Some(found));
                }
                self.head = pardon;
            }
        }
    }

    fn next(&mut self, row: &AuditRow) -> Result<(), AuditFault> {
        // A row of the range always has the tenant that was asked for; what counts is the one in the hash.
        let head = verify_next(self.key, self.head, row)?;
        let known = self.anchors.heads.iter().find(|known| known.seq == head.seq);
        if known.is_some_and(|known| known.hash != head.hash) {
            return Err(fault(head.seq, "the entry is not the one that a checkpoint saw"));
        }
        self.head = head;
        self.entries += 1;
        Ok(())
    }

    fn short_of_a_checkpoint(&self) -> Option<AuditFault> {
        let further = self.anchors.heads.iter().any(|known| known.seq > self.head.seq);
        further.then(|| fault(self.head.seq + 1, "entries are missing that a checkpoint saw"))
    }

    /// From where the log counts again, when the break at `seq` was accepted.
    fn pardon(&self, seq: u64) -> Option<AuditHead> {
        let covers = |pardon: &&Pardon| {
            (pardon.first_bad..=pardon.from.seq).contains(&seq) && pardon.from.seq > self.head.seq
        };
        self.anchors.pardons.iter().rev().find(covers).map(|pardon| pardon.from)
    }
}
