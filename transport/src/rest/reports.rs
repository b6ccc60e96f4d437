//! Reports over many days: what each route shares.
//!
//! A route names its report; the question is read here, and the answer written in the form that was asked for.
//! Invariant: an id of another tenant is answered as one that never was.

mod agent_performance;
mod daily;
mod fairness;
mod heatmap;
mod query;
mod queue_stats;
mod satisfaction;
mod wait_times;

use actors::ReportError;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::Scope;
use utoipa_axum::router::OpenApiRouter;

use crate::edge::Edge;
use crate::extract::Signed;
use crate::problem::{Code, Problem};
use crate::reports::{ReportAsk, ReportFormat, ReportName, WriteError, write_report};
use query::ReportParameters;

const READ: &[Scope] = &[Scope::ReadReports];

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .merge(wait_times::routes())
        .merge(agent_performance::routes())
        .merge(queue_stats::routes())
        .merge(satisfaction::routes())
        .merge(heatmap::routes())
        .merge(fairness::routes())
        .merge(daily::routes())
}

async fn answer(
    signed: &Signed,
    name: ReportName,
    parameters: &ReportParameters,
) -> Result<Response, Problem> {
    signed.needs(READ)?;
    let (query, format) = parameters.read()?;
    let (engine, tenant) = (signed.edge.engine(), &signed.caller.tenant);
    let ask = ReportAsk { name, query, format, now: engine.clock().now() };
    let written = write_report(engine.reports(), tenant.id(), &tenant.directory(), ask).await;
    let written = written.map_err(refused)?;
    let media_type = (header::CONTENT_TYPE, format.media_type());
    if format == ReportFormat::Json {
        return Ok(([media_type], written.bytes).into_response());
    }
    let file = format!("attachment; filename=\"{}\"", written.file);
    Ok(([media_type], [(header::CONTENT_DISPOSITION, file)], written.bytes).into_response())
}

fn refused(error: WriteError) -> Problem {
    match error {
        WriteError::Report(ReportError::NotFound) => Problem::of(Code::NotFound),
        WriteError::Report(ReportError::Invalid { parameter, remedy }) => {
            Problem::invalid_parameter(parameter, remedy)
        }
        WriteError::Report(ReportError::Store(error)) => {
            tracing::error!(%error, "a report could not be read");
            Problem::of(Code::OutcomeUnknown).retry_after(1)
        }
        WriteError::Form { form, reason } => {
            tracing::error!(reason, "a report could not be written as {form}");
            Problem::of(Code::Internal)
        }
    }
}
