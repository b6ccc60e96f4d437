//! Reading API keys.
//!
//! All of a tenant at once: see the store.
//! Invariant: revoked keys are read too, so that they are listed.

use domain::{TenantId, Timestamp};

use super::Query;
use crate::error::StoreError;
use crate::rows::ApiKeyRow;
use crate::sql::{Connection, Record};

pub(crate) async fn all(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<Vec<ApiKeyRow>, StoreError> {
    let sql = "select tenant_id, key_id, name, hash, hint, role, scopes, created_by, created_at, expires_at,
        last_used_at, revoked_at from api_keys where tenant_id = $1 order by key_id";
    let query = Query { table: "api_keys", read: read_row };
    query.all(connection, sql, vec![tenant.into()]).await
}

fn read_row(record: &Record) -> Result<ApiKeyRow, sqlx::Error> {
    Ok(ApiKeyRow {
        tenant: record.id("tenant_id")?,
        key: record.id("key_id")?,
        name: record.text("name")?,
        hash: record.hash("hash")?,
        hint: record.text("hint")?,
        role: record.text("role")?,
        scopes: record.text("scopes")?,
        created_by: record.text("created_by")?,
        created_at: Timestamp(record.int("created_at")?),
        expires_at: record.int_opt("expires_at")?.map(Timestamp),
        last_used_at: record.int_opt("last_used_at")?.map(Timestamp),
        revoked_at: record.int_opt("revoked_at")?.map(Timestamp),
    })
}
