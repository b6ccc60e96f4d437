//! The report of a site's day, as it was made when the site closed.
//!
//! Invariant: what is shown is what was kept; nothing is counted here.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::SiteId;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::READ;
use super::query::day;
use crate::daily::DailyReport;
use crate::edge::Edge;
use crate::extract::{Asked, Signed};
use crate::problem::{Code, Problem};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(report))
}

/// Which site's day.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DailyParameters {
    site_id: Uuid,
    /// On the site's own calendar; the newest day that has a report when left out.
    #[param(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-03-02")]
    date: Option<String>,
}

/// Report: a site's day, as it was when the site closed. Not found before then.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/reports/daily", tag = "reports", params(DailyParameters),
    responses((status = 200, description = "As it was made", body = DailyReport)))]
async fn report(signed: Signed, Asked(asked): Asked<DailyParameters>) -> Result<Response, Problem> {
    signed.needs(READ)?;
    let (day, site) = (day("date", asked.date.as_deref())?, SiteId(asked.site_id));
    let tenant = signed.caller.tenant.id();
    let found = signed.edge.engine().store().daily_report(tenant, site, day).await;
    let found = found.map_err(|error| {
        tracing::error!(%error, "a day's report could not be read");
        Problem::of(Code::OutcomeUnknown).retry_after(1)
    })?;
    let row = found.ok_or(Problem::of(Code::NotFound))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], row.body).into_response())
}
