//! The outside identity providers' part of the store.
//!
//! Reads borrow a reader; writes are jobs.
//! Invariant: as for every job, a write that was begun is finished.

use async_trait::async_trait;
use domain::TenantId;
use uuid::Uuid;

use super::{Backend, SqlStore, only_store};
use crate::error::{SaveError, StoreError};
use crate::rows::{ExternalSubjectRow, ProviderRow};
use crate::save::identity::Statement;
use crate::store::ExternalStore;
use crate::{read, save};

#[async_trait]
impl<B: Backend> ExternalStore for SqlStore<B> {
    async fn identity_providers(&self, tenant: TenantId) -> Result<Vec<ProviderRow>, StoreError> {
        read::external::providers(&mut self.of(tenant).await?.connection(), tenant).await
    }

    async fn save_identity_provider(
        &self,
        row: ProviderRow,
        expected_version: Option<u64>,
    ) -> Result<(), SaveError> {
        self.save(save::external::SaveProvider(row, expected_version)).await
    }

    async fn delete_identity_provider(
        &self,
        tenant: TenantId,
        provider: Uuid,
        version: u64,
    ) -> Result<bool, StoreError> {
        let sql = "delete from identity_providers where tenant_id = $1 and provider_id = $2 and version = $3";
        let values = vec![tenant.into(), provider.into(), version.into()];
        let gone = self.save(Statement { tenant, sql, values }).await.map_err(only_store)?;
        Ok(gone == 1)
    }

    async fn link_subject(&self, row: ExternalSubjectRow) -> Result<bool, StoreError> {
        Ok(self.save(save::external::link(row)).await.map_err(only_store)? == 1)
    }

    async fn linked_account(
        &self,
        tenant: TenantId,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<ExternalSubjectRow>, StoreError> {
        let mut reader = self.of(tenant).await?;
        read::external::linked(&mut reader.connection(), tenant, issuer, subject).await
    }

    async fn subjects_of(
        &self,
        tenant: TenantId,
        account: Uuid,
    ) -> Result<Vec<ExternalSubjectRow>, StoreError> {
        read::external::subjects(&mut self.of(tenant).await?.connection(), tenant, account).await
    }
}
