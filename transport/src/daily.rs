//! The report of each site's day: made once when the site closes, kept, and sent to whoever is to get it.
//!
//! A site without hours closes at its midnight; a closed day has no report. After a stop the day before is made up for,
//! and no older one. Who is still being served when the site closes is in the reports of later days only.
//! Invariant: the report of a day is made once, and sent only by whoever kept it.

mod page;

use std::collections::BTreeSet;
use std::time::Duration;

use actors::{
    AgentPerformance, At, Kept, QueueStats, ReportError, ReportQuery, Satisfaction, SiteBody,
    Tenant, WaitTimes,
};
use domain::{LocalDay, SiteId, TenantId, Timestamp};
use persistence::{DailyReportRow, StoreError};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::edge::Edge;
use crate::reports::queues_as_csv;

const LOOK_EVERY: Duration = Duration::from_secs(5);

/// One site's day, as it was when the site closed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct DailyReport {
    pub(crate) site_id: Uuid,
    pub(crate) site: String,
    #[schema(value_type = String, format = Date, example = "2026-03-02")]
    pub(crate) date: LocalDay,
    pub(crate) made_at: At,
    pub(crate) wait_times: WaitTimes,
    pub(crate) queue_stats: QueueStats,
    pub(crate) agent_performance: AgentPerformance,
    pub(crate) satisfaction: Satisfaction,
}

/// Days that were seen to be done, so that the database is asked once for each.
type Done = BTreeSet<(TenantId, Uuid, LocalDay)>;

/// Makes the reports of days until it is dropped.
pub async fn report_on_days(edge: Edge) {
    let mut done = Done::new();
    loop {
        for info in edge.engine().tenants() {
            let Some(tenant) = edge.engine().tenant_of(info.id) else { continue };
            if let Err(error) = look(&edge, &tenant, &mut done).await {
                tracing::warn!(tenant.slug = tenant.slug(), %error, "a day's report was not made; trying again");
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn look(edge: &Edge, tenant: &Tenant, done: &mut Done) -> Result<(), ReportError> {
    let now = edge.engine().clock().now();
    let directory = tenant.directory();
    for site in directory.list::<SiteBody>() {
        let today = site.body.timezone.day_of(now);
        for day in [today.plus(-1), today] {
            let key = (tenant.id(), site.id, day);
            if !is_over(site, day, now) || done.contains(&key) {
                continue;
            }
            if !is_counted(edge, tenant.id()).await? {
                return Ok(());
            }
            make(edge, tenant, site, day).await?;
            done.insert(key);
            done.retain(|(of, at, past)| {
                (*of, *at) != (key.0, key.1) || past.number() + 2 >= today.number()
            });
        }
    }
    Ok(())
}

fn is_over(site: &Kept<SiteBody>, day: LocalDay, now: Timestamp) -> bool {
    let end = site.body.hours.end_of(day, &site.body.timezone);
    end.is_some_and(|end| site.created_at < end && end <= now)
}

/// Every leg that has ended is in the roll-ups.
async fn is_counted(edge: &Edge, tenant: TenantId) -> Result<bool, StoreError> {
    Ok(edge.engine().store().due_roll_ups(tenant, 1).await?.is_empty())
}

async fn make(
    edge: &Edge,
    tenant: &Tenant,
    site: &Kept<SiteBody>,
    day: LocalDay,
) -> Result<(), ReportError> {
    let (engine, id) = (edge.engine(), SiteId(site.id));
    let (store, reports, now) = (engine.store(), engine.reports(), engine.clock().now());
    if store.daily_report(tenant.id(), id, Some(day)).await?.is_some() {
        return Ok(());
    }
    let directory = tenant.directory();
    let query =
        ReportQuery { from: Some(day), to: Some(day), site: Some(id), ..ReportQuery::default() };
    let report = DailyReport {
        site_id: site.id,
        site: site.body.name.clone(),
        date: day,
        made_at: At(now),
        wait_times: reports.wait_times(tenant.id(), &directory, query, now).await?,
        queue_stats: reports.queue_stats(tenant.id(), &directory, query, now).await?,
        agent_performance: reports.agent_performance(tenant.id(), &directory, query, now).await?,
        satisfaction: reports.satisfaction(tenant.id(), &directory, query, now).await?,
    };
    let body = serde_json::to_string(&report).unwrap_or_default();
    let row = DailyReportRow { tenant: tenant.id(), site: id, day, made_at: now, body };
    if store.save_daily_report(row).await? {
        send(edge, &site.body.report_to, &report);
    }
    Ok(())
}

fn send(edge: &Edge, addresses: &[String], report: &DailyReport) {
    if addresses.is_empty() {
        return;
    }
    match queues_as_csv(&report.queue_stats) {
        Ok(csv) => {
            let letter = page::letter(report, csv);
            addresses.iter().for_each(|to| edge.sign_in().mail_report(to, &letter));
        }
        Err(error) => tracing::error!(%error, "a day's report was not sent"),
    }
}
