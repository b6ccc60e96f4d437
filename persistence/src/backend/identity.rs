//! Signing in, over either database: which job or query answers which call.
//!
//! Nothing is decided here. Invariant: what uses a secret up is a job, so that it is finished even if nobody waits.

use async_trait::async_trait;
use domain::{Secs, TenantId, Timestamp};
use uuid::Uuid;

use super::{Backend, SqlStore, only_store};
use crate::error::{SaveError, StoreError};
use crate::read::identity::{self as read, Wanted};
use crate::rows::{
    AccountRow, ClientRow, CodeRow, CodeUse, EndedRow, KnownRefresh, OnceRow, RefreshRow, Rotation,
    SessionRow,
};
use crate::save::identity::{
    self as save, MissOnce, Returning, Rotate, SaveAccount, SaveClient, Statement, UseCode,
    UseRecoveryCode,
};
use crate::sql::Value;
use crate::store::{IdentityStore, Store as _};

impl<B: Backend> SqlStore<B> {
    /// Runs one statement of a tenant, whose first value is the tenant's id.
    async fn change(
        &self,
        tenant: TenantId,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        self.save(Statement { tenant, sql, values }).await.map_err(only_store)
    }

    async fn put(&self, statement: Statement) -> Result<(), StoreError> {
        self.save(statement).await.map(drop).map_err(only_store)
    }
}

#[async_trait]
impl<B: Backend> IdentityStore for SqlStore<B> {
    async fn account(
        &self,
        tenant: TenantId,
        account: Uuid,
    ) -> Result<Option<AccountRow>, StoreError> {
        let mut reader = self.of(tenant).await?;
        read::account_where(&mut reader.connection(), tenant, Wanted::Id(account)).await
    }

    async fn account_by_email(
        &self,
        tenant: TenantId,
        email: &str,
    ) -> Result<Option<AccountRow>, StoreError> {
        let mut reader = self.of(tenant).await?;
        read::account_where(&mut reader.connection(), tenant, Wanted::Email(email)).await
    }

    async fn accounts(&self, tenant: TenantId) -> Result<Vec<AccountRow>, StoreError> {
        read::accounts(&mut self.of(tenant).await?.connection(), tenant).await
    }

    async fn save_account(
        &self,
        row: AccountRow,
        expected_version: Option<u64>,
    ) -> Result<(), SaveError> {
        self.save(SaveAccount(row, expected_version)).await
    }

    async fn use_totp_step(
        &self,
        tenant: TenantId,
        account: Uuid,
        step: u64,
    ) -> Result<bool, StoreError> {
        let sql = "update accounts set totp_last_step = $3, version = version + 1
            where tenant_id = $1 and account_id = $2 and totp_last_step < $3";
        Ok(self.change(tenant, sql, vec![tenant.into(), account.into(), step.into()]).await? == 1)
    }

    async fn use_recovery_code(
        &self,
        tenant: TenantId,
        account: Uuid,
        hash_hex: &str,
    ) -> Result<bool, StoreError> {
        let hash_hex = hash_hex.to_owned();
        self.save(UseRecoveryCode { tenant, account, hash_hex }).await.map_err(only_store)
    }

    async fn client(
        &self,
        tenant: TenantId,
        client_id: &str,
    ) -> Result<Option<ClientRow>, StoreError> {
        read::client_called(&mut self.of(tenant).await?.connection(), tenant, client_id).await
    }

    async fn clients(&self, tenant: TenantId) -> Result<Vec<ClientRow>, StoreError> {
        read::clients(&mut self.of(tenant).await?.connection(), tenant).await
    }

    async fn save_client(
        &self,
        row: ClientRow,
        expected_version: Option<u64>,
    ) -> Result<(), SaveError> {
        self.save(SaveClient(row, expected_version)).await
    }

    async fn delete_client(&self, tenant: TenantId, client_id: &str) -> Result<bool, StoreError> {
        let sql = "delete from clients where tenant_id = $1 and client_id = $2";
        Ok(self.change(tenant, sql, vec![tenant.into(), client_id.into()]).await? == 1)
    }

    async fn save_session(&self, row: SessionRow) -> Result<(), StoreError> {
        self.put(save::session(row)).await
    }

    async fn session(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
    ) -> Result<Option<SessionRow>, StoreError> {
        read::session_of(&mut self.of(tenant).await?.connection(), tenant, hash).await
    }

    async fn end_session(&self, tenant: TenantId, hash: [u8; 32]) -> Result<(), StoreError> {
        let sql = "delete from sessions where tenant_id = $1 and hash = $2";
        self.change(tenant, sql, vec![tenant.into(), hash.to_vec().into()]).await.map(drop)
    }

