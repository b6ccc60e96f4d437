//! Counting opinions, for reports.
//!
//! The database counts; a stretch is a local day wherever no clock was changed.
//! Invariant: the statement names the tenant.

use domain::{AgentId, SiteId, TenantId, Timestamp};

use super::Query;
use crate::error::StoreError;
use crate::rows::OpinionCount;
use crate::sql::{Connection, Record, Value};

pub(crate) async fn count(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    sites: &[SiteId],
    (from, to): (Timestamp, Timestamp),
    every: i64,
) -> Result<Vec<OpinionCount>, StoreError> {
    if sites.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<Value> = vec![tenant.into(), from.into(), to.into(), every.max(1).into()];
    let places: Vec<String> = sites
        .iter()
        .map(|site| {
            values.push((*site).into());
            format!("${}", values.len())
        })
        .collect();
    let places = places.join(", ");
    let sql = sqlx::AssertSqlSafe(format!(
        "select (at - $2) / $4 as stretch, site_id, queue_id, service_id, agent_id, count(*) as responses,
            count(csat) as csat_count, cast(coalesce(sum(csat), 0) as bigint) as csat_sum,
            count(case when csat >= 4 then 1 end) as csat_satisfied, count(nps) as nps_count,
            count(case when nps >= 9 then 1 end) as promoters, count(case when nps <= 6 then 1 end) as detractors
        from feedback where tenant_id = $1 and at >= $2 and at < $3 and site_id in ({places})
        group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5"
    ));
    Query { table: "feedback", read: read_row }.all(connection, sql, values).await
}

fn read_row(record: &Record) -> Result<OpinionCount, sqlx::Error> {
    Ok(OpinionCount {
        stretch: record.int("stretch")?,
        site: record.id("site_id")?,
        queue: record.id("queue_id")?,
        service: record.id("service_id")?,
        agent: record.id_opt::<AgentId>("agent_id")?,
        responses: record.int("responses")?,
        csat_count: record.int("csat_count")?,
        csat_sum: record.int("csat_sum")?,
        csat_satisfied: record.int("csat_satisfied")?,
        nps_count: record.int("nps_count")?,
        promoters: record.int("promoters")?,
        detractors: record.int("detractors")?,
    })
}
