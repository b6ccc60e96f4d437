//! Reading what is kept of devices.
//!
//! A tenant has at most some hundreds of them, so they are read all at once.
//! Invariant: revoked credentials are read too, so that their holders are known and refused.

use domain::{TenantId, Timestamp};

use super::Query;
use crate::error::StoreError;
use crate::rows::{DeviceCredentialRow, SightingRow};
use crate::sql::{Connection, Record};

pub(crate) async fn credentials(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<Vec<DeviceCredentialRow>, StoreError> {
    let sql = "select tenant_id, device_id, hash, paired_at, paired_by, revoked_at
        from device_credentials where tenant_id = $1 order by device_id";
    let query = Query { table: "device_credentials", read: read_credential };
    query.all(connection, sql, vec![tenant.into()]).await
}

fn read_credential(record: &Record) -> Result<DeviceCredentialRow, sqlx::Error> {
    Ok(DeviceCredentialRow {
        tenant: record.id("tenant_id")?,
        device: record.id("device_id")?,
        hash: record.hash("hash")?,
        paired_at: Timestamp(record.int("paired_at")?),
        paired_by: record.text("paired_by")?,
        revoked_at: record.int_opt("revoked_at")?.map(Timestamp),
    })
}

pub(crate) async fn sightings(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<Vec<SightingRow>, StoreError> {
    let sql = "select device_id, last_seen_at from device_sightings where tenant_id = $1 order by device_id";
    let query = Query { table: "device_sightings", read: read_sighting };
    query.all(connection, sql, vec![tenant.into()]).await
}

fn read_sighting(record: &Record) -> Result<SightingRow, sqlx::Error> {
    let last_seen_at = Timestamp(record.int("last_seen_at")?);
    Ok(SightingRow { device: record.id("device_id")?, last_seen_at })
}
