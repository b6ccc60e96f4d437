//! Devices: their credentials, and their signs of life.
//!
//! The configuration of a device is a resource like any other, see `configuration`.
//! Invariant: what these answer is on disk, but for the moment a device was last heard.

use domain::{DeviceId, Timestamp};
use persistence::DeviceCredentialRow;

use super::Tenant;
use crate::ask::{Ask, AskError};
use crate::devices::DeviceStatus;
use crate::tenant_actor::TenantMessage;

/// Of a device that was revoked without ever having had a credential: no SHA-256 that anybody knows the origin of.
const NO_CREDENTIAL: [u8; 32] = [0; 32];

impl Tenant {
    /// Gives a device the credential with this SHA-256 in place of any before it; tokens issued before end.
    ///
    /// # Errors
    /// `NotFound` for an unknown device.
    pub async fn pair_device(
        &self,
        device: DeviceId,
        hash: [u8; 32],
        paired_by: String,
    ) -> Result<(), AskError> {
        self.awake()?;
        self.directory().device(device).ok_or(AskError::NotFound)?;
        let paired_at = self.world.world.clock.now();
        let (tenant, revoked_at) = (self.world.id, None);
        self.hold(DeviceCredentialRow { tenant, device, hash, paired_at, paired_by, revoked_at })
            .await
    }

    /// Ends the credential of a device and every token of it, until it is paired again.
    ///
    /// # Errors
    /// `NotFound` for an unknown device.
    pub async fn revoke_device(&self, device: DeviceId, ask: Ask) -> Result<(), AskError> {
        self.awake()?;
        self.directory().device(device).ok_or(AskError::NotFound)?;
        let now = self.world.world.clock.now();
        if !self.world.devices.was_paired(device) {
            let (tenant, hash, paired_by) = (self.world.id, NO_CREDENTIAL, ask.who.to_string());
            let (paired_at, revoked_at) = (now, Some(now));
            let row =
                DeviceCredentialRow { tenant, device, hash, paired_at, paired_by, revoked_at };
            return self.hold(row).await;
        }
        let revoked = self.world.world.store.revoke_device(self.world.id, device, now).await;
        if revoked.map_err(|_| AskError::OutcomeUnknown)? {
            self.world.devices.revoke(device, now);
        }
        Ok(())
    }

    async fn hold(&self, row: DeviceCredentialRow) -> Result<(), AskError> {
        let kept = self.world.world.store.save_device_credential(row.clone()).await;
        kept.map_err(|_| AskError::OutcomeUnknown)?;
        self.world.devices.hold(&row);
        Ok(())
    }

    /// The device whose credential has this SHA-256, if it still exists and was not revoked.
    pub fn device_holding(&self, hash: &[u8; 32]) -> Option<DeviceId> {
        let holder = self.world.devices.holder(hash)?;
        self.directory().device(holder).map(|device| DeviceId(device.id))
    }

    /// Whether a token that a device was issued then still stands.
    pub fn device_token_stands(&self, device: DeviceId, issued_at: Timestamp) -> bool {
        self.world.devices.stands(device, issued_at)
    }

    /// Changes whenever a credential of this tenant may have ended.
    pub fn revocations(&self) -> u64 {
        self.world.devices.revision().wrapping_add(self.world.api_keys.revision())
    }

    pub fn device_status(&self, device: DeviceId) -> DeviceStatus {
        self.world.devices.status(device)
    }

    /// A device gave a sign of life.
    pub fn device_heard(&self, device: DeviceId) {
        if self.world.devices.heard(device, self.world.world.clock.now()) {
            self.world.tell_tenant(TenantMessage::DeviceOnline { device });
        }
    }

    /// A device's first socket came, or its last one went.
    pub fn device_connected(&self, device: DeviceId, connected: bool) {
        self.world.devices.connect(device, connected);
        if connected {
            self.device_heard(device);
        }
    }
}
