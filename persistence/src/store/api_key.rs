//! What a store keeps of API keys.
//!
//! They are looked up in memory; the store is asked when a tenant starts, and told of changes.
//! Invariant: a revoked key stays revoked.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::ApiKeyRow;

/// API keys.
#[async_trait]
pub trait ApiKeyStore: Send + Sync {
    /// Keeps a new key.
    async fn save_api_key(&self, row: ApiKeyRow) -> Result<(), StoreError>;

    /// All keys of a tenant, revoked ones too, oldest first.
    async fn api_keys(&self, tenant: TenantId) -> Result<Vec<ApiKeyRow>, StoreError>;

    /// Ends a key; false when there is none that stands.
    async fn revoke_api_key(
        &self,
        tenant: TenantId,
        key: Uuid,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Notes when keys were last used, in one transaction; an earlier moment never replaces a later one.
    async fn touch_api_keys(
        &self,
        tenant: TenantId,
        used: Vec<(Uuid, Timestamp)>,
    ) -> Result<(), StoreError>;
}
