//! Reading the people a tenant knows: by id, by exact phone number or e-mail address, page by page.
//!
//! Rows come sealed and are opened here, each for the place it was read from.
//! Invariant: a customer of another tenant is not found.

use domain::{CustomerId, TenantId, Timestamp};
use uuid::Uuid;

use super::Query;
use crate::error::StoreError;
use crate::rows::{CustomerRow, Person};
use crate::sql::{Connection, Record, Value};
use crate::vault::{Place, Vault};

const COLUMNS: &str = "tenant_id, customer_id, sealed, version, created_at, updated_at";

pub(crate) async fn one(
    connection: &mut Connection<'_>,
    vault: &Vault,
    tenant: TenantId,
    customer: CustomerId,
) -> Result<Option<CustomerRow>, StoreError> {
    let rest = "where tenant_id = $1 and customer_id = $2";
    let rows = fetch(connection, vault, rest, vec![tenant.into(), customer.into()]).await?;
    Ok(rows.into_iter().next())
}

pub(crate) async fn like(
    connection: &mut Connection<'_>,
    vault: &Vault,
    tenant: TenantId,
    (phone, email): (Option<&str>, Option<&str>),
) -> Result<Option<CustomerRow>, StoreError> {
    let (rest, index) = match (phone, email) {
        (Some(phone), _) => {
            ("where tenant_id = $1 and phone_index = $2", vault.blind(tenant, "phone", phone))
        }
        (None, Some(email)) => {
            ("where tenant_id = $1 and email_index = $2", vault.blind(tenant, "email", email))
        }
        (None, None) => return Ok(None),
    };
    Ok(fetch(connection, vault, rest, vec![tenant.into(), index.into()]).await?.into_iter().next())
}

pub(crate) async fn page(
    connection: &mut Connection<'_>,
    vault: &Vault,
    tenant: TenantId,
    (after, limit): (Option<CustomerId>, u32),
) -> Result<Vec<CustomerRow>, StoreError> {
    let after = after.unwrap_or(CustomerId(Uuid::nil()));
    let rest = "where tenant_id = $1 and customer_id > $2 order by customer_id limit $3";
    fetch(connection, vault, rest, vec![tenant.into(), after.into(), u64::from(limit).into()]).await
}

async fn fetch(
    connection: &mut Connection<'_>,
    vault: &Vault,
    rest: &str,
    values: Vec<Value>,
) -> Result<Vec<CustomerRow>, StoreError> {
    let query = Query { table: "customers", read };
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from customers {rest}"));
    let rows = query.all(connection, sql, values).await?;
    rows.into_iter().map(|(row, blob)| open(row, &blob, vault)).collect()
}

fn read(record: &Record) -> Result<(CustomerRow, Vec<u8>), sqlx::Error> {
    let row = CustomerRow {
        tenant: record.id("tenant_id")?,
        customer: record.id("customer_id")?,
        person: Person::default(),
        version: record.int("version")?,
        created_at: Timestamp(record.int("created_at")?),
        updated_at: Timestamp(record.int("updated_at")?),
    };
    Ok((row, record.blob("sealed")?))
}

fn open(row: CustomerRow, blob: &[u8], vault: &Vault) -> Result<CustomerRow, StoreError> {
    let plain = vault.open(Place::customer(row.tenant, row.customer.0), blob)?;
    Ok(CustomerRow { person: Person::from_bytes(&plain)?, ..row })
}
