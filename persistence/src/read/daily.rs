//! Reading the report of a site's day.
//!
//! Invariant: a report of another tenant is not found.

use domain::{LocalDay, SiteId, TenantId, Timestamp};

use super::Query;
use crate::error::StoreError;
use crate::rows::DailyReportRow;
use crate::sql::{Connection, Record, Value};

pub(crate) async fn one(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    site: SiteId,
    day: Option<LocalDay>,
) -> Result<Option<DailyReportRow>, StoreError> {
    let sql = "select tenant_id, site_id, day, made_at, body from daily_reports
        where tenant_id = $1 and site_id = $2 and day = coalesce($3,
            (select max(day) from daily_reports where tenant_id = $1 and site_id = $2))";
    let values = vec![tenant.into(), site.into(), Value::Int(day.map(LocalDay::number))];
    Query { table: "daily_reports", read: read_row }.first(connection, sql, values).await
}

fn read_row(record: &Record) -> Result<DailyReportRow, sqlx::Error> {
    Ok(DailyReportRow {
        tenant: record.id("tenant_id")?,
        site: record.id("site_id")?,
        day: LocalDay::from_number(record.int("day")?),
        made_at: Timestamp(record.int("made_at")?),
        body: record.text("body")?,
    })
}
