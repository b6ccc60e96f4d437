//! Sealing rows: plain ones of older databases, and those of an older key.
//!
//! Some hundred rows of one tenant in a transaction; each step looks for what is left, so a cut-off run goes on where it was.
//! Invariant: a row changes only if it still is as it was read.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{CustomerId, TenantId, TicketId};
use uuid::Uuid;

use super::customer::Indexes;
use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::rows::{Person, TicketPrivateRow};
use crate::sql::{Connection, Record};
use crate::table::private_blob;
use crate::vault::{PLATFORM, Place, Vault};

/// Rows in one transaction: a few milliseconds.
const STEP_ROWS: u64 = 200;

/// Seals some rows that are still plain; returns how many.
pub(crate) struct SealPlain {
    pub(crate) tenant: TenantId,
    pub(crate) vault: Arc<Vault>,
}

#[async_trait]
impl Job for SealPlain {
    type Done = u64;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, SaveError> {
        let Self { tenant, vault } = self;
        let values = || vec![tenant.into(), STEP_ROWS.into()];
        let sql = "select tenant_id, customer_id, phone, email, name, language from customers
            where tenant_id = $1 and substr(sealed, 1, 4) is null limit $2";
        let customers = connection.fetch(sql, values()).await.map_err(failed)?;
        for record in &customers {
            seal_customer(connection, record, &vault).await?;
        }
        let sql = "select tenant_id, ticket_id, name, phone, email, notes from ticket_private
            where tenant_id = $1 and substr(sealed, 1, 4) is null limit $2";
        let tickets = connection.fetch(sql, values()).await.map_err(failed)?;
        for record in &tickets {
            seal_ticket(connection, record, &vault).await?;
        }
        Ok(u64::try_from(customers.len() + tickets.len()).unwrap_or(u64::MAX))
    }
}

async fn seal_customer(
    connection: &mut Connection<'_>,
    record: &Record,
    vault: &Vault,
) -> Result<(), SaveError> {
    let text = |column| record.text_opt(column).map_err(failed);
    let tenant: TenantId = record.id("tenant_id").map_err(failed)?;
    let customer: CustomerId = record.id("customer_id").map_err(failed)?;
    let person = Person {
        phone: text("phone")?,
        email: text("email")?,
        name: text("name")?,
        language: text("language")?,
        ..Person::default()
    };
    let indexes = Indexes::of(tenant, &person, vault);
    let sealed = vault.seal(Place::customer(tenant, customer.0), &person.to_bytes())?;
    let sql = "update customers set sealed = $3, phone_index = $4, email_index = $5,
        phone = null, email = null, name = null, language = null where tenant_id = $1 and customer_id = $2";
    let values =
        vec![tenant.into(), customer.into(), sealed.into(), indexes.phone(), indexes.email()];
    connection.execute(sql, values).await.map(|_| ()).map_err(failed)
}

async fn seal_ticket(
    connection: &mut Connection<'_>,
    record: &Record,
    vault: &Vault,
) -> Result<(), SaveError> {
    let text = |column| record.text_opt(column).map_err(failed);
    let tenant: TenantId = record.id("tenant_id").map_err(failed)?;
    let ticket: TicketId = record.id("ticket_id").map_err(failed)?;
    let row = TicketPrivateRow {
        tenant,
        ticket,
        name: text("name")?,
        phone: text("phone")?,
        email: text("email")?,
        notes: record.text("notes").map_err(failed)?,
    };
    let sealed = private_blob(&row, vault)?;
    let sql = "update ticket_private set sealed = $3, name = null, phone = null, email = null, notes = '[]'
        where tenant_id = $1 and ticket_id = $2";
    let values = vec![tenant.into(), ticket.into(), sealed.into()];
    connection.execute(sql, values).await.map(|_| ()).map_err(failed)
}

/// A table of sealed rows.
struct Sealed {
    /// Rows of keys before one: key ids are written with the highest byte first.
    older: &'static str,
    /// The first four bytes of the row whose key comes next after some key.
    next_key: &'static str,
    count: &'static str,
    update: &'static str,
    place: fn(TenantId, Uuid) -> Place,
}

