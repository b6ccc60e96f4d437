//! Reading tenants and their configuration rows.
//!
//! A tenant's rows are read once, by its actor, which keeps them.
//! Invariant: bodies are returned byte for byte as they were written.

use domain::{TenantId, Timestamp};

use super::Query;
use crate::error::StoreError;
use crate::rows::{ResourceRow, TenantRow};
use crate::sql::{Connection, Record};

pub(crate) async fn tenants(connection: &mut Connection<'_>) -> Result<Vec<TenantRow>, StoreError> {
    let sql = "select tenant_id, slug, name, version, body, created_at, updated_at from tenants order by tenant_id";
    Query { table: "tenants", read: read_tenant }.all(connection, sql, Vec::new()).await
}

fn read_tenant(record: &Record) -> Result<TenantRow, sqlx::Error> {
    Ok(TenantRow {
        tenant: record.id("tenant_id")?,
        slug: record.text("slug")?,
        name: record.text("name")?,
        version: record.int("version")?,
        body: record.text("body")?,
        created_at: Timestamp(record.int("created_at")?),
        updated_at: Timestamp(record.int("updated_at")?),
    })
}

pub(crate) async fn resources(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<Vec<ResourceRow>, StoreError> {
    let sql =
        "select tenant_id, kind, id, key, version, body, created_at, updated_at from resources
        where tenant_id = $1";
    let query = Query { table: "resources", read: read_resource };
    let mut rows = query.all(connection, sql, vec![tenant.into()]).await?;
    // Sorted here, because PostgreSQL orders texts by its locale and SQLite by their bytes.
    rows.sort_by(|a, b| (&a.kind, &a.key).cmp(&(&b.kind, &b.key)));
    Ok(rows)
}

fn read_resource(record: &Record) -> Result<ResourceRow, sqlx::Error> {
    Ok(ResourceRow {
        tenant: record.id("tenant_id")?,
        kind: record.text("kind")?,
        id: record.id("id")?,
        key: record.text("key")?,
        version: record.int("version")?,
        body: record.text("body")?,
        created_at: Timestamp(record.int("created_at")?),
        updated_at: Timestamp(record.int("updated_at")?),
    })
}
