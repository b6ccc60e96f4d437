//! The people a tenant knows: read, changed, erased; and for how long what is personal is kept.
//!
//! Nothing of it stands in memory: each call asks the store, which opens what is sealed.
//! Invariant: no error here says a name, a phone number or an e-mail address.

use domain::{CustomerId, Refusal, TicketId};
use persistence::{CustomerRow, ErasureRow, SaveError, StoreError, Whom};
use uuid::Uuid;

use super::Tenant;
use crate::ask::AskError;

/// Whom an erasure is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    Customer(CustomerId),
    Ticket(TicketId),
    Phone(String),
    Email(String),
}

impl Tenant {
    /// One customer.
    ///
    /// # Errors
    /// `NotFound` for an unknown one.
    pub async fn customer(&self, id: CustomerId) -> Result<CustomerRow, AskError> {
        let found = self.world.world.store.customer(self.world.id, id).await;
        found.map_err(|error| unread(&error))?.ok_or(AskError::NotFound)
    }

    /// Customers by id, those after `after`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn customers(
        &self,
        after: Option<CustomerId>,
        limit: u32,
    ) -> Result<Vec<CustomerRow>, AskError> {
        let found = self.world.world.store.customers(self.world.id, after, limit).await;
        found.map_err(|error| unread(&error))
    }

    /// Keeps what `change` makes of a customer.
    ///
    /// # Errors
    /// `NotFound`; `version_conflict` when `expected` is not the version; `Taken` when another customer has the phone
    /// number or address.
    pub async fn change_customer(
        &self,
        id: CustomerId,
        expected: Option<u64>,
        change: impl FnOnce(&mut CustomerRow),
    ) -> Result<CustomerRow, AskError> {
        self.awake()?;
        let mut row = self.customer(id).await?;
        let current = row.version;
        if expected.is_some_and(|expected| expected != current) {
            return Err(Refusal::VersionConflict { current }.into());
        }
        change(&mut row);
        row.version = current + 1;
        row.updated_at = self.world.world.clock.now();
        let kept = self.world.world.store.save_customer(row.clone(), Some(current)).await;
        kept.map(|()| row).map_err(|error| match error {
            SaveError::VersionConflict { .. } => {
                Refusal::VersionConflict { current: current + 1 }.into()
            }
            SaveError::KeyTaken { key, .. } => {
                AskError::Taken { field: key, value: "of another customer".to_owned() }
            }
            SaveError::Store(error) => unread(&error),
        })
    }

    /// Erases everything personal of somebody, for good, and gives the receipt.
    ///
    /// # Errors
    /// `NotFound` when nothing is known of them.
    pub async fn erase(&self, sought: Sought) -> Result<ErasureRow, AskError> {
        let (store, tenant) = (&self.world.world.store, self.world.id);
        let like = match &sought {
            Sought::Customer(_) | Sought::Ticket(_) => Ok(None),
            Sought::Phone(phone) => store.customer_like(tenant, Some(phone), None).await,
            Sought::Email(email) => store.customer_like(tenant, None, Some(email)).await,
        };
        let like = like.map_err(|error| unread(&error))?;
        let whom = match sought {
            Sought::Customer(customer) => Whom::Customer(customer),
            Sought::Ticket(ticket) => Whom::Ticket(ticket),
            Sought::Phone(_) | Sought::Email(_) => {
                Whom::Customer(like.ok_or(AskError::NotFound)?.customer)
            }
        };
        let clock = &self.world.world.clock;
        let erased = store.erase(tenant, whom, clock.new_id(), clock.now()).await;
        erased.map_err(|error| unread(&error))?.ok_or(AskError::NotFound)
    }

    /// One receipt.
    ///
    /// # Errors
    /// `NotFound` for an unknown one.
    pub async fn erasure(&self, id: Uuid) -> Result<ErasureRow, AskError> {
        let found = self.world.world.store.erasure(self.world.id, id).await;
        found.map_err(|error| unread(&error))?.ok_or(AskError::NotFound)
    }

    /// Receipts from the newest down, those before `before`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn erasures(
        &self,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<ErasureRow>, AskError> {
        let found = self.world.world.store.erasures(self.world.id, before, limit).await;
        found.map_err(|error| unread(&error))
    }

    /// Days after which what is personal of a visit is forgotten; none: never.
    pub fn personal_days(&self) -> Option<u32> {
        self.directory().standing.personal_days
    }
}

fn unread(error: &StoreError) -> AskError {
    tracing::error!(%error, "personal data could not be read or changed");
    AskError::OutcomeUnknown
}
