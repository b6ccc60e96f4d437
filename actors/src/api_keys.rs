//! The API keys of a tenant, in memory: a key is found by its SHA-256, so no request asks the store.
//!
//! They are read when the tenant starts; changes are written first and seen then. Last uses are kept here and written
//! now and then, by the tenant's actor.
//! Invariant: a key that was revoked or has expired opens nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;
use domain::{Role, Scopes, Secs, Timestamp};
use persistence::ApiKeyRow;
use uuid::Uuid;

/// Last uses are written at most this often.
const WRITE_EVERY: Secs = Secs(60);

type Hash = [u8; 32];

/// One key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: Uuid,
    pub name: String,
    /// The last four characters.
    pub hint: String,
    pub role: Role,
    pub scopes: Scopes,
    /// Who made it, in the words of the journal.
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    fn stands(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|ends| now < ends)
    }

    /// None when a newer program wrote a role or a scope that is not known here: then the key opens nothing.
    pub(crate) fn of_row(row: &ApiKeyRow) -> Option<Self> {
        Some(Self {
            id: row.key,
            name: row.name.clone(),
            hint: row.hint.clone(),
            role: row.role.parse().ok()?,
            scopes: row.scopes.parse().ok()?,
            created_by: row.created_by.clone(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        })
    }
}

struct Held {
    key: ApiKey,
    written_at: Option<Timestamp>,
}

/// The keys of one tenant.
#[derive(Default)]
pub(crate) struct KeyRing {
    by_hash: DashMap<Hash, Held>,
    revision: AtomicU64,
}

impl KeyRing {
    pub(crate) fn hold(&self, hash: Hash, key: ApiKey) {
        let written_at = key.last_used_at;
        self.by_hash.insert(hash, Held { key, written_at });
    }

    /// The key with this SHA-256, if it stands; it counts as used. True when nobody is about to write that yet.
    pub(crate) fn open(&self, hash: &Hash, now: Timestamp) -> Option<(ApiKey, bool)> {
        let mut held = self.by_hash.get_mut(hash).filter(|held| held.key.stands(now))?;
        let was_written = held.key.last_used_at == held.written_at;
        held.key.last_used_at = held.key.last_used_at.max(Some(now));
        let is_news = was_written && held.key.last_used_at != held.written_at;
        Some((held.key.clone(), is_news))
    }

    pub(crate) fn stands(&self, id: Uuid, now: Timestamp) -> bool {
        self.by_hash.iter().any(|held| held.key.id == id && held.key.stands(now))
    }

    /// All keys, oldest first.
    pub(crate) fn all(&self) -> Vec<ApiKey> {
        let mut keys: Vec<ApiKey> = self.by_hash.iter().map(|held| held.key.clone()).collect();
        keys.sort_unstable_by_key(|key| key.id);
        keys
    }

    pub(crate) fn revoke(&self, id: Uuid, at: Timestamp) {
        for mut held in self.by_hash.iter_mut().filter(|held| held.key.id == id) {
            held.key.revoked_at = held.key.revoked_at.or(Some(at));
        }
        self.revision.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts revocations.
    pub(crate) fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// Whether a use is not yet written.
    pub(crate) fn has_news(&self) -> bool {
        self.by_hash.iter().any(|held| held.key.last_used_at != held.written_at)
    }

    /// The uses to be written by now. They count as written, unless [`KeyRing::not_written`].
    pub(crate) fn due(&self, now: Timestamp) -> Vec<(Uuid, Timestamp)> {
        let mut due = Vec::new();
        for mut held in self.by_hash.iter_mut() {
            let Some(used) = held.key.last_used_at else { continue };
            let is_due = held.written_at.is_none_or(|at| used > at && now.since(at) >= WRITE_EVERY);
            if is_due {
                held.written_at = Some(used);
                due.push((held.key.id, used));
            }
        }
        due
    }

    pub(crate) fn not_written(&self, used: &[(Uuid, Timestamp)]) {
        for mut held in self.by_hash.iter_mut() {
            if used.iter().any(|(id, _)| *id == held.key.id) {
                held.written_at = None;
            }
        }
    }
}
