//! Rows of devices: what a paired device holds, beside its configuration.
//!
//! The configuration of a device is a resource like any other; here is what only pairing writes.
//! Invariant: a credential stands here as its SHA-256, never as itself.

use domain::{DeviceId, TenantId, Timestamp};

/// The credential that a device was given when it was paired; a new pairing replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCredentialRow {
    pub tenant: TenantId,
    pub device: DeviceId,
    /// SHA-256.
    pub hash: [u8; 32],
    pub paired_at: Timestamp,
    /// Who let it in, in the words of the journal.
    pub paired_by: String,
    pub revoked_at: Option<Timestamp>,
}

/// When a device was last heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SightingRow {
    pub device: DeviceId,
    pub last_seen_at: Timestamp,
}
