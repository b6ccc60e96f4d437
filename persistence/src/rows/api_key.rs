//! A tenant's API key: who made it, what it may do, when it was last used.
//!
//! Keys are few, so a tenant's are read all at once when it starts.
//! Invariant: a key stands here as its SHA-256, never as itself.

use domain::{TenantId, Timestamp};
use uuid::Uuid;

/// One API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    pub tenant: TenantId,
    pub key: Uuid,
    pub name: String,
    /// SHA-256.
    pub hash: [u8; 32],
    /// The last four characters, by which people tell keys apart.
    pub hint: String,
    pub role: String,
    /// Separated by spaces.
    pub scopes: String,
    /// Who made it, in the words of the journal.
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}
