//! A key in the hands of an actor that carries its command out.
//!
//! Whoever drops the lease without saying what became of the command leaves the key in doubt: an actor that panics,
//! a writer that dies. The next request under the key then asks the store.
//! Invariant: no key stays under way when nobody is on the way with it any more.

use std::sync::Arc;

use domain::Timestamp;

use crate::ask::Key;
use crate::keys::Hash;
use crate::world::TenantWorld;

/// The key of a command being carried out; of a command without a key, nothing.
pub(super) struct KeyLease {
    held: Option<Held>,
}

struct Held {
    tenant: Arc<TenantWorld>,
    hash: Hash,
    fingerprint: Hash,
    since: Timestamp,
}

impl KeyLease {
    pub(super) const fn of_no_key() -> Self {
        Self { held: None }
    }

    /// None when whoever asked has given the key up: then the command must not be carried out.
    pub(super) fn take(
        tenant: &Arc<TenantWorld>,
        key: Option<&Key>,
        since: Timestamp,
    ) -> Option<Self> {
        let Some(key) = key else { return Some(Self::of_no_key()) };
        let (hash, fingerprint) = (key.hash, key.fingerprint);
        let held = Held { tenant: Arc::clone(tenant), hash, fingerprint, since };
        tenant.keys.take(&hash).then_some(Self { held: Some(held) })
    }

    /// Nothing was done or kept: the asker may keep a reply, or give the key up.
    pub(super) fn hand_back(mut self) {
        if let Some(held) = self.held.take() {
            held.tenant.keys.hand_back(&held.hash);
        }
    }

    /// What was done is durable; the reply too, if it has a number.
    pub(super) fn kept(mut self, seq: Option<u64>) {
        let Some(seq) = seq else { return self.hand_back() };
        if let Some(held) = self.held.take() {
            held.tenant.keys.answered(held.hash, held.fingerprint, seq, held.since);
        }
    }
}

impl Drop for KeyLease {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            held.tenant.keys.doubt(held.hash, held.since);
        }
    }
}
