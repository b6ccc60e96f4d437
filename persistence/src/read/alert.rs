//! Reading alerts, the newest first.
//!
//! Pages are cut by instant and id, so that alerts raised meanwhile do not disturb them.
//! Invariant: a page holds no alert of another tenant.

use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::Query;
use crate::error::StoreError;
use crate::rows::{AlertFilter, AlertRow};
use crate::sql::{Connection, Record, Value};

const COLUMNS: &str =
    "tenant_id, alert_id, kind, subject_id, site_id, raised_at, cleared_at, acknowledged_by,
    acknowledged_at, facts, delivery, to_deliver";

fn query() -> Query<AlertRow> {
    Query { table: "alerts", read: read_row }
}

pub(crate) async fn one(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    alert: Uuid,
) -> Result<Option<AlertRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from alerts where tenant_id = $1 and alert_id = $2"
    ));
    query().first(connection, sql, vec![tenant.into(), alert.into()]).await
}

pub(crate) async fn standing(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    kind: &str,
    subject: Uuid,
) -> Result<Option<AlertRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from alerts where tenant_id = $1 and kind = $2 and subject_id = $3 and cleared_at is null"
    ));
    query().first(connection, sql, vec![tenant.into(), kind.into(), subject.into()]).await
}

pub(crate) async fn live(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<Vec<AlertRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from alerts where tenant_id = $1 and (cleared_at is null or to_deliver = 1)
         order by raised_at, alert_id"
    ));
    query().all(connection, sql, vec![tenant.into()]).await
}

pub(crate) async fn page(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    filter: &AlertFilter,
    limit: u32,
) -> Result<Vec<AlertRow>, StoreError> {
    let mut values: Vec<Value> = vec![tenant.into(), u64::from(limit).into()];
    let mut rest = String::new();
    match filter.open {
        Some(true) => rest.push_str(" and cleared_at is null"),
        Some(false) => rest.push_str(" and cleared_at is not null"),
        None => {}
    }
    if let Some((at, alert)) = filter.before {
        values.extend([at.into(), alert.into()]);
        rest.push_str(" and (raised_at, alert_id) < ($3, $4)");
    }
    if let Some(kind) = &filter.kind {
        values.push(kind.as_str().into());
        rest.push_str(&format!(" and kind = ${}", values.len()));
    }
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from alerts where tenant_id = $1{rest} order by raised_at desc, alert_id desc limit $2"
    ));
    query().all(connection, sql, values).await
}

/// By id, which sorts by age: as long as notifications are sent in about that order, few rows are passed over.
pub(crate) async fn oldest_intent(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "select due_at from intents where tenant_id = $1 and state = 'queued' order by intent_id limit 1";
    let due_at = |record: &Record| Ok(Timestamp(record.int("due_at")?));
    let query = Query { table: "intents", read: due_at };
    query.first(connection, sql, vec![tenant.into()]).await
}

fn read_row(record: &Record) -> Result<AlertRow, sqlx::Error> {
    Ok(AlertRow {
        tenant: record.id("tenant_id")?,
        id: record.id("alert_id")?,
        kind: record.text("kind")?,
        subject: record.id("subject_id")?,
        site: record.id("site_id")?,
        raised_at: Timestamp(record.int("raised_at")?),
        cleared_at: record.int_opt("cleared_at")?.map(Timestamp),
        acknowledged_by: record.text_opt("acknowledged_by")?,
        acknowledged_at: record.int_opt("acknowledged_at")?.map(Timestamp),
        facts: record.text("facts")?,
        delivery: record.text("delivery")?,
        to_deliver: record.int::<i64>("to_deliver")? != 0,
    })
}
