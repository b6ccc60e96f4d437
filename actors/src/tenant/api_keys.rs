//! API keys: made, listed, ended, and opened at each request.
//!
//! Who may make one with which scopes is judged at the edge.
//! Invariant: a secret never comes here, only its SHA-256.

use domain::{Role, Scopes, Timestamp};
use persistence::ApiKeyRow;
use uuid::Uuid;

use super::Tenant;
use crate::api_keys::ApiKey;
use crate::ask::{Ask, AskError};
use crate::tenant_actor::TenantMessage;

/// Keys of one tenant that stand at once.
const KEYS_MAX: u32 = 200;

/// A key about to be made.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    pub name: String,
    pub role: Role,
    pub scopes: Scopes,
    pub expires_at: Option<Timestamp>,
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// The last four characters of the secret.
    pub hint: String,
}

impl Tenant {
    /// Makes a key.
    ///
    /// # Errors
    /// `quota_exceeded` when the tenant has too many.
    pub async fn create_api_key(&self, new: NewApiKey, ask: Ask) -> Result<ApiKey, AskError> {
        self.awake()?;
        let standing = self.api_keys().iter().filter(|key| key.revoked_at.is_none()).count();
        if u32::try_from(standing).unwrap_or(u32::MAX) >= KEYS_MAX {
            return Err(domain::Refusal::QuotaExceeded { what: "api keys", limit: KEYS_MAX }.into());
        }
        let row = ApiKeyRow {
            tenant: self.world.id,
            key: self.world.world.clock.new_id(),
            name: new.name,
            hash: new.hash,
            hint: new.hint,
            role: new.role.to_string(),
            scopes: new.scopes.to_string(),
            created_by: ask.who.to_string(),
            created_at: self.world.world.clock.now(),
            expires_at: new.expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        let kept = self.world.world.store.save_api_key(row.clone()).await;
        kept.map_err(|_| AskError::OutcomeUnknown)?;
        let key = ApiKey::of_row(&row).ok_or(AskError::OutcomeUnknown)?;
        self.world.api_keys.hold(row.hash, key.clone());
        Ok(key)
    }

    /// All keys, ended ones too, oldest first.
    pub fn api_keys(&self) -> Vec<ApiKey> {
        self.world.api_keys.all()
    }

    /// Ends a key; ending it twice changes nothing.
    ///
    /// # Errors
    /// `NotFound` for an unknown key.
    pub async fn revoke_api_key(&self, id: Uuid, _: Ask) -> Result<(), AskError> {
        self.awake()?;
        self.api_keys().iter().find(|key| key.id == id).ok_or(AskError::NotFound)?;
        let now = self.world.world.clock.now();
        let revoked = self.world.world.store.revoke_api_key(self.world.id, id, now).await;
        revoked.map_err(|_| AskError::OutcomeUnknown)?;
        self.world.api_keys.revoke(id, now);
        Ok(())
    }

    /// The key with this SHA-256, if it stands; it counts as used now.
    pub fn open_api_key(&self, hash: &[u8; 32]) -> Option<ApiKey> {
        let (key, is_news) = self.world.api_keys.open(hash, self.world.world.clock.now())?;
        if is_news {
            self.world.tell_tenant(TenantMessage::KeyUsed);
        }
        Some(key)
    }

    pub fn api_key_stands(&self, id: Uuid) -> bool {
        self.world.api_keys.stands(id, self.world.world.clock.now())
    }
}
