//! Reading how a queue stood, the newest first.
//!
//! Pages are cut by instant, so that samples taken meanwhile do not disturb them.
//! Invariant: a page holds samples of one queue of one tenant.

use domain::{QueueId, Secs, TenantId, Timestamp};

use super::Query;
use crate::error::StoreError;
use crate::rows::{QueueSampleRow, SampleSpan};
use crate::sql::{Connection, Record};

pub(crate) async fn page(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    queue: QueueId,
    span: SampleSpan,
    limit: u32,
) -> Result<Vec<QueueSampleRow>, StoreError> {
    let sql = "select queue_id, at, waiting, longest_wait_seconds, wait_p50_seconds, wait_p90_seconds, wait_p95_seconds,
        agents_available, agents_busy, agents_on_break, called_15m, called_in_time_15m, served_15m, abandoned_15m, health
        from queue_samples where tenant_id = $1 and queue_id = $2 and at >= $3 and at < $4 order by at desc limit $5";
    let from = span.from.unwrap_or(Timestamp(i64::MIN));
    let to = span.to.unwrap_or(Timestamp(i64::MAX));
    let values = vec![tenant.into(), queue.into(), from.into(), to.into(), u64::from(limit).into()];
    Query { table: "queue_samples", read: read_row }.all(connection, sql, values).await
}

pub(crate) async fn oldest(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    from: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "select at from queue_samples where tenant_id = $1 and at >= $2 order by at limit 1";
    let read = |record: &Record| record.int("at").map(Timestamp);
    let query = Query { table: "queue_samples", read };
    query.first(connection, sql, vec![tenant.into(), from.into()]).await
}

fn read_row(record: &Record) -> Result<QueueSampleRow, sqlx::Error> {
    let wait = |column| Ok::<_, sqlx::Error>(record.int_opt(column)?.map(Secs));
    Ok(QueueSampleRow {
        queue: record.id("queue_id")?,
        at: Timestamp(record.int("at")?),
        waiting: record.int("waiting")?,
        longest_wait: Secs(record.int("longest_wait_seconds")?),
        wait_p50: wait("wait_p50_seconds")?,
        wait_p90: wait("wait_p90_seconds")?,
        wait_p95: wait("wait_p95_seconds")?,
        agents_available: record.int("agents_available")?,
        agents_busy: record.int("agents_busy")?,
        agents_on_break: record.int("agents_on_break")?,
        called: record.int("called_15m")?,
        called_in_time: record.int("called_in_time_15m")?,
        served: record.int("served_15m")?,
        abandoned: record.int("abandoned_15m")?,
        health: record.int_opt("health")?,
    })
}
