//! Reading idempotency keys: all of them once at start, one reply when a request is repeated.
//!
//! At start the whole table of a tenant is read in the order of its primary key.
//! Invariant: a key is found by its number, never by its hash.

use domain::{TenantId, Timestamp};

use super::Query;
use crate::error::StoreError;
use crate::rows::{KeyReply, LiveKey};
use crate::sql::{Connection, Record};

pub(crate) async fn live(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    since: Timestamp,
) -> Result<Vec<LiveKey>, StoreError> {
    let sql = "select seq, key_hash, fingerprint, at from idempotency_keys
        where tenant_id = $1 and at >= $2 order by seq";
    let query = Query { table: "idempotency_keys", read: read_live };
    query.all(connection, sql, vec![tenant.into(), since.into()]).await
}

fn read_live(record: &Record) -> Result<LiveKey, sqlx::Error> {
    Ok(LiveKey {
        seq: record.int("seq")?,
        key_hash: record.hash("key_hash")?,
        fingerprint: record.hash("fingerprint")?,
        at: Timestamp(record.int("at")?),
    })
}

pub(crate) async fn reply(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    seq: u64,
) -> Result<Option<KeyReply>, StoreError> {
    let sql = "select status, body from idempotency_keys where tenant_id = $1 and seq = $2";
    let read = |record: &Record| {
        Ok(KeyReply { status: record.int("status")?, body: record.text("body")? })
    };
    Query { table: "idempotency_keys", read }
        .first(connection, sql, vec![tenant.into(), seq.into()])
        .await
}

/// The highest number of one tenant; 0 when it has no key.
pub(crate) async fn max_seq(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<u64, StoreError> {
    let sql = "select coalesce(max(seq), 0) as seq from idempotency_keys where tenant_id = $1";
    let query =
        Query { table: "idempotency_keys", read: |record: &Record| record.int::<u64>("seq") };
    Ok(query.first(connection, sql, vec![tenant.into()]).await?.unwrap_or_default())
}
