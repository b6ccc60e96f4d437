//! What a store can do about signing in.
//!
//! Each secret is used up by the statement that finds it, so that of two who show it at once one is the first.
//! Invariant: every call names the tenant, the nil one for the platform.

use async_trait::async_trait;
use domain::{Secs, TenantId, Timestamp};
use uuid::Uuid;

use crate::error::{SaveError, StoreError};
use crate::rows::{
    AccountRow, ClientRow, CodeRow, CodeUse, EndedRow, KnownRefresh, OnceRow, RefreshRow, Rotation,
    SessionRow,
};

/// Accounts, programs, sessions and the secrets that were given away.
#[async_trait]
pub trait IdentityStore: Send + Sync {
    async fn account(
        &self,
        tenant: TenantId,
        account: Uuid,
    ) -> Result<Option<AccountRow>, StoreError>;

    async fn account_by_email(
        &self,
        tenant: TenantId,
        email: &str,
    ) -> Result<Option<AccountRow>, StoreError>;

    async fn accounts(&self, tenant: TenantId) -> Result<Vec<AccountRow>, StoreError>;

    /// Creates it when no version is expected, else replaces that version.
    ///
    /// # Errors
    /// `KeyTaken` when the e-mail address is another account's, `VersionConflict` when it was changed meanwhile.
    async fn save_account(
        &self,
        row: AccountRow,
        expected_version: Option<u64>,
    ) -> Result<(), SaveError>;

    /// False when a code of this step or of a later one was used.
    async fn use_totp_step(
        &self,
        tenant: TenantId,
        account: Uuid,
        step: u64,
    ) -> Result<bool, StoreError>;

    /// False when there is no such code (any more).
    async fn use_recovery_code(
        &self,
        tenant: TenantId,
        account: Uuid,
        hash_hex: &str,
    ) -> Result<bool, StoreError>;

    async fn client(
        &self,
        tenant: TenantId,
        client_id: &str,
    ) -> Result<Option<ClientRow>, StoreError>;

    async fn clients(&self, tenant: TenantId) -> Result<Vec<ClientRow>, StoreError>;

    /// As [`IdentityStore::save_account`].
    async fn save_client(
        &self,
        row: ClientRow,
        expected_version: Option<u64>,
    ) -> Result<(), SaveError>;

    async fn delete_client(&self, tenant: TenantId, client_id: &str) -> Result<bool, StoreError>;

    async fn save_session(&self, row: SessionRow) -> Result<(), StoreError>;

    /// Even one that has ended; the caller judges.
    async fn session(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
    ) -> Result<Option<SessionRow>, StoreError>;

    async fn end_session(&self, tenant: TenantId, hash: [u8; 32]) -> Result<(), StoreError>;

    async fn end_sessions_of(&self, tenant: TenantId, account: Uuid) -> Result<u64, StoreError>;

    /// Keeps whose access tokens ended; of two ends of one holder the later one.
    async fn save_ended(&self, row: EndedRow) -> Result<(), StoreError>;

    /// Those that are still of use at `now`.
    async fn ended(&self, tenant: TenantId, now: Timestamp) -> Result<Vec<EndedRow>, StoreError>;

    async fn save_code(&self, row: CodeRow) -> Result<(), StoreError>;

    async fn use_code(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
        at: Timestamp,
    ) -> Result<CodeUse, StoreError>;

    async fn save_refresh(&self, row: RefreshRow) -> Result<(), StoreError>;

    /// Uses the token up and keeps its successor. The grace covers a token whose successor was not used yet.
    async fn rotate_refresh(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
        successor_hash: [u8; 32],
        at: Timestamp,
        grace: Secs,
        successor_expires_at: Timestamp,
    ) -> Result<Rotation, StoreError>;

    async fn refresh(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
    ) -> Result<Option<KnownRefresh>, StoreError>;

    async fn revoke_family(
        &self,
        tenant: TenantId,
        family: Uuid,
        at: Timestamp,
    ) -> Result<u64, StoreError>;

    async fn revoke_all_of(
        &self,
        tenant: TenantId,
        account: Uuid,
        at: Timestamp,
    ) -> Result<u64, StoreError>;

    async fn save_once(&self, row: OnceRow) -> Result<(), StoreError>;

    /// Uses it up; none when it is unknown, over, or had too many wrong tries.
    async fn take_once(
        &self,
        tenant: TenantId,
        purpose: &str,
        hash: [u8; 32],
        at: Timestamp,
    ) -> Result<Option<OnceRow>, StoreError>;

    /// One wrong try; the answer is how many are left.
    async fn miss_once(
        &self,
        tenant: TenantId,
        purpose: &str,
        subject: &str,
    ) -> Result<u32, StoreError>;

    async fn once_of(
        &self,
        tenant: TenantId,
        purpose: &str,
        subject: &str,
    ) -> Result<Option<OnceRow>, StoreError>;

    /// Every one of a purpose that still works at `at`.
    async fn standing_once(
        &self,
        tenant: TenantId,
        purpose: &str,
        at: Timestamp,
    ) -> Result<Vec<OnceRow>, StoreError>;

    async fn drop_once(
        &self,
        tenant: TenantId,
        purpose: &str,
        subject: &str,
    ) -> Result<(), StoreError>;

    /// Forgets what ended before `at`; the answer is how many rows.
    async fn forget_identities_before(&self, at: Timestamp) -> Result<u64, StoreError>;
}
