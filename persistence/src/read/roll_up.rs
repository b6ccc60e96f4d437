//! Reading what is due to be counted, the legs to count, and what was counted.
//!
//! Days are numbers, so one range reads a report's rows in the order of the key.
//! Invariant: every statement names the tenant.

use domain::{LocalDay, QueueId, Secs, TenantId, Timestamp};
use uuid::Uuid;

use super::{Query, select};
use crate::durations::Cells;
use crate::error::StoreError;
use crate::roll_up::{COUNTS, DueRow, Figures, MEASURES, Part, RollUpRow, Spread};
use crate::rows::LegRow;
use crate::sql::{Connection, Record, Value};
use crate::table;

pub(crate) async fn due(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    limit: u32,
) -> Result<Vec<DueRow>, StoreError> {
    let read = |record: &Record| {
        Ok(DueRow {
            queue: record.id("queue_id")?,
            hour_at: Timestamp(record.int("hour_at")?),
            token: record.id("token")?,
        })
    };
    let sql = "select queue_id, hour_at, token from rollup_due where tenant_id = $1
        order by queue_id, hour_at limit $2";
    let query = Query { table: "rollup_due", read };
    query.all(connection, sql, vec![tenant.into(), u64::from(limit).into()]).await
}

pub(crate) async fn legs(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    queue: QueueId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<LegRow>, StoreError> {
    let rest = "where tenant_id = $1 and queue_id = $2 and coalesce(arrived_at, ended_at) >= $3
        and coalesce(arrived_at, ended_at) < $4";
    let query = Query { table: "legs", read: table::read_leg };
    let values = vec![tenant.into(), queue.into(), from.into(), to.into()];
    let mut legs = query.all(connection, select(&table::LEGS, rest), values).await?;
    legs.sort_unstable_by_key(|leg| (leg.arrived_at, leg.ticket, leg.leg));
    Ok(legs)
}

pub(crate) async fn out_of_order(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    (from, to): (Timestamp, Timestamp),
    limit: u32,
) -> Result<Vec<LegRow>, StoreError> {
    let rest = "where tenant_id = $1 and ended_at >= $2 and ended_at < $3 and out_of_order
        order by ended_at desc, ticket_id, leg limit $4";
    let query = Query { table: "legs", read: table::read_leg };
    let values = vec![tenant.into(), from.into(), to.into(), u64::from(limit).into()];
    query.all(connection, select(&table::LEGS, rest), values).await
}

/// From one queue to the next, because counting all legs to find a few queues would read them all.
pub(crate) async fn queues(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<Vec<QueueId>, StoreError> {
    let sql = "select queue_id from legs where tenant_id = $1 and queue_id > $2 order by queue_id limit 1";
    let query = Query { table: "legs", read: |record: &Record| record.id("queue_id") };
    let mut queues = Vec::new();
    let mut last = QueueId(Uuid::nil());
    while let Some(queue) = query.first(connection, sql, vec![tenant.into(), last.into()]).await? {
        queues.push(queue);
        last = queue;
    }
    Ok(queues)
}

pub(crate) async fn span(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    queue: QueueId,
) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
    let read = |record: &Record| {
        let (first, last) = (record.int_opt("first")?, record.int_opt("last")?);
        Ok(first.map(Timestamp).zip(last.map(Timestamp)))
    };
    let sql = "select
        (select min(coalesce(arrived_at, ended_at)) from legs where tenant_id = $1 and queue_id = $2) as first,
        (select max(coalesce(arrived_at, ended_at)) from legs where tenant_id = $1 and queue_id = $2) as last";
    let query = Query { table: "legs", read };
    let span = query.first(connection, sql, vec![tenant.into(), queue.into()]).await?;
    Ok(span.flatten())
}

pub(crate) async fn rows(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    part: Part,
    (from, to): (LocalDay, LocalDay),
) -> Result<Vec<RollUpRow>, StoreError> {
    let sql = "select * from rollups where tenant_id = $1 and part = $2 and day >= $3 and day <= $4
        order by day, queue_id, item";
    let values =
        vec![tenant.into(), part.as_str().into(), from.number().into(), to.number().into()];
    Query { table: "rollups", read: read_row }.all(connection, sql, values).await
}

pub(crate) async fn of_queue(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    queue: QueueId,
) -> Result<Vec<RollUpRow>, StoreError> {
    let sql = "select * from rollups where tenant_id = $1 and part = $2 and queue_id = $3
        order by day, item";
    let query = Query { table: "rollups", read: read_row };
    let mut rows = Vec::new();
    for part in Part::ALL {
        let values = vec![tenant.into(), part.as_str().into(), queue.into()];
        rows.extend(query.all(connection, sql, values).await?);
    }
    Ok(rows)
}

pub(crate) async fn count(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<u64, StoreError> {
    let query = Query { table: "rollups", read: |record: &Record| record.int("rows") };
    let sql = "select count(*) as rows from rollups where tenant_id = $1";
    Ok(query.first(connection, sql, vec![tenant.into()]).await?.unwrap_or_default())
}

pub(crate) async fn stamps(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    (from, to): (LocalDay, LocalDay),
) -> Result<Vec<(LocalDay, Uuid)>, StoreError> {
    let read = |record: &Record| {
        Ok((LocalDay::from_number(record.int("day")?), record.id::<Uuid>("stamp")?))
    };
    let sql = "select day, stamp from rollup_days where tenant_id = $1 and day >= $2 and day <= $3 order by day";
    let values = vec![tenant.into(), from.number().into(), to.number().into()];
    Query { table: "rollup_days", read }.all(connection, sql, values).await
}

fn read_row(record: &Record) -> Result<RollUpRow, sqlx::Error> {
    let word = record.text("part")?;
    let part = Part::ALL.into_iter().find(|part| part.as_str() == word);
    let part = part.ok_or_else(|| unfit("part", &format_args!("{word} is no part")))?;
    let mut figures = Figures::default();
    for (count, name) in figures.counts.iter_mut().zip(COUNTS) {
        *count = record.int(name)?;
    }
    for (spread, name) in figures.spreads.iter_mut().zip(MEASURES) {
        *spread = read_spread(record, name)?;
    }
    Ok(RollUpRow {
        part,
        day: LocalDay::from_number(record.int("day")?),
        queue: record.id("queue_id")?,
        item: record.text("item")?,
        site: record.id("site_id")?,
        service: record.id("service_id")?,
        figures,
    })
}

fn read_spread(record: &Record, name: &str) -> Result<Spread, sqlx::Error> {
    let column = |what: &str| format!("{name}_{what}");
    let cells = record.blob_opt(&column("spread"))?.map(|bytes| Cells::from_bytes(&bytes));
    Ok(Spread {
        count: record.int(&column("count"))?,
        sum: record.int(&column("sum"))?,
        min: record.int_opt(&column("min"))?.map(Secs),
        max: record.int_opt(&column("max"))?.map(Secs),
        cells: cells.transpose().map_err(|error| unfit(name, &error))?.unwrap_or_default(),
    })
}

fn unfit(column: &str, found: &dyn std::fmt::Display) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: found.to_string().into() }
}