    async fn end_sessions_of(&self, tenant: TenantId, account: Uuid) -> Result<u64, StoreError> {
        let sql = "delete from sessions where tenant_id = $1 and account_id = $2";
        self.change(tenant, sql, vec![tenant.into(), account.into()]).await
    }

    async fn save_ended(&self, row: EndedRow) -> Result<(), StoreError> {
        self.put(save::ended(row)).await
    }

    async fn ended(&self, tenant: TenantId, now: Timestamp) -> Result<Vec<EndedRow>, StoreError> {
        read::ended(&mut self.of(tenant).await?.connection(), tenant, now).await
    }

    async fn save_code(&self, row: CodeRow) -> Result<(), StoreError> {
        self.put(save::code(row)).await
    }

    async fn use_code(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
        at: Timestamp,
    ) -> Result<CodeUse, StoreError> {
        self.save(UseCode { tenant, hash, at }).await.map_err(only_store)
    }

    async fn save_refresh(&self, row: RefreshRow) -> Result<(), StoreError> {
        self.put(save::refresh(row)).await
    }

    async fn rotate_refresh(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
        successor: [u8; 32],
        at: Timestamp,
        grace: Secs,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let job = Rotate { tenant, hash, successor, at, grace, expires_at };
        self.save(job).await.map_err(only_store)
    }

    async fn refresh(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
    ) -> Result<Option<KnownRefresh>, StoreError> {
        read::refresh_of(&mut self.of(tenant).await?.connection(), tenant, hash).await
    }

    async fn revoke_family(
        &self,
        tenant: TenantId,
        family: Uuid,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let sql = "update refresh_tokens set revoked_at = $3
            where tenant_id = $1 and family = $2 and revoked_at is null";
        self.change(tenant, sql, vec![tenant.into(), family.into(), at.into()]).await
    }

    async fn revoke_all_of(
        &self,
        tenant: TenantId,
        account: Uuid,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let sql = "update refresh_tokens set revoked_at = $3
            where tenant_id = $1 and account_id = $2 and revoked_at is null";
        self.change(tenant, sql, vec![tenant.into(), account.into(), at.into()]).await
    }

    async fn save_once(&self, row: OnceRow) -> Result<(), StoreError> {
        self.put(save::once(row)).await
    }

    async fn take_once(
        &self,
        tenant: TenantId,
        purpose: &str,
        hash: [u8; 32],
        at: Timestamp,
    ) -> Result<Option<OnceRow>, StoreError> {
        let sql = "delete from once where tenant_id = $1 and purpose = $2 and hash = $3 and expires_at > $4
            and tries_left > 0 returning *";
        let values = vec![tenant.into(), purpose.into(), hash.to_vec().into(), at.into()];
        self.save(Returning { tenant, sql, values, read: read::once }).await.map_err(only_store)
    }

    async fn miss_once(
        &self,
        tenant: TenantId,
        purpose: &str,
        subject: &str,
    ) -> Result<u32, StoreError> {
        let (purpose, subject) = (purpose.to_owned(), subject.to_owned());
        self.save(MissOnce { tenant, purpose, subject }).await.map_err(only_store)
    }

    async fn once_of(
        &self,
        tenant: TenantId,
        purpose: &str,
        subject: &str,
    ) -> Result<Option<OnceRow>, StoreError> {
        read::once_of(&mut self.of(tenant).await?.connection(), tenant, purpose, subject).await
    }

    async fn standing_once(
        &self,
        tenant: TenantId,
        purpose: &str,
        at: Timestamp,
    ) -> Result<Vec<OnceRow>, StoreError> {
        read::standing_once(&mut self.of(tenant).await?.connection(), tenant, purpose, at).await
    }

    async fn drop_once(
        &self,
        tenant: TenantId,
        purpose: &str,
        subject: &str,
    ) -> Result<(), StoreError> {
        self.put(save::drop_once(tenant, purpose, subject)).await
    }

    async fn forget_identities_before(&self, at: Timestamp) -> Result<u64, StoreError> {
        // Administrators of the platform belong to no tenant that is listed.
        let platform = TenantId(Uuid::nil());
        let tenants = self.tenants().await?.into_iter().map(|row| row.tenant);
        let mut forgotten = 0;
        for tenant in tenants.chain([platform]) {
            let step = save::ForgetBefore { tenant, at };
            forgotten += self.save(step).await.map_err(only_store)?;
        }
        Ok(forgotten)
    }
}
