//! What a store keeps of outside identity providers.
//!
//! A subject is linked to an account once and for good; of two who link at once, one is the first.
//! Invariant: every call names the tenant.

use async_trait::async_trait;
use domain::TenantId;
use uuid::Uuid;

use crate::error::{SaveError, StoreError};
use crate::rows::{ExternalSubjectRow, ProviderRow};

/// Outside identity providers, and whom their subjects stand for.
#[async_trait]
pub trait ExternalStore: Send + Sync {
    /// All of a tenant, oldest first.
    async fn identity_providers(&self, tenant: TenantId) -> Result<Vec<ProviderRow>, StoreError>;

    /// Creates it when no version is expected, else replaces that version.
    ///
    /// # Errors
    /// `KeyTaken` when another one has the slug, `VersionConflict` when it was changed meanwhile.
    async fn save_identity_provider(
        &self,
        row: ProviderRow,
        expected_version: Option<u64>,
    ) -> Result<(), SaveError>;

    /// False when it is not there in this version.
    async fn delete_identity_provider(
        &self,
        tenant: TenantId,
        provider: Uuid,
        version: u64,
    ) -> Result<bool, StoreError>;

    /// False when the subject stands for somebody already.
    async fn link_subject(&self, row: ExternalSubjectRow) -> Result<bool, StoreError>;

    async fn linked_account(
        &self,
        tenant: TenantId,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<ExternalSubjectRow>, StoreError>;

    /// Every subject that stands for `account`.
    async fn subjects_of(
        &self,
        tenant: TenantId,
        account: Uuid,
    ) -> Result<Vec<ExternalSubjectRow>, StoreError>;
}