/// The columns of a row, in the order in which it is put.
pub(crate) fn columns() -> Vec<String> {
    let keys = ["tenant_id", "part", "day", "queue_id", "item", "site_id", "service_id"];
    let measured = MEASURES.iter().flat_map(|name| {
        ["count", "sum", "min", "max", "spread"].map(|what| format!("{name}_{what}"))
    });
    keys.iter().chain(&COUNTS).map(|name| (*name).to_owned()).chain(measured).collect()
}

/// The values of a row, in the order of [`columns`].
pub(crate) fn values(tenant: TenantId, row: &RollUpRow) -> Result<Vec<Value>, StoreError> {
    let mut values: Vec<Value> = vec![
        tenant.into(),
        row.part.as_str().into(),
        row.day.number().into(),
        row.queue.into(),
        row.item.as_str().into(),
        row.site.into(),
        Value::Id(Some(row.service.0)),
    ];
    values.extend(row.figures.counts.map(Value::from));
    for spread in &row.figures.spreads {
        let bytes = spread.cells.to_bytes().map_err(|error| StoreError::Database {
            doing: "keep a histogram",
            source: Box::new(error),
        })?;
        values.extend([spread.count.into(), spread.sum.into()]);
        values.extend(
            [spread.min, spread.max].map(|secs| Value::Int(secs.map(|secs| i64::from(secs.0)))),
        );
        values.push(bytes.into());
    }
    Ok(values)
}
