//! Reading the past for plans: arrivals by half-hour, and single visits.
//!
//! Half-hours are counted from 1970 in UTC; zones that are off by quarters of an hour see them shifted by one.
//! Invariant: a leg without an arrival (a remote ticket that never came) is nobody who came.

use domain::{Secs, Timestamp};

use super::Query;
use crate::error::StoreError;
use crate::rows::{ArrivalsRow, HistoryRow};
use crate::sql::{Connection, Record, Value};
use crate::store::{ARRIVALS_ROWS_MAX, HistoryFilter};

const HALF_HOUR_MICROS: i64 = 1_800_000_000;

/// The values of the filter, and what the statement says of the queue.
fn filtered(filter: HistoryFilter) -> (Vec<Value>, &'static str) {
    let mut values: Vec<Value> =
        vec![filter.tenant.into(), filter.site.into(), filter.from.into(), filter.to.into()];
    let Some(queue) = filter.queue else { return (values, "") };
    values.push(queue.into());
    (values, " and queue_id = $5")
}

pub(crate) async fn arrivals(
    connection: &mut Connection<'_>,
    filter: HistoryFilter,
) -> Result<Vec<ArrivalsRow>, StoreError> {
    let (values, of_queue) = filtered(filter);
    let sql = sqlx::AssertSqlSafe(format!(
        "select queue_id, class, arrived_at / {HALF_HOUR_MICROS} as half_hour, count(*) as came from legs
        where tenant_id = $1 and site_id = $2 and arrived_at >= $3 and arrived_at < $4{of_queue}
        group by queue_id, class, arrived_at / {HALF_HOUR_MICROS}
        order by half_hour, queue_id, class limit {ARRIVALS_ROWS_MAX}"
    ));
    Query { table: "legs", read: read_arrivals }.all(connection, sql, values).await
}

pub(crate) async fn visits(
    connection: &mut Connection<'_>,
    filter: HistoryFilter,
    limit: u32,
) -> Result<Vec<HistoryRow>, StoreError> {
    let (values, of_queue) = filtered(filter);
    let sql = sqlx::AssertSqlSafe(format!(
        "select queue_id, class, arrived_at, first_called_at, last_called_at, ended_at, held_secs from legs
        where tenant_id = $1 and site_id = $2 and arrived_at >= $3 and arrived_at < $4{of_queue}
        order by arrived_at desc, ticket_id desc, leg desc limit {limit}"
    ));
    Query { table: "legs", read: read_visit }.all(connection, sql, values).await
}

fn read_arrivals(record: &Record) -> Result<ArrivalsRow, sqlx::Error> {
    let half_hour: i64 = record.int("half_hour")?;
    Ok(ArrivalsRow {
        queue: record.id("queue_id")?,
        class: record.text("class")?.into(),
        half_hour: Timestamp(half_hour.saturating_mul(HALF_HOUR_MICROS)),
        came: record.int("came")?,
    })
}

fn read_visit(record: &Record) -> Result<HistoryRow, sqlx::Error> {
    let arrived_at = Timestamp(record.int("arrived_at")?);
    let ended_at = Timestamp(record.int("ended_at")?);
    let first_called = record.int_opt("first_called_at")?.map(Timestamp);
    let last_called = record.int_opt("last_called_at")?.map(Timestamp);
    let held: u32 = record.int("held_secs")?;
    let taken = last_called.map(|called| Secs(ended_at.since(called).0.saturating_sub(held)));
    Ok(HistoryRow {
        queue: record.id("queue_id")?,
        class: record.text("class")?.into(),
        arrived_at,
        waited: first_called.unwrap_or(ended_at).since(arrived_at),
        taken,
    })
}
