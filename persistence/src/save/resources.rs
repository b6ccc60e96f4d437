//! Saving configuration rows: several at once, each against the version it replaces.
//!
//! The reply of the request that asked is kept in the same transaction, so a repeated request has one effect.
//! Invariant: either every row moves to its new version, or none does and the caller learns which one would not.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::rows::{KeyRow, ResourceWrite};
use crate::sql::{Connection, Value};

pub(crate) struct SaveResources {
    pub(crate) tenant: TenantId,
    pub(crate) writes: Vec<ResourceWrite>,
    pub(crate) key: Option<KeyRow>,
    pub(crate) at: Timestamp,
}

#[async_trait]
impl Job for SaveResources {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        for write in &self.writes {
            one(connection, self.tenant, write, self.at).await?;
        }
        match self.key {
            Some(key) => keep_reply(connection, key).await,
            None => Ok(()),
        }
    }
}

/// The row that a write is about.
#[derive(Clone, Copy)]
struct Target<'a> {
    tenant: TenantId,
    kind: &'a str,
    id: Uuid,
}

/// What a put writes into it.
struct Content<'a> {
    key: &'a str,
    version: u64,
    body: &'a str,
    at: Timestamp,
    replaces: Option<u64>,
}

async fn one(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    write: &ResourceWrite,
    at: Timestamp,
) -> Result<(), SaveError> {
    match write {
        ResourceWrite::Put { kind, id, key, version, body, expected_version } => {
            let target = Target { tenant, kind, id: *id };
            expect(connection, target, *expected_version).await?;
            free_key(connection, target, key).await?;
            put(
                connection,
                target,
                &Content { key, version: *version, body, at, replaces: *expected_version },
            )
            .await
        }
        ResourceWrite::Delete { kind, id, expected_version } => {
            let target = Target { tenant, kind, id: *id };
            if expected_version.is_some() {
                expect(connection, target, *expected_version).await?;
            }
            let sql = "delete from resources where tenant_id = $1 and kind = $2 and id = $3";
            let values = vec![tenant.into(), target.kind.into(), target.id.into()];
            connection.execute(sql, values).await.map(|_| ()).map_err(failed)
        }
    }
}

/// The row must stand at `expected`; none means that there must be no row.
async fn expect(
    connection: &mut Connection<'_>,
    target: Target<'_>,
    expected: Option<u64>,
) -> Result<(), SaveError> {
    let sql = "select version from resources where tenant_id = $1 and kind = $2 and id = $3";
    let values = vec![target.tenant.into(), target.kind.into(), target.id.into()];
    let record = connection.fetch_first(sql, values).await.map_err(failed)?;
    let current = record.map(|record| record.int("version")).transpose().map_err(failed)?;
    if current == expected {
        return Ok(());
    }
    Err(SaveError::VersionConflict { kind: target.kind.to_owned(), id: target.id, current })
}

async fn free_key(
    connection: &mut Connection<'_>,
    target: Target<'_>,
    key: &str,
) -> Result<(), SaveError> {
    let sql =
        "select 1 from resources where tenant_id = $1 and kind = $2 and key = $3 and id <> $4";
    let values = vec![target.tenant.into(), target.kind.into(), key.into(), target.id.into()];
    match connection.fetch_first(sql, values).await.map_err(failed)? {
        None => Ok(()),
        Some(_) => Err(SaveError::KeyTaken { kind: target.kind.to_owned(), key: key.to_owned() }),
    }
}

/// Writes the row. The expected version is asked for again, against another transaction in between.
async fn put(
    connection: &mut Connection<'_>,
    target: Target<'_>,
    content: &Content<'_>,
) -> Result<(), SaveError> {
    let sql = "insert into resources (tenant_id, kind, id, key, version, body, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $7)
        on conflict (tenant_id, kind, id) do update set key = excluded.key, version = excluded.version,
        body = excluded.body, updated_at = excluded.updated_at where resources.version = $8";
    let values = vec![
        target.tenant.into(),
        target.kind.into(),
        target.id.into(),
        content.key.into(),
        content.version.into(),
        content.body.into(),
        content.at.into(),
        content.replaces.map_or(Value::Int(None), Value::from),
    ];
    match connection.execute(sql, values).await.map_err(failed)? {
        1 => Ok(()),
        _ => Err(SaveError::VersionConflict {
            kind: target.kind.to_owned(),
            id: target.id,
            current: None,
        }),
    }
}

async fn keep_reply(connection: &mut Connection<'_>, key: KeyRow) -> Result<(), SaveError> {
    let sql =
        "insert into idempotency_keys (tenant_id, seq, key_hash, fingerprint, status, body, at)
        values ($1, $2, $3, $4, $5, $6, $7)";
    let values = vec![
        key.tenant.into(),
        key.seq.into(),
        key.key_hash.to_vec().into(),
        key.fingerprint.to_vec().into(),
        u64::from(key.status).into(),
        key.body.into(),
        key.at.into(),
    ];
    connection.execute(sql, values).await.map(|_| ()).map_err(failed)
}
