//! Adding to a tenant's audit log.
//!
//! The end of the log is looked up in the same transaction, and the key forbids two rows of one number.
//! Invariant: rows go in all together and only behind the head that their writer knew.

use async_trait::async_trait;
use domain::TenantId;

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::read::audit::{COLUMNS, head};
use crate::rows::{AuditHead, AuditRow};
use crate::sql::{Connection, Value};

/// Rows of one statement: a few hundred parameters, far below what either database takes.
const ROWS_AT_ONCE: usize = 32;

pub(crate) struct AppendAudit {
    pub(crate) tenant: TenantId,
    pub(crate) expected: AuditHead,
    pub(crate) rows: Vec<AuditRow>,
}

#[async_trait]
impl Job for AppendAudit {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        append(connection, self.tenant, self.expected, self.rows).await
    }
}

/// Adds the rows on a connection that is in a transaction.
pub(crate) async fn append(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    expected: AuditHead,
    mut rows: Vec<AuditRow>,
) -> Result<(), SaveError> {
    let found = head(connection, tenant).await?;
    if found != expected {
        return Err(conflict(tenant, Some(found.seq)));
    }
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS_AT_ONCE));
        insert(connection, tenant, rows).await?;
        rows = rest;
    }
    Ok(())
}

async fn insert(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    rows: Vec<AuditRow>,
) -> Result<(), SaveError> {
    let (mut places, mut values) = (Vec::new(), Vec::new());
    for row in rows {
        let first = values.len() + 1;
        values.extend(parameters(tenant, row));
        let own: Vec<String> = (first..=values.len()).map(|place| format!("${place}")).collect();
        places.push(format!("({})", own.join(", ")));
    }
    let sql = format!("insert into audit_log ({COLUMNS}) values {}", places.join(", "));
    match connection.execute(sqlx::AssertSqlSafe(sql), values).await {
        Ok(_) => Ok(()),
        // Somebody added an entry since the head was looked up.
        Err(error) if error.as_database_error().is_some_and(|why| why.is_unique_violation()) => {
            Err(conflict(tenant, None))
        }
        Err(error) => Err(failed(error)),
    }
}

fn conflict(tenant: TenantId, current: Option<u64>) -> SaveError {
    SaveError::VersionConflict { kind: "audit log".to_owned(), id: tenant.0, current }
}

/// The row's values, in the order of the columns.
fn parameters(tenant: TenantId, row: AuditRow) -> [Value; 13] {
    [
        tenant.into(),
        row.seq.into(),
        row.at.into(),
        row.actor.into(),
        row.action.into(),
        row.object.into(),
        row.outcome.into(),
        row.address.into(),
        row.request_id.into(),
        row.before.into(),
        row.after.into(),
        row.prev_hash.to_vec().into(),
        row.hash.to_vec().into(),
    ]
}
