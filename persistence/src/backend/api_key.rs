//! The API keys' part of the store.
//!
//! Reads borrow a reader; writes are jobs.
//! Invariant: as for every job, a write that was begun is finished.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::{Backend, SqlStore, only_store};
use crate::error::StoreError;
use crate::rows::ApiKeyRow;
use crate::store::ApiKeyStore;
use crate::{read, save};

#[async_trait]
impl<B: Backend> ApiKeyStore for SqlStore<B> {
    async fn save_api_key(&self, row: ApiKeyRow) -> Result<(), StoreError> {
        self.save(save::api_key::SaveApiKey(row)).await.map_err(only_store)
    }

    async fn api_keys(&self, tenant: TenantId) -> Result<Vec<ApiKeyRow>, StoreError> {
        read::api_key::all(&mut self.of(tenant).await?.connection(), tenant).await
    }

    async fn revoke_api_key(
        &self,
        tenant: TenantId,
        key: Uuid,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.save(save::api_key::Revoke { tenant, key, at }).await.map_err(only_store)
    }

    async fn touch_api_keys(
        &self,
        tenant: TenantId,
        used: Vec<(Uuid, Timestamp)>,
    ) -> Result<(), StoreError> {
        self.save(save::api_key::Touch { tenant, used }).await.map_err(only_store)
    }
}
