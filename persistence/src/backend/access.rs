//! What a person has let in, over either database.
//!
//! Reads borrow a reader; writes are jobs.
//! Invariant: as for every job, a write that was begun is finished.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::{Backend, SqlStore, only_store};
use crate::error::StoreError;
use crate::rows::{ConsentRow, SessionRow};
use crate::save::identity::Statement;
use crate::store::AccessStore;
use crate::{read, save};

#[async_trait]
impl<B: Backend> AccessStore for SqlStore<B> {
    async fn sessions_of(
        &self,
        tenant: TenantId,
        account: Uuid,
    ) -> Result<Vec<SessionRow>, StoreError> {
        read::access::sessions_of(&mut self.of(tenant).await?.connection(), tenant, account).await
    }

    async fn touch_session(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            "update sessions set used_at = $3 where tenant_id = $1 and hash = $2 and used_at < $3";
        let values = vec![tenant.into(), hash.to_vec().into(), at.into()];
        self.save(Statement { tenant, sql, values }).await.map(drop).map_err(only_store)
    }

    async fn end_session_of(
        &self,
        tenant: TenantId,
        account: Uuid,
        hash: [u8; 32],
    ) -> Result<bool, StoreError> {
        let sql = "delete from sessions where tenant_id = $1 and account_id = $2 and hash = $3";
        let values = vec![tenant.into(), account.into(), hash.to_vec().into()];
        let gone = self.save(Statement { tenant, sql, values }).await.map_err(only_store)?;
        Ok(gone == 1)
    }

    async fn end_other_sessions(
        &self,
        tenant: TenantId,
        account: Uuid,
        kept: [u8; 32],
    ) -> Result<u64, StoreError> {
        let sql = "delete from sessions where tenant_id = $1 and account_id = $2 and hash <> $3";
        let values = vec![tenant.into(), account.into(), kept.to_vec().into()];
        self.save(Statement { tenant, sql, values }).await.map_err(only_store)
    }

    async fn consent(
        &self,
        tenant: TenantId,
        account: Uuid,
        client_id: &str,
    ) -> Result<Option<ConsentRow>, StoreError> {
        let mut reader = self.of(tenant).await?;
        read::access::consent_to(&mut reader.connection(), tenant, account, client_id).await
    }

    async fn consents(
        &self,
        tenant: TenantId,
        account: Uuid,
    ) -> Result<Vec<ConsentRow>, StoreError> {
        read::access::consents(&mut self.of(tenant).await?.connection(), tenant, account).await
    }

    async fn save_consent(&self, row: ConsentRow) -> Result<(), StoreError> {
        self.save(save::access::consent(row)).await.map(drop).map_err(only_store)
    }

    async fn withdraw_consent(
        &self,
        tenant: TenantId,
        account: Uuid,
        client_id: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let client_id = client_id.to_owned();
        let job = save::access::Withdraw { tenant, account, client_id, at };
        self.save(job).await.map_err(only_store)
    }

    async fn forget_consents_to(
        &self,
        tenant: TenantId,
        client_id: &str,
    ) -> Result<u64, StoreError> {
        let sql = "delete from consents where tenant_id = $1 and client_id = $2";
        let values = vec![tenant.into(), client_id.into()];
        self.save(Statement { tenant, sql, values }).await.map_err(only_store)
    }
}
