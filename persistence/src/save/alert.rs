//! Writing alerts: raised, cleared, acknowledged, told.
//!
//! Each change says in its condition what must hold before it, so that two at the same time are no race.
//! Invariant: what was cleared or acknowledged once is never written over.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::read;
use crate::rows::AlertRow;
use crate::sql::{Connection, Value};

pub(crate) struct Raise(pub(crate) AlertRow);

#[async_trait]
impl Job for Raise {
    type Done = AlertRow;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.0.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<AlertRow, SaveError> {
        let row = self.0;
        let standing =
            read::alert::standing(connection, row.tenant, &row.kind, row.subject).await?;
        if let Some(standing) = standing {
            return Ok(standing);
        }
        let sql = "insert into alerts (tenant_id, alert_id, kind, subject_id, site_id, raised_at, cleared_at,
            acknowledged_by, acknowledged_at, facts, delivery, to_deliver)
            values ($1, $2, $3, $4, $5, $6, null, null, null, $7, $8, $9)";
        let values = vec![
            row.tenant.into(),
            row.id.into(),
            row.kind.as_str().into(),
            row.subject.into(),
            row.site.into(),
            row.raised_at.into(),
            row.facts.as_str().into(),
            row.delivery.as_str().into(),
            i64::from(row.to_deliver).into(),
        ];
        connection.execute(sql, values).await.map_err(failed)?;
        Ok(row)
    }
}

pub(crate) struct Clear {
    pub(crate) tenant: TenantId,
    pub(crate) alert: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) to_deliver: bool,
}

#[async_trait]
impl Job for Clear {
    type Done = bool;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<bool, SaveError> {
        let sql = "update alerts set cleared_at = $3, to_deliver = $4
            where tenant_id = $1 and alert_id = $2 and cleared_at is null";
        let values: Vec<Value> = vec![
            self.tenant.into(),
            self.alert.into(),
            self.at.into(),
            i64::from(self.to_deliver).into(),
        ];
        Ok(connection.execute(sql, values).await.map_err(failed)? > 0)
    }
}

pub(crate) struct Acknowledge {
    pub(crate) tenant: TenantId,
    pub(crate) alert: Uuid,
    pub(crate) by: String,
    pub(crate) at: Timestamp,
}

#[async_trait]
impl Job for Acknowledge {
    type Done = bool;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<bool, SaveError> {
        let sql = "update alerts set acknowledged_by = $3, acknowledged_at = $4
            where tenant_id = $1 and alert_id = $2 and acknowledged_at is null";
        let values = vec![self.tenant.into(), self.alert.into(), self.by.into(), self.at.into()];
        Ok(connection.execute(sql, values).await.map_err(failed)? > 0)
    }
}

pub(crate) struct Told {
    pub(crate) tenant: TenantId,
    pub(crate) alert: Uuid,
    pub(crate) delivery: String,
    pub(crate) to_deliver: bool,
    /// Of an alert that had been cleared.
    pub(crate) of_cleared: bool,
}

#[async_trait]
impl Job for Told {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        // Who was told that it was raised is still to be told that it was cleared meanwhile.
        let sql = "update alerts set delivery = $3,
            to_deliver = case when (cleared_at is not null) = ($5 = 1) then $4 else to_deliver end
            where tenant_id = $1 and alert_id = $2";
        let values: Vec<Value> = vec![
            self.tenant.into(),
            self.alert.into(),
            self.delivery.into(),
            i64::from(self.to_deliver).into(),
            i64::from(self.of_cleared).into(),
        ];
        connection.execute(sql, values).await.map(|_| ()).map_err(failed)
    }
}
