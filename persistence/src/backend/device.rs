//! The devices' part of the store.
//!
//! Reads borrow a reader; writes are jobs.
//! Invariant: as for every job, a write that was begun is finished.

use async_trait::async_trait;
use domain::{DeviceId, TenantId, Timestamp};

use super::{Backend, SqlStore, only_store};
use crate::error::StoreError;
use crate::rows::{DeviceCredentialRow, SightingRow};
use crate::store::DeviceStore;
use crate::{read, save};

#[async_trait]
impl<B: Backend> DeviceStore for SqlStore<B> {
    async fn device_credentials(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<DeviceCredentialRow>, StoreError> {
        read::device::credentials(&mut self.of(tenant).await?.connection(), tenant).await
    }

    async fn save_device_credential(&self, row: DeviceCredentialRow) -> Result<(), StoreError> {
        self.save(save::device::SaveCredential(row)).await.map_err(only_store)
    }

    async fn revoke_device(
        &self,
        tenant: TenantId,
        device: DeviceId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.save(save::device::Revoke { tenant, device, at }).await.map_err(only_store)
    }

    async fn device_sightings(&self, tenant: TenantId) -> Result<Vec<SightingRow>, StoreError> {
        read::device::sightings(&mut self.of(tenant).await?.connection(), tenant).await
    }

    async fn save_device_sightings(
        &self,
        tenant: TenantId,
        sightings: Vec<SightingRow>,
    ) -> Result<(), StoreError> {
        self.save(save::device::SaveSightings { tenant, sightings }).await.map_err(only_store)
    }
}
