//! Forgetting idempotency keys that are too old.
//!
//! Keys are numbered as they are written, so the old ones stand at the beginning of each tenant's numbers: they are
//! taken from there, a few thousand in one transaction, and no index on their time is needed.
//!
//! Invariant: a step deletes only keys older than the limit. A key behind a younger one (the clock stepped back) waits
//! until that one is old.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::sql::Connection;

/// Keys in one transaction: a few milliseconds, so that appends are not held up.
const STEP_KEYS_MAX: usize = 2_000;

/// One step: some old keys of a tenant. Does how many there were; none means that there are no more.
pub(crate) struct DeleteOld {
    pub(crate) tenant: TenantId,
    pub(crate) before: Timestamp,
}

#[async_trait]
impl Job for DeleteOld {
    type Done = u64;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, SaveError> {
        delete_first(connection, self.tenant, self.before).await.map_err(failed)
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
