//! The store's side of personal data: its vault, opened at the start, and what is done with it.
//!
//! At the start plain rows of an older database are sealed, and the erasures of the list are done again.
//! Invariant: nobody gets the store before both are finished.

mod erasure;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use domain::{CustomerId, TenantId, Timestamp};
use uuid::Uuid;

pub(crate) use erasure::Erasure;

use crate::backend::{Backend, Job, Reach, SqlStore, only_store};
use crate::error::{SaveError, StoreError};
use crate::read;
use crate::rows::{CustomerRow, ErasureRow, TicketPrivateRow, Whom};
use crate::save::{customer, erase, vault};
use crate::store::{Options, VaultStatus, VaultStore};
use crate::table::{SealedPrivate, seal_private};
use crate::vault::{AddKey, MasterKey, PLATFORM, Rewrap, Vault, load};

/// What a store holds besides its database.
#[derive(Default)]
pub(crate) struct Private {
    vault: Option<Arc<Vault>>,
    erasures: Option<PathBuf>,
}

impl Private {
    pub(crate) fn vault(&self) -> Result<Arc<Vault>, StoreError> {
        self.vault.clone().ok_or(StoreError::VaultShut)
    }

    /// Costs nothing when there is nothing private.
    pub(crate) fn seal(&self, rows: &[TicketPrivateRow]) -> Result<Vec<SealedPrivate>, StoreError> {
        if rows.is_empty() { Ok(Vec::new()) } else { seal_private(rows, &*self.vault()?) }
    }
}

impl<B: Backend> SqlStore<B> {
    /// Opens the vault and brings the database in order with it.
    pub(crate) async fn unlock(&self, options: &Options) -> Result<Private, StoreError> {
        let Some(master) = &options.vault else { return Ok(Private::default()) };
        for key in AddKey::first(master) {
            self.job(key).await?;
        }
        let vault = Arc::new(load(&mut self.of(PLATFORM).await?.connection(), master).await?);
        let mut sealed = 0;
        for tenant in self.every_tenant().await? {
            self.all_keys_known(tenant, &vault).await?;
            sealed += self.seal_plain(tenant, &vault).await?;
        }
        let again = self.erase_again(options.erasures.as_deref()).await?;
        if sealed + again > 0 {
            self.0.scrub(true).await?;
            tracing::info!(
                sealed,
                again,
                "plain rows were sealed, listed erasures were done again"
            );
        }
        Ok(Private { vault: Some(vault), erasures: options.erasures.clone() })
    }

    async fn every_tenant(&self) -> Result<Vec<TenantId>, StoreError> {
        let mut reader = self.0.reader(Reach::Platform).await?;
        let rows = read::configuration::tenants(&mut reader.connection()).await?;
        Ok(rows.into_iter().map(|row| row.tenant).collect())
    }

    /// A row whose key is gone would be found out only when somebody asks for it.
    async fn all_keys_known(&self, tenant: TenantId, vault: &Vault) -> Result<(), StoreError> {
        let known = vault.key_ids();
        let used = self.job(vault::KeysInUse(tenant)).await?;
        match used.into_iter().find(|key| !known.contains(key)) {
            Some(key) => Err(StoreError::UnknownVaultKey { tenant, key }),
            None => Ok(()),
        }
    }

    async fn seal_plain(&self, tenant: TenantId, vault: &Arc<Vault>) -> Result<u64, StoreError> {
        let mut sealed = 0;
        loop {
            match self.job(vault::SealPlain { tenant, vault: Arc::clone(vault) }).await? {
                0 => return Ok(sealed),
                rows => sealed += rows,
            }
        }
    }

    /// Does what the list says and the database does not know of, as after a restore.
    async fn erase_again(&self, list: Option<&std::path::Path>) -> Result<u64, StoreError> {
        let Some(list) = list else { return Ok(0) };
        let mut listed: HashMap<TenantId, Vec<Erasure>> = HashMap::new();
        for erasure in erasure::read_list(list)? {
            listed.entry(erasure.tenant()).or_default().push(erasure);
        }
        let mut again = 0;
        for (tenant, erasures) in listed {
            again += self.erase_unknown(tenant, erasures).await?;
        }
        Ok(again)
    }

    async fn erase_unknown(
        &self,
        tenant: TenantId,
        erasures: Vec<Erasure>,
    ) -> Result<u64, StoreError> {
        let mut reader = self.of(tenant).await?;
        let known = read::erasure::ids(&mut reader.connection(), tenant).await?;
        drop(reader);
        let mut again = 0;
        for erasure in erasures.into_iter().filter(|erasure| !known.contains(&erasure.id())) {
            self.job(erase::Erase(erasure)).await?;
            again += 1;
        }
        Ok(again)
    }