const TABLES: [Sealed; 2] = [
    Sealed {
        older: "select tenant_id, customer_id as row_id, sealed from customers
            where tenant_id = $1 and substr(sealed, 1, 4) < $2 limit $3",
        next_key: "select substr(sealed, 1, 4) as sealed from customers
            where tenant_id = $1 and substr(sealed, 1, 4) > $2 order by substr(sealed, 1, 4) limit 1",
        count: "select count(*) as everything,
            coalesce(sum(case when substr(sealed, 1, 4) < $2 then 1 else 0 end), 0) as older
            from customers where tenant_id = $1",
        update: "update customers set sealed = $4 where tenant_id = $1 and customer_id = $2 and sealed = $3",
        place: Place::customer,
    },
    Sealed {
        older: "select tenant_id, ticket_id as row_id, sealed from ticket_private
            where tenant_id = $1 and substr(sealed, 1, 4) < $2 limit $3",
        next_key: "select substr(sealed, 1, 4) as sealed from ticket_private
            where tenant_id = $1 and substr(sealed, 1, 4) > $2 order by substr(sealed, 1, 4) limit 1",
        count: "select count(*) as everything,
            coalesce(sum(case when substr(sealed, 1, 4) < $2 then 1 else 0 end), 0) as older
            from ticket_private where tenant_id = $1",
        update: "update ticket_private set sealed = $4 where tenant_id = $1 and ticket_id = $2 and sealed = $3",
        place: Place::ticket,
    },
];

/// Seals some rows of older keys again; returns how many there were.
pub(crate) struct Reseal {
    pub(crate) tenant: TenantId,
    pub(crate) vault: Arc<Vault>,
}

#[async_trait]
impl Job for Reseal {
    type Done = u64;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, SaveError> {
        let Self { tenant, vault } = self;
        let current = vault.current().to_be_bytes().to_vec();
        let mut found = 0;
        for table in TABLES {
            let values = vec![tenant.into(), current.clone().into(), STEP_ROWS.into()];
            for record in connection.fetch(table.older, values).await.map_err(failed)? {
                found += 1;
                reseal(connection, &table, &record, &vault).await?;
            }
        }
        Ok(found)
    }
}

async fn reseal(
    connection: &mut Connection<'_>,
    table: &Sealed,
    record: &Record,
    vault: &Vault,
) -> Result<(), SaveError> {
    let tenant: TenantId = record.id("tenant_id").map_err(failed)?;
    let row: Uuid = record.id("row_id").map_err(failed)?;
    let old = record.blob("sealed").map_err(failed)?;
    let place = (table.place)(tenant, row);
    let new = vault.seal(place, &vault.open(place, &old)?)?;
    let values = vec![tenant.into(), row.into(), old.into(), new.into()];
    connection.execute(table.update, values).await.map(|_| ()).map_err(failed)
}

/// Sealed rows of a tenant in all, and those of keys older than this one.
pub(crate) struct Count {
    pub(crate) tenant: TenantId,
    pub(crate) current: u32,
}

#[async_trait]
impl Job for Count {
    type Done = (u64, u64);

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(u64, u64), SaveError> {
        let mut sums = (0, 0);
        for table in TABLES {
            let values = vec![self.tenant.into(), self.current.to_be_bytes().to_vec().into()];
            let record = connection.fetch_first(table.count, values).await.map_err(failed)?;
            let record = record.ok_or_else(|| failed(sqlx::Error::RowNotFound))?;
            let count = |column| record.int::<u64>(column).map_err(failed);
            sums = (sums.0 + count("everything")?, sums.1 + count("older")?);
        }
        Ok(sums)
    }
}

/// The keys that a tenant's rows were sealed with, from row to row of the index: one step for each key.
pub(crate) struct KeysInUse(pub(crate) TenantId);

#[async_trait]
impl Job for KeysInUse {
    type Done = Vec<u32>;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.0)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<u32>, SaveError> {
        let mut found = Vec::new();
        for table in TABLES {
            let mut last = 0_u32;
            loop {
                let values = vec![self.0.into(), last.to_be_bytes().to_vec().into()];
                let next = connection.fetch_first(table.next_key, values).await.map_err(failed)?;
                let Some(next) = next else { break };
                let key = crate::vault::key_id(&next.blob("sealed").map_err(failed)?);
                last = key.filter(|key| *key > last).unwrap_or(u32::MAX);
                found.push(last);
            }
        }
        Ok(found)
    }
}

/// Deletes the keys before this one. Whoever asks has seen to it that no row needs them.
pub(crate) struct DropKeys(pub(crate) u32);

#[async_trait]
impl Job for DropKeys {
    type Done = u64;

    fn reach(&self) -> Reach {
        Reach::Tenant(PLATFORM)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, SaveError> {
        let sql = "delete from vault_keys where tenant_id = $1 and key_id > 0 and key_id < $2";
        let values = vec![PLATFORM.into(), u64::from(self.0).into()];
        connection.execute(sql, values).await.map_err(failed)
    }
}
