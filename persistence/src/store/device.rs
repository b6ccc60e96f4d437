//! What a store keeps of devices beside their configuration: credentials, and when they were last heard.
//!
//! A tenant's rows are read once, when the tenant starts; afterwards they are only written.
//! Invariant: a revoked credential stays revoked; only a new pairing puts another in its place.

use async_trait::async_trait;
use domain::{DeviceId, TenantId, Timestamp};

use crate::error::StoreError;
use crate::rows::{DeviceCredentialRow, SightingRow};

/// Credentials and sightings of devices.
#[async_trait]
pub trait DeviceStore: Send + Sync {
    /// All credentials of a tenant, revoked ones too, by device.
    async fn device_credentials(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<DeviceCredentialRow>, StoreError>;

    /// Gives the device this credential in place of any before it.
    async fn save_device_credential(&self, row: DeviceCredentialRow) -> Result<(), StoreError>;

    /// Ends the credential of a device; false when it has none that stands.
    async fn revoke_device(
        &self,
        tenant: TenantId,
        device: DeviceId,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// When each device of a tenant was last heard, by device.
    async fn device_sightings(&self, tenant: TenantId) -> Result<Vec<SightingRow>, StoreError>;

    /// Notes all of them in one transaction; an earlier moment never replaces a later one.
    async fn save_device_sightings(
        &self,
        tenant: TenantId,
        sightings: Vec<SightingRow>,
    ) -> Result<(), StoreError>;
}
