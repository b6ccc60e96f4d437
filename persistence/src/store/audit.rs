//! What a store does for the audit log: it adds at the end, and reads.
//!
//! There is no call that changes or deletes an entry.
//! Invariant: entries that were added continue the log exactly where their writer thought that it ended.

use async_trait::async_trait;
use domain::TenantId;

use crate::backend::{Backend, SqlStore};
use crate::error::{SaveError, StoreError};
use crate::rows::{AuditFilter, AuditHead, AuditPage, AuditRow};
use crate::{read, save};

/// The audit logs on disk, one for each tenant.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Adds rows of one tenant in one transaction. Finishes even if the caller stops waiting.
    ///
    /// # Errors
    /// `VersionConflict` when the log does not end at `expected`; nothing was added. After `Store` the outcome is
    /// unknown.
    async fn append_audit(
        &self,
        tenant: TenantId,
        expected: AuditHead,
        rows: Vec<AuditRow>,
    ) -> Result<(), SaveError>;

    /// Where the log ends.
    async fn audit_head(&self, tenant: TenantId) -> Result<AuditHead, StoreError>;

    /// One page, newest first; `limit` is cut to [`crate::PAGE_ROWS_MAX`], `below` is [`AuditPage::next`] of the page
    /// before.
    async fn audit_page(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        limit: u32,
        below: Option<u64>,
    ) -> Result<AuditPage, StoreError>;

    /// At most `limit` rows with a number above `after`, in order, for whoever verifies them.
    async fn audit_range(
        &self,
        tenant: TenantId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError>;
}

#[async_trait]
impl<B: Backend> AuditStore for SqlStore<B> {
    async fn append_audit(
        &self,
        tenant: TenantId,
        expected: AuditHead,
        rows: Vec<AuditRow>,
    ) -> Result<(), SaveError> {
        self.save(save::audit::AppendAudit { tenant, expected, rows }).await
    }

    async fn audit_head(&self, tenant: TenantId) -> Result<AuditHead, StoreError> {
        read::audit::head(&mut self.of(tenant).await?.connection(), tenant).await
    }

    async fn audit_page(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        limit: u32,
        below: Option<u64>,
    ) -> Result<AuditPage, StoreError> {
        let page = read::audit::Page::new(tenant, filter, limit, below);
        page.fetch(&mut self.of(tenant).await?.connection()).await
    }

    async fn audit_range(
        &self,
        tenant: TenantId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        read::audit::range(&mut self.of(tenant).await?.connection(), tenant, after, limit).await
    }
}
