//! Keeping counted days, and taking away the marks that they settle.
//!
//! The marks go first: a mark that was set anew since it was read has another token, so the whole job is refused and
//! the next round counts again. Whoever marks meanwhile waits for this transaction, and marks after it.
//! Invariant: a mark goes only together with rows that were counted after it was set.

use async_trait::async_trait;
use domain::{LocalDay, QueueId, TenantId};
use uuid::Uuid;

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::read::roll_up::{columns, values};
use crate::roll_up::{DayCount, DueRow, Part, RollUpRow, Settled};
use crate::sql::{Connection, Value};

/// Rows in one statement: a few sizes, so that each is prepared once.
const ROOMS: [usize; 3] = [32, 8, 1];

pub(crate) struct SaveRollUps {
    pub(crate) tenant: TenantId,
    pub(crate) queue: QueueId,
    pub(crate) days: Vec<DayCount>,
    pub(crate) settled: Settled,
}

#[async_trait]
impl Job for SaveRollUps {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        let Self { tenant, queue, days, settled } = self;
        match settled {
            Settled::All => forget_all(connection, tenant, queue).await?,
            Settled::Seen(seen) => {
                for mark in seen {
                    forget(connection, tenant, mark).await?;
                }
            }
        }
        for DayCount { day, rows } in days {
            replace(connection, tenant, (queue, day), &rows).await?;
        }
        Ok(())
    }
}

async fn forget_all(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    queue: QueueId,
) -> Result<(), SaveError> {
    for sql in [
        "delete from rollup_due where tenant_id = $1 and queue_id = $2",
        "delete from rollups where tenant_id = $1 and queue_id = $2",
    ] {
        connection.execute(sql, vec![tenant.into(), queue.into()]).await.map_err(failed)?;
    }
    Ok(())
}

async fn forget(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    mark: DueRow,
) -> Result<(), SaveError> {
    let sql = "delete from rollup_due
        where tenant_id = $1 and queue_id = $2 and hour_at = $3 and token = $4";
    let values =
        vec![tenant.into(), mark.queue.into(), mark.hour_at.into(), Value::Id(Some(mark.token))];
    match connection.execute(sql, values).await.map_err(failed)? {
        0 => Err(SaveError::VersionConflict {
            kind: "roll-up mark".to_owned(),
            id: mark.token,
            current: None,
        }),
        _ => Ok(()),
    }
}

async fn replace(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    (queue, day): (QueueId, LocalDay),
    rows: &[RollUpRow],
) -> Result<(), SaveError> {
    let sql =
        "delete from rollups where tenant_id = $1 and part = $2 and day = $3 and queue_id = $4";
    for part in Part::ALL {
        let values = vec![tenant.into(), part.as_str().into(), day.number().into(), queue.into()];
        connection.execute(sql, values).await.map_err(failed)?;
    }
    let mut rest = rows;
    while !rest.is_empty() {
        let room = ROOMS.into_iter().find(|room| *room <= rest.len()).unwrap_or(1);
        let (now, later) = rest.split_at(room);
        insert(connection, tenant, now).await?;
        rest = later;
    }
    let sql = "insert into rollup_days (tenant_id, day, stamp) values ($1, $2, $3)
        on conflict (tenant_id, day) do update set stamp = excluded.stamp";
    let values = vec![tenant.into(), day.number().into(), Uuid::now_v7().into()];
    connection.execute(sql, values).await.map_err(failed)?;
    Ok(())
}

async fn insert(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    rows: &[RollUpRow],
) -> Result<(), SaveError> {
    let (columns, mut all, mut places) = (columns(), Vec::new(), Vec::new());
    for row in rows {
        let first = all.len() + 1;
        all.extend(values(tenant, row).map_err(SaveError::Store)?);
        let row: Vec<String> = (first..=all.len()).map(|place| format!("${place}")).collect();
        places.push(format!("({})", row.join(", ")));
    }
    let sql = sqlx::AssertSqlSafe(format!(
        "insert into rollups (tenant_id, {}) values {}",
        columns[1..].join(", "),
        places.join(", ")
    ));
    connection.execute(sql, all).await.map_err(failed)?;
    Ok(())
}
