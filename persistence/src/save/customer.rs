//! Recognising a person, or making a new row for them.
//!
//! By phone number first, then by e-mail address; two requests at once end with the same customer.
//! Invariant: one phone number or e-mail address belongs to one customer of a tenant.

use async_trait::async_trait;
use domain::CustomerId;

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::rows::NewCustomer;
use crate::sql::Connection;

pub(crate) struct FindOrCreate(pub(crate) NewCustomer);

#[async_trait]
impl Job for FindOrCreate {
    type Done = CustomerId;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.0.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<CustomerId, SaveError> {
        let Self(new) = self;
        if let Some(known) = find(connection, &new).await.map_err(failed)? {
            return Ok(known);
        }
        if create(connection, &new).await.map_err(failed)? {
            return Ok(new.customer);
        }
        // Somebody else was quicker with the same phone number or address; theirs is committed now.
        let known = find(connection, &new).await.map_err(failed)?;
        known.ok_or_else(|| failed(sqlx::Error::RowNotFound))
    }
}

async fn find(
    connection: &mut Connection<'_>,
    new: &NewCustomer,
) -> Result<Option<CustomerId>, sqlx::Error> {
    let by_phone = "select customer_id from customers where tenant_id = $1 and phone = $2";
    let by_email = "select customer_id from customers where tenant_id = $1 and email = $2";
    for (sql, text) in [(by_phone, &new.phone), (by_email, &new.email)] {
        let Some(text) = text else { continue };
        let record =
            connection.fetch_first(sql, vec![new.tenant.into(), text.as_str().into()]).await?;
        if let Some(record) = record {
            return record.id("customer_id").map(Some);
        }
    }
    Ok(None)
}

/// False when somebody has the phone number or address already.
async fn create(connection: &mut Connection<'_>, new: &NewCustomer) -> Result<bool, sqlx::Error> {
    let sql = "insert into customers (tenant_id, customer_id, phone, email, name, language, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict do nothing";
    let values = vec![
        new.tenant.into(),
        new.customer.into(),
        new.phone.clone().into(),
        new.email.clone().into(),
        new.name.clone().into(),
        new.language.clone().into(),
        new.at.into(),
    ];
    Ok(connection.execute(sql, values).await? == 1)
}
