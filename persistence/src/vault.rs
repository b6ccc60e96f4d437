//! The vault: seals personal data before it reaches a statement, and opens what was read.
//!
//! The master key comes from outside. It seals only the keys in `vault_keys`: one for blind indexes, which stays, and
//! those for rows, of which the newest seals. A blob is key id (4 bytes), nonce (12), AES-256-GCM ciphertext and tag.
//!
//! Invariant: a blob opens only in the row and column that it was sealed for.

mod key;
mod keys;

pub use key::{BadMasterKey, MasterKey};
pub(crate) use keys::{AddKey, PLATFORM, Rewrap, load};

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use domain::TenantId;
use uuid::Uuid;

use crate::error::StoreError;

pub(crate) const KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 12;

/// Where a blob stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) tenant: TenantId,
    pub(crate) table: &'static str,
    pub(crate) row: Uuid,
    pub(crate) column: &'static str,
}

impl Place {
    pub(crate) fn customer(tenant: TenantId, row: Uuid) -> Self {
        Self { tenant, table: "customers", row, column: "sealed" }
    }

    pub(crate) fn ticket(tenant: TenantId, row: Uuid) -> Self {
        Self { tenant, table: "ticket_private", row, column: "sealed" }
    }

    /// Names have no NUL and ids have one length, so no two places look alike.
    fn bytes(self) -> Vec<u8> {
        let mut bytes = self.tenant.0.as_bytes().to_vec();
        bytes.extend_from_slice(self.row.as_bytes());
        bytes.extend_from_slice(self.table.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(self.column.as_bytes());
        bytes
    }
}

/// The keys in use.
pub(crate) struct Vault {
    master: RwLock<MasterKey>,
    index: hmac::Key,
    rows: RwLock<BTreeMap<u32, LessSafeKey>>,
}

impl Vault {
    /// The blob to keep instead of `plain`.
    pub(crate) fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let (id, key) = rows.last_key_value().ok_or_else(sealing_failed)?;
        seal_with(*id, key, &place.bytes(), plain)
    }

    /// What was sealed.
    pub(crate) fn open(&self, place: Place, blob: &[u8]) -> Result<Vec<u8>, StoreError> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let unreadable = |reason: &str| StoreError::UnreadableRow {
            table: place.table,
            reason: reason.to_owned(),
        };
        let id = key_id(blob).ok_or_else(|| unreadable("the sealed blob is cut short"))?;
        let key = rows.get(&id).ok_or_else(|| unreadable("the vault has no key for it"))?;
        open_with(key, &place.bytes(), blob)
            .ok_or_else(|| unreadable("the sealed blob was changed or belongs to another row"))
    }

    /// The same text of the same tenant and kind has the same index; without the key nobody can try texts.
    pub(crate) fn blind(&self, tenant: TenantId, kind: &str, text: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(tenant.0.as_bytes());
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(text.as_bytes());
        context.sign().as_ref().to_vec()
    }

    /// The key that seals now.
    pub(crate) fn current(&self) -> u32 {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        rows.last_key_value().map_or(0, |(id, _)| *id)
    }

    /// The keys that can be opened with.
    pub(crate) fn key_ids(&self) -> Vec<u32> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// From now on seals with `key`.
    pub(crate) fn adopt(&self, id: u32, key: &[u8]) -> Result<(), StoreError> {
        let key = row_key(key)?;
        self.rows.write().unwrap_or_else(PoisonError::into_inner).insert(id, key);
        Ok(())
    }

    pub(crate) fn forget(&self, id: u32) {
        self.rows.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    pub(crate) fn master(&self) -> MasterKey {
        self.master.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on `master` seals the keys.
    pub(crate) fn obey(&self, master: MasterKey) {
        *self.master.write().unwrap_or_else(PoisonError::into_inner) = master;
    }
}

/// The key that sealed a blob.
pub(crate) fn key_id(blob: &[u8]) -> Option<u32> {
    blob.first_chunk::<KEY_ID_BYTES>().map(|id| u32::from_be_bytes(*id))
}

fn row_key(key: &[u8]) -> Result<LessSafeKey, StoreError> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| sealing_failed())
}

fn seal_with(id: u32, key: &LessSafeKey, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut nonce = [0; NONCE_BYTES];
    aws_lc_rs::rand::fill(&mut nonce).map_err(|_| sealing_failed())?;
    let mut sealed = plain.to_vec();
    let place = Aad::from(aad);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place, &mut sealed)
        .map_err(|_| sealing_failed())?;
    Ok([id.to_be_bytes().as_slice(), &nonce, &sealed].concat())
}

fn open_with(key: &LessSafeKey, aad: &[u8], blob: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = blob.get(KEY_ID_BYTES..)?.split_first_chunk::<NONCE_BYTES>()?;
    let mut sealed = sealed.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let plain = key.open_in_place(nonce, Aad::from(aad), &mut sealed).ok()?.len();
    sealed.truncate(plain);
    Some(sealed)
}

fn sealing_failed() -> StoreError {
    StoreError::Database { doing: "seal", source: "the vault has no usable key".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        let rows = [(1, row_key(&[7; KEY_BYTES]).unwrap())].into();
        let index = hmac::Key::new(hmac::HMAC_SHA256, &[8; KEY_BYTES]);
        Vault {
            master: RwLock::new(MasterKey::generate().unwrap()),
            index,
            rows: RwLock::new(rows),
        }
    }

    fn place() -> Place {
        Place::customer(TenantId(Uuid::from_u128(1)), Uuid::from_u128(2))
    }

    #[test]
    fn a_blob_opens_only_where_it_was_sealed() {
        let vault = vault();
        let blob = vault.seal(place(), b"Awa").unwrap();
        assert_eq!(vault.open(place(), &blob).unwrap(), b"Awa");
        for elsewhere in [
            Place { tenant: TenantId(Uuid::from_u128(9)), ..place() },
            Place { row: Uuid::from_u128(9), ..place() },
            Place { table: "ticket_private", ..place() },
            Place { column: "name", ..place() },
        ] {
            assert!(vault.open(elsewhere, &blob).is_err(), "{elsewhere:?}");
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let vault = vault();
        let blob = vault.seal(place(), b"Awa").unwrap();
        for byte in 0..blob.len() {
            let mut changed = blob.clone();
            changed[byte] ^= 1;
            assert!(vault.open(place(), &changed).is_err(), "byte {byte}");
        }
        assert!(vault.open(place(), &blob[..3]).is_err());
    }

    #[test]
    fn a_new_key_seals_and_the_old_one_still_opens() {
        let vault = vault();
        let old = vault.seal(place(), b"Awa").unwrap();
        vault.adopt(2, &[9; KEY_BYTES]).unwrap();
        assert_eq!(key_id(&vault.seal(place(), b"Awa").unwrap()), Some(2));
        assert_eq!(vault.open(place(), &old).unwrap(), b"Awa");
        vault.forget(1);
        assert!(vault.open(place(), &old).is_err());
    }

    #[test]
    fn a_blind_index_tells_tenants_and_kinds_apart() {
        let (vault, here, there) =
            (vault(), TenantId(Uuid::from_u128(1)), TenantId(Uuid::from_u128(2)));
        let index = vault.blind(here, "phone", "+221");
        assert_eq!(index, vault.blind(here, "phone", "+221"));
        assert_ne!(index, vault.blind(there, "phone", "+221"));
        assert_ne!(index, vault.blind(here, "email", "+221"));
    }
}
