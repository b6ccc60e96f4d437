//! What the store can do with personal data.
//!
//! Everything personal is sealed on its way in and opened on its way out, by the vault the store was opened with.
//! Invariant: no statement ever carries a name, a phone number, an e-mail address or a note in plain.

use async_trait::async_trait;
use domain::{CustomerId, TenantId, Timestamp};
use uuid::Uuid;

use crate::error::{SaveError, StoreError};
use crate::rows::{CustomerRow, ErasureRow, Person, Whom};
use crate::vault::MasterKey;

/// How the vault stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct VaultStatus {
    /// The key that seals now.
    pub key: u32,
    /// Every key that opens.
    pub keys: Vec<u32>,
    /// Sealed rows in all.
    pub rows: u64,
    /// Rows that an older key sealed.
    pub rows_of_older_keys: u64,
}

/// Personal data.
#[async_trait]
pub trait VaultStore: Send + Sync {
    /// The customer with exactly that phone number or, without one, that e-mail address.
    async fn customer_like(
        &self,
        tenant: TenantId,
        phone: Option<&str>,
        email: Option<&str>,
    ) -> Result<Option<CustomerRow>, StoreError>;

    /// Customers by id, those after `after`.
    async fn customers(
        &self,
        tenant: TenantId,
        after: Option<CustomerId>,
        limit: u32,
    ) -> Result<Vec<CustomerRow>, StoreError>;

    /// Keeps a customer. `expected_version` none: must be new.
    ///
    /// # Errors
    /// `KeyTaken` names `phone` or `email` (never its text) when another customer has it.
    async fn save_customer(
        &self,
        row: CustomerRow,
        expected_version: Option<u64>,
    ) -> Result<(), SaveError>;

    /// Erases everything personal of somebody: the customer, the private rows of their tickets, what intents about these
    /// carry. None for an unknown one. The erasure is in the list outside the database before anything is deleted.
    async fn erase(
        &self,
        tenant: TenantId,
        whom: Whom,
        erasure: Uuid,
        at: Timestamp,
    ) -> Result<Option<ErasureRow>, StoreError>;

    /// One receipt.
    async fn erasure(
        &self,
        tenant: TenantId,
        erasure: Uuid,
    ) -> Result<Option<ErasureRow>, StoreError>;

    /// Receipts from the newest down, those before `before`.
    async fn erasures(
        &self,
        tenant: TenantId,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<ErasureRow>, StoreError>;

    /// One step: deletes some of what is personal of tickets that ended before `before`, and some customers who were not
    /// seen since; how many rows. None is left when it is 0, in no file either.
    async fn forget_people_before(
        &self,
        tenant: TenantId,
        before: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Makes a new key unless a rotation is under way, and seals every row with it, in small transactions.
    async fn rotate_vault(&self) -> Result<VaultStatus, StoreError>;

    /// Seals the keys with another master key, in one transaction, so that the former opens nothing any more; how many.
    /// Rows stay as they are.
    async fn replace_master_key(&self, new: &MasterKey) -> Result<usize, StoreError>;

    /// Forgets older keys that no row needs; how many.
    async fn drop_old_vault_keys(&self) -> Result<u64, StoreError>;

    async fn vault_status(&self) -> Result<VaultStatus, StoreError>;
}

impl Person {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        serde_json::from_slice(bytes).map_err(|_| StoreError::UnreadableRow {
            table: "customers",
            reason: "the sealed part has not the form this program writes".to_owned(),
        })
    }
}