    async fn job<J: Job>(&self, job: J) -> Result<J::Done, StoreError> {
        self.save(job).await.map_err(only_store)
    }

    /// Seals what older keys sealed, tenant by tenant.
    async fn reseal(&self, vault: &Arc<Vault>) -> Result<(), StoreError> {
        for tenant in self.every_tenant().await? {
            while self.job(vault::Reseal { tenant, vault: Arc::clone(vault) }).await? > 0 {}
        }
        Ok(())
    }
}

#[async_trait]
impl<B: Backend> VaultStore for SqlStore<B> {
    async fn customer_like(
        &self,
        tenant: TenantId,
        phone: Option<&str>,
        email: Option<&str>,
    ) -> Result<Option<CustomerRow>, StoreError> {
        let vault = self.1.vault()?;
        let mut reader = self.of(tenant).await?;
        read::customer::like(&mut reader.connection(), &vault, tenant, (phone, email)).await
    }

    async fn customers(
        &self,
        tenant: TenantId,
        after: Option<CustomerId>,
        limit: u32,
    ) -> Result<Vec<CustomerRow>, StoreError> {
        let vault = self.1.vault()?;
        let mut reader = self.of(tenant).await?;
        read::customer::page(&mut reader.connection(), &vault, tenant, (after, limit)).await
    }

    async fn save_customer(
        &self,
        row: CustomerRow,
        expected: Option<u64>,
    ) -> Result<(), SaveError> {
        let vault = self.1.vault()?;
        self.save(customer::SaveCustomer { row, expected, vault }).await
    }

    async fn erase(
        &self,
        tenant: TenantId,
        whom: Whom,
        erasure: Uuid,
        at: Timestamp,
    ) -> Result<Option<ErasureRow>, StoreError> {
        let vault = self.1.vault()?;
        let survey = erase::Survey { tenant, whom, erasure, at, vault };
        let Some(erasure) = self.job(survey).await? else { return Ok(None) };
        if let Some(list) = &self.1.erasures {
            erasure.append_to(list)?;
        }
        let receipt = erasure.receipt();
        self.job(erase::Erase(erasure)).await?;
        self.0.scrub(false).await?;
        Ok(Some(receipt))
    }

    async fn erasure(
        &self,
        tenant: TenantId,
        erasure: Uuid,
    ) -> Result<Option<ErasureRow>, StoreError> {
        read::erasure::one(&mut self.of(tenant).await?.connection(), tenant, erasure).await
    }

    async fn erasures(
        &self,
        tenant: TenantId,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<ErasureRow>, StoreError> {
        let mut reader = self.of(tenant).await?;
        read::erasure::page(&mut reader.connection(), tenant, (before, limit)).await
    }

    async fn forget_people_before(
        &self,
        tenant: TenantId,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        let forgotten = self.job(erase::ForgetBefore { tenant, before }).await?;
        if forgotten == 0 {
            self.0.scrub(false).await?;
        }
        Ok(forgotten)
    }

    async fn rotate_vault(&self) -> Result<VaultStatus, StoreError> {
        let vault = self.1.vault()?;
        if self.vault_status().await?.rows_of_older_keys == 0 {
            let id = vault.current() + 1;
            let master = vault.master();
            let key = self.job(AddKey { master, id, only_if_missing: false }).await?;
            vault.adopt(id, &key)?;
        }
        self.reseal(&vault).await?;
        self.0.scrub(false).await?;
        self.vault_status().await
    }

    async fn replace_master_key(&self, new: &MasterKey) -> Result<usize, StoreError> {
        let vault = self.1.vault()?;
        let keys = self.job(Rewrap { old: vault.master(), new: new.clone() }).await?;
        vault.obey(new.clone());
        self.0.scrub(true).await?;
        Ok(keys)
    }

    async fn drop_old_vault_keys(&self) -> Result<u64, StoreError> {
        let vault = self.1.vault()?;
        let current = vault.current();
        if self.vault_status().await?.rows_of_older_keys > 0 {
            return Ok(0);
        }
        let dropped = self.job(vault::DropKeys(current)).await?;
        if dropped > 0 {
            let older = vault.key_ids().into_iter().filter(|id| *id < current);
            older.for_each(|id| vault.forget(id));
        }
        Ok(dropped)
    }

    async fn vault_status(&self) -> Result<VaultStatus, StoreError> {
        let vault = self.1.vault()?;
        let (key, keys) = (vault.current(), vault.key_ids());
        let (mut rows, mut rows_of_older_keys) = (0, 0);
        for tenant in self.every_tenant().await? {
            let (all, older) = self.job(vault::Count { tenant, current: key }).await?;
            rows += all;
            rows_of_older_keys += older;
        }
        Ok(VaultStatus { key, keys, rows, rows_of_older_keys })
    }
}
