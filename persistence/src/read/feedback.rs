//! Reading people's opinions, the newest first.
//!
//! Pages are cut by instant and ticket, so that opinions given meanwhile do not disturb them.
//! Invariant: a page holds no opinion of another tenant.

use domain::{SiteId, TenantId, TicketId, Timestamp};

use super::Query;
use crate::error::StoreError;
use crate::rows::FeedbackRow;
use crate::sql::{Connection, Record, Value};

const COLUMNS: &str =
    "tenant_id, ticket_id, site_id, queue_id, service_id, agent_id, csat, nps, comment, at";

fn query() -> Query<FeedbackRow> {
    Query { table: "feedback", read: read_row }
}

pub(crate) async fn on(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    ticket: TicketId,
) -> Result<Option<FeedbackRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from feedback where tenant_id = $1 and ticket_id = $2"
    ));
    query().first(connection, sql, vec![tenant.into(), ticket.into()]).await
}

pub(crate) async fn page(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    site: Option<SiteId>,
    before: Option<(Timestamp, TicketId)>,
    limit: u32,
) -> Result<Vec<FeedbackRow>, StoreError> {
    let mut values: Vec<Value> = vec![tenant.into(), u64::from(limit).into()];
    let mut rest = String::new();
    if let Some((at, ticket)) = before {
        values.extend([at.into(), ticket.into()]);
        rest.push_str(" and (at, ticket_id) < ($3, $4)");
    }
    if let Some(site) = site {
        values.push(site.into());
        rest.push_str(&format!(" and site_id = ${}", values.len()));
    }
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from feedback where tenant_id = $1{rest} order by at desc, ticket_id desc limit $2"
    ));
    query().all(connection, sql, values).await
}

fn read_row(record: &Record) -> Result<FeedbackRow, sqlx::Error> {
    Ok(FeedbackRow {
        tenant: record.id("tenant_id")?,
        ticket: record.id("ticket_id")?,
        site: record.id("site_id")?,
        queue: record.id("queue_id")?,
        service: record.id("service_id")?,
        agent: record.id_opt("agent_id")?,
        csat: record.int_opt("csat")?,
        nps: record.int_opt("nps")?,
        comment: record.text_opt("comment")?,
        at: Timestamp(record.int("at")?),
    })
}
