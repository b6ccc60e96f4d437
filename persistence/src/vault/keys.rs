//! The keys of the vault in the database, each sealed by the master key.
//!
//! Number 0 is the key of the blind indexes; 1 and up seal rows, the highest of them now.
//! Invariant: a master key that does not open every key is refused; nothing is written with it.

use std::sync::RwLock;

use async_trait::async_trait;
use aws_lc_rs::hmac;
use domain::TenantId;
use uuid::Uuid;

use super::{KEY_BYTES, MasterKey, Vault, open_with, row_key, seal_with, sealing_failed};
use crate::backend::{Job, Reach};
use crate::error::{SaveError, StoreError};
use crate::save::failed;
use crate::sql::Connection;

const INDEX: u32 = 0;
pub(crate) const PLATFORM: TenantId = TenantId(Uuid::nil());

/// Opens the vault of a database; a database without one gets its first keys.
pub(crate) async fn load(
    connection: &mut Connection<'_>,
    master: &MasterKey,
) -> Result<Vault, StoreError> {
    let mut index = None;
    let mut rows = std::collections::BTreeMap::new();
    for (id, wrapped) in wrapped(connection).await? {
        let key = unwrap(master, id, &wrapped).ok_or(StoreError::WrongVaultKey)?;
        if id == INDEX {
            index = Some(hmac::Key::new(hmac::HMAC_SHA256, &key));
        } else {
            rows.insert(id, row_key(&key)?);
        }
    }
    let index = index.ok_or_else(sealing_failed)?;
    Ok(Vault { master: RwLock::new(master.clone()), index, rows: RwLock::new(rows) })
}

async fn wrapped(connection: &mut Connection<'_>) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
    let sql = "select key_id, wrapped from vault_keys where tenant_id = $1";
    let failed = |source| StoreError::database("read the keys of the vault", source);
    let records = connection.fetch(sql, vec![PLATFORM.into()]).await.map_err(failed)?;
    let read = |record: &crate::sql::Record| Ok((record.int("key_id")?, record.blob("wrapped")?));
    records.iter().map(read).collect::<Result<_, _>>().map_err(failed)
}

fn unwrap(master: &MasterKey, id: u32, wrapped: &[u8]) -> Option<Vec<u8>> {
    open_with(&row_key(master.bytes()).ok()?, &id.to_be_bytes(), wrapped)
}

/// Adds a key: its number and the key itself come back. Does nothing if `only_if_missing` and there is one.
pub(crate) struct AddKey {
    pub(crate) master: MasterKey,
    pub(crate) id: u32,
    pub(crate) only_if_missing: bool,
}

impl AddKey {
    /// The keys that every vault has.
    pub(crate) fn first(master: &MasterKey) -> [Self; 2] {
        [INDEX, 1].map(|id| Self { master: master.clone(), id, only_if_missing: true })
    }
}

#[async_trait]
impl Job for AddKey {
    type Done = Vec<u8>;

    fn reach(&self) -> Reach {
        Reach::Tenant(PLATFORM)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<u8>, SaveError> {
        let mut key = vec![0; KEY_BYTES];
        aws_lc_rs::rand::fill(&mut key).map_err(|_| sealing_failed())?;
        if self.only_if_missing && self.is_covered(connection).await.map_err(failed)? {
            return Ok(key);
        }
        let wrapped =
            seal_with(self.id, &row_key(self.master.bytes())?, &self.id.to_be_bytes(), &key)?;
        let sql = "insert into vault_keys (tenant_id, key_id, wrapped) values ($1, $2, $3)";
        let values = vec![PLATFORM.into(), u64::from(self.id).into(), wrapped.into()];
        connection.execute(sql, values).await.map_err(failed)?;
        Ok(key)
    }
}

/// Seals every key of the vault with another master key, all or none; returns how many.
pub(crate) struct Rewrap {
    pub(crate) old: MasterKey,
    pub(crate) new: MasterKey,
}

#[async_trait]
impl Job for Rewrap {
    type Done = usize;

    fn reach(&self) -> Reach {
        Reach::Tenant(PLATFORM)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<usize, SaveError> {
        let keys = wrapped(connection).await?;
        let gone = "delete from vault_keys where tenant_id = $1 and key_id = $2";
        let put = "insert into vault_keys (tenant_id, key_id, wrapped) values ($1, $2, $3)";
        let new = row_key(self.new.bytes())?;
        for (id, former) in &keys {
            let key = unwrap(&self.old, *id, former).ok_or(StoreError::WrongVaultKey)?;
            let again = seal_with(*id, &new, &id.to_be_bytes(), &key)?;
            let name = vec![PLATFORM.into(), u64::from(*id).into()];
            connection.execute(gone, name.clone()).await.map_err(failed)?;
            let values = name.into_iter().chain([again.into()]).collect();
            connection.execute(put, values).await.map_err(failed)?;
        }
        Ok(keys.len())
    }
}

impl AddKey {
    /// A rotated vault has no key 1 any more; any later one will do.
    async fn is_covered(&self, connection: &mut Connection<'_>) -> Result<bool, sqlx::Error> {
        let sql = if self.id == INDEX {
            "select 1 from vault_keys where tenant_id = $1 and key_id = $2"
        } else {
            "select 1 from vault_keys where tenant_id = $1 and key_id >= $2"
        };
        let values = vec![PLATFORM.into(), u64::from(self.id).into()];
        Ok(connection.fetch_first(sql, values).await?.is_some())
    }
}
