//! An outside provider that people of a tenant sign in with, and whom its subjects stand for.
//!
//! Providers are few, so a tenant's are read all at once.
//! Invariant: a client's secret stands here as the program sealed it.

use std::fmt;

use domain::{TenantId, Timestamp};
use uuid::Uuid;

/// A provider of OpenID Connect.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderRow {
    pub tenant: TenantId,
    pub provider: Uuid,
    /// Unique in the tenant; part of the address that the provider sends people back to.
    pub slug: String,
    /// What people read on the button.
    pub name: String,
    pub issuer: String,
    pub client_id: String,
    /// Sealed; none for a public client.
    pub client_secret: Option<Vec<u8>>,
    /// Separated by spaces.
    pub scopes: String,
    /// The claim that groups are in.
    pub groups_claim: String,
    /// JSON: from a group to a role.
    pub roles: String,
    /// Of whoever is in none of these groups.
    pub default_role: Option<String>,
    /// E-mail addresses count as confirmed even if the provider does not say so.
    pub trust_email: bool,
    /// Whoever has an account with a password is linked by the confirmed address.
    pub link_existing: bool,
    pub enabled: bool,
    pub version: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl fmt::Debug for ProviderRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderRow")
            .field("provider", &self.provider)
            .field("issuer", &self.issuer)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Whom a provider's subject stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalSubjectRow {
    pub tenant: TenantId,
    pub issuer: String,
    /// The provider's `sub`.
    pub subject: String,
    pub account: Uuid,
    pub linked_at: Timestamp,
}
