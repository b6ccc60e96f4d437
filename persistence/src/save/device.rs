//! Writing what is kept of devices.
//!
//! Each is one statement per row; sightings of many devices are one transaction.
//! Invariant: the moment a device was last heard only moves forward.

use async_trait::async_trait;
use domain::{DeviceId, TenantId, Timestamp};

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::rows::{DeviceCredentialRow, SightingRow};
use crate::sql::{Connection, Value};

pub(crate) struct SaveCredential(pub(crate) DeviceCredentialRow);

#[async_trait]
impl Job for SaveCredential {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.0.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        let row = self.0;
        let sql = "insert into device_credentials
            (tenant_id, device_id, hash, paired_at, paired_by, revoked_at) values ($1, $2, $3, $4, $5, $6)
            on conflict (tenant_id, device_id) do update set hash = excluded.hash, paired_at = excluded.paired_at,
            paired_by = excluded.paired_by, revoked_at = excluded.revoked_at";
        let values = vec![
            row.tenant.into(),
            Value::Id(Some(row.device.0)),
            row.hash.to_vec().into(),
            row.paired_at.into(),
            row.paired_by.into(),
            Value::Int(row.revoked_at.map(|at| at.0)),
        ];
        connection.execute(sql, values).await.map(|_| ()).map_err(failed)
    }
}

pub(crate) struct Revoke {
    pub(crate) tenant: TenantId,
    pub(crate) device: DeviceId,
    pub(crate) at: Timestamp,
}

#[async_trait]
impl Job for Revoke {
    type Done = bool;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<bool, SaveError> {
        let sql = "update device_credentials set revoked_at = $3
            where tenant_id = $1 and device_id = $2 and revoked_at is null";
        let values = vec![self.tenant.into(), Value::Id(Some(self.device.0)), self.at.into()];
        let changed = connection.execute(sql, values).await.map_err(failed)?;
        Ok(changed > 0)
    }
}

pub(crate) struct SaveSightings {
    pub(crate) tenant: TenantId,
    pub(crate) sightings: Vec<SightingRow>,
}

#[async_trait]
impl Job for SaveSightings {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        let sql =
            "insert into device_sightings (tenant_id, device_id, last_seen_at) values ($1, $2, $3)
            on conflict (tenant_id, device_id) do update set last_seen_at = excluded.last_seen_at
            where device_sightings.last_seen_at < excluded.last_seen_at";
        for row in self.sightings {
            let values =
                vec![self.tenant.into(), Value::Id(Some(row.device.0)), row.last_seen_at.into()];
            connection.execute(sql, values).await.map_err(failed)?;
        }
        Ok(())
    }
}
