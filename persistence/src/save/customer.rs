//! Recognising a person, making a new row for them, changing one.
//!
//! By phone number first, then by e-mail address; two requests at once end with the same customer.
//! Invariant: one phone number or e-mail address belongs to one customer of a tenant, and neither is ever in a statement.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{CustomerId, TenantId};

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::rows::{CustomerRow, NewCustomer, Person};
use crate::sql::{Connection, Value};
use crate::vault::{Place, Vault};

pub(crate) struct FindOrCreate {
    pub(crate) new: NewCustomer,
    pub(crate) vault: Arc<Vault>,
}

#[async_trait]
impl Job for FindOrCreate {
    type Done = CustomerId;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.new.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<CustomerId, SaveError> {
        let Self { new, vault } = self;
        let (tenant, customer, at) = (new.tenant, new.customer, new.at);
        let person = Person {
            phone: new.phone,
            email: new.email,
            name: new.name,
            language: new.language,
            ..Person::default()
        };
        let indexes = Indexes::of(tenant, &person, &vault);
        if let Some(known) = indexes.holder(connection, tenant).await.map_err(failed)? {
            return Ok(known);
        }
        let row =
            CustomerRow { tenant, customer, person, version: 1, created_at: at, updated_at: at };
        if create(connection, &row, &indexes, &vault).await? {
            return Ok(customer);
        }
        // Somebody else was quicker with the same phone number or address; theirs is committed now.
        let known = indexes.holder(connection, tenant).await.map_err(failed)?;
        known.ok_or_else(|| failed(sqlx::Error::RowNotFound))
    }
}

/// What a person is looked up by.
#[derive(Clone, Default)]
pub(crate) struct Indexes {
    phone: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
}

impl Indexes {
    pub(crate) fn of(tenant: TenantId, person: &Person, vault: &Vault) -> Self {
        let blind = |kind, text: &Option<String>| {
            text.as_deref().map(|text| vault.blind(tenant, kind, text))
        };
        Self { phone: blind("phone", &person.phone), email: blind("email", &person.email) }
    }

    pub(crate) fn into_parts(self) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        (self.phone, self.email)
    }

    pub(crate) fn phone(&self) -> Value {
        self.phone.clone().into()
    }

    pub(crate) fn email(&self) -> Value {
        self.email.clone().into()
    }

    async fn holder(
        &self,
        connection: &mut Connection<'_>,
        tenant: TenantId,
    ) -> Result<Option<CustomerId>, sqlx::Error> {
        match holder(connection, tenant, PHONE, self.phone.as_ref()).await? {
            Some(known) => Ok(Some(known)),
            None => holder(connection, tenant, EMAIL, self.email.as_ref()).await,
        }
    }
}

const PHONE: &str = "select customer_id from customers where tenant_id = $1 and phone_index = $2";
const EMAIL: &str = "select customer_id from customers where tenant_id = $1 and email_index = $2";

async fn holder(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    sql: &'static str,
    index: Option<&Vec<u8>>,
) -> Result<Option<CustomerId>, sqlx::Error> {
    let Some(index) = index else { return Ok(None) };
    let record = connection.fetch_first(sql, vec![tenant.into(), index.clone().into()]).await?;
    record.map(|record| record.id("customer_id")).transpose()
}

/// False when somebody has the phone number or address already.
async fn create(
    connection: &mut Connection<'_>,
    row: &CustomerRow,
    indexes: &Indexes,
    vault: &Vault,
) -> Result<bool, SaveError> {
    let sql = "insert into customers (tenant_id, customer_id, sealed, phone_index, email_index, version, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict do nothing";
    let sealed = vault.seal(Place::customer(row.tenant, row.customer.0), &row.person.to_bytes())?;
    let values = vec![
        row.tenant.into(),
        row.customer.into(),
        sealed.into(),
        indexes.phone(),
        indexes.email(),
        row.version.into(),
        row.created_at.into(),
    ];
    Ok(connection.execute(sql, values).await.map_err(failed)? == 1)
}

/// Keeps a row against the version it replaces.
pub(crate) struct SaveCustomer {
    pub(crate) row: CustomerRow,
    pub(crate) expected: Option<u64>,
    pub(crate) vault: Arc<Vault>,
}

#[async_trait]
impl Job for SaveCustomer {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.row.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        let indexes = Indexes::of(self.row.tenant, &self.row.person, &self.vault);
        for (kind, sql, index) in
            [("phone", PHONE, indexes.phone.as_ref()), ("email", EMAIL, indexes.email.as_ref())]
        {
            let held = holder(connection, self.row.tenant, sql, index).await.map_err(failed)?;
            if held.is_some_and(|held| held != self.row.customer) {
                let (kind, key) = ("customer".to_owned(), kind.to_owned());
                return Err(SaveError::KeyTaken { kind, key });
            }
        }
        let kept = match self.expected {
            None => create(connection, &self.row, &indexes, &self.vault).await?,
            Some(expected) => self.replace(connection, &indexes, expected).await?,
        };
        if kept { Ok(()) } else { Err(self.conflict()) }
    }
}

impl SaveCustomer {
    async fn replace(
        &self,
        connection: &mut Connection<'_>,
        indexes: &Indexes,
        expected: u64,
    ) -> Result<bool, SaveError> {
        let row = &self.row;
        let sql = "update customers set sealed = $3, phone_index = $4, email_index = $5, version = $6, updated_at = $7
            where tenant_id = $1 and customer_id = $2 and version = $8";
        let place = Place::customer(row.tenant, row.customer.0);
        let values = vec![
            row.tenant.into(),
            row.customer.into(),
            self.vault.seal(place, &row.person.to_bytes())?.into(),
            indexes.phone(),
            indexes.email(),
            row.version.into(),
            row.updated_at.into(),
            expected.into(),
        ];
        Ok(connection.execute(sql, values).await.map_err(failed)? == 1)
    }

    fn conflict(&self) -> SaveError {
        let kind = "customer".to_owned();
        SaveError::VersionConflict { kind, id: self.row.customer.0, current: None }
    }
}
