//! How each queue did.
//!
//! Invariant: as for every report, nothing of another tenant is in it.

use actors::QueueStats;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ReportParameters, answer};
use crate::edge::Edge;
use crate::extract::{Asked, Signed};
use crate::problem::Problem;
use crate::reports::ReportName;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(report))
}

/// Report: how each queue did.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/reports/queue-stats", tag = "reports", params(ReportParameters),
    responses((status = 200, description = "In the form that was asked for", content(
        (QueueStats = "application/json"), (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
async fn report(
    signed: Signed,
    Asked(asked): Asked<ReportParameters>,
) -> Result<Response, Problem> {
    answer(&signed, ReportName::QueueStats, &asked).await
}
