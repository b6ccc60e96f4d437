//! Forgetting idempotency keys that are too old.
//!
//! Keys are numbered as they are written, so the old ones stand at the beginning of each tenant's numbers: they are
//! taken from there, a few thousand in one transaction, and no index on their time is needed.
//!
//! Invariant: a step deletes only keys older than the limit. A key behind a younger one (the clock stepped back) waits
//! until that one is old.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::failed;
use crate::backend::Job;
use crate::error::SaveError;
use crate::sql::Connection;

/// Keys in one transaction: a few milliseconds, so that appends are not held up.
const STEP_KEYS_MAX: usize = 2_000;

/// One step: some keys of the next tenant after `after`, or of `after` itself if `again`.
pub(crate) struct DeleteOld {
    before: Timestamp,
    after: TenantId,
    again: bool,
}

/// What a step did, and the step after it.
pub(crate) struct Step {
    pub(crate) deleted: u64,
    pub(crate) next: Option<DeleteOld>,
}

impl DeleteOld {
    pub(crate) fn first(before: Timestamp) -> Option<Self> {
        Some(Self { before, after: TenantId(Uuid::nil()), again: false })
    }
}

#[async_trait]
impl Job for DeleteOld {
    type Done = Step;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Step, SaveError> {
        let Some(tenant) = self.tenant(connection).await.map_err(failed)? else {
            return Ok(Step { deleted: 0, next: None });
        };
        let deleted = delete_first(connection, tenant, self.before).await.map_err(failed)?;
        let again = deleted == u64::try_from(STEP_KEYS_MAX).unwrap_or(u64::MAX);
        Ok(Step { deleted, next: Some(Self { before: self.before, after: tenant, again }) })
    }
}

impl DeleteOld {
    async fn tenant(
        &self,
        connection: &mut Connection<'_>,
    ) -> Result<Option<TenantId>, sqlx::Error> {
        if self.again {
            return Ok(Some(self.after));
        }
        let sql = "select tenant_id from idempotency_keys where tenant_id > $1 order by tenant_id limit 1";
        let record = connection.fetch_first(sql, vec![self.after.into()]).await?;
        record.map(|record| record.id("tenant_id")).transpose()
    }
}

async fn delete_first(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    before: Timestamp,
) -> Result<u64, sqlx::Error> {
    let sql = "select seq, at from idempotency_keys where tenant_id = $1 order by seq limit $2";
    let limit = u64::try_from(STEP_KEYS_MAX).unwrap_or(u64::MAX);
    let mut last: Option<u64> = None;
    for record in connection.fetch(sql, vec![tenant.into(), limit.into()]).await? {
        if record.int::<i64>("at")? >= before.0 {
            break;
        }
        last = Some(record.int("seq")?);
    }
    let Some(last) = last else { return Ok(0) };
    let delete = "delete from idempotency_keys where tenant_id = $1 and seq <= $2";
    connection.execute(delete, vec![tenant.into(), last.into()]).await
}
