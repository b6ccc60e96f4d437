//! Reading erasures: their receipts, and which ones the database knows of.
//!
//! A receipt says when and how much, by whatever ids are left.
//! Invariant: nothing that was erased can be read here, because none of it is kept.

use std::collections::HashSet;

use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::Query;
use crate::error::StoreError;
use crate::rows::ErasureRow;
use crate::sql::{Connection, Record};

pub(crate) async fn ids(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<HashSet<Uuid>, StoreError> {
    let query = Query { table: "erasures", read: |record| record.id::<Uuid>("erasure_id") };
    let sql = "select erasure_id from erasures where tenant_id = $1";
    Ok(query.all(connection, sql, vec![tenant.into()]).await?.into_iter().collect())
}

pub(crate) async fn one(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    erasure: Uuid,
) -> Result<Option<ErasureRow>, StoreError> {
    let sql = "select tenant_id, erasure_id, customer_id, at, tickets, hash from erasures
        where tenant_id = $1 and erasure_id = $2";
    Query { table: "erasures", read }
        .first(connection, sql, vec![tenant.into(), erasure.into()])
        .await
}

/// From the newest down: ids are made in the order of time.
pub(crate) async fn page(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    (before, limit): (Option<Uuid>, u32),
) -> Result<Vec<ErasureRow>, StoreError> {
    let sql = "select tenant_id, erasure_id, customer_id, at, tickets, hash from erasures
        where tenant_id = $1 and erasure_id < $2 order by erasure_id desc limit $3";
    let before = before.unwrap_or(Uuid::max());
    let values = vec![tenant.into(), before.into(), u64::from(limit).into()];
    Query { table: "erasures", read }.all(connection, sql, values).await
}

fn read(record: &Record) -> Result<ErasureRow, sqlx::Error> {
    let hash = record.blob("hash")?;
    let hash = hash.as_slice().try_into().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Ok(ErasureRow {
        tenant: record.id("tenant_id")?,
        erasure: record.id("erasure_id")?,
        customer: record.id_opt("customer_id")?,
        at: Timestamp(record.int("at")?),
        tickets: record.int("tickets")?,
        hash,
    })
}
