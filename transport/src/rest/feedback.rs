//! What people said of their visits, for those who may read it.
//!
//! It is given through ticket links, see `tracking`; here it is only listed, the newest first.
//! Invariant: nothing here says who the person was.

use actors::At;
use axum::Json;
use domain::{Scope, SiteId, TicketId, Timestamp};
use persistence::FeedbackRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::resource::Page;
use crate::edge::Edge;
use crate::extract::{Asked, Signed, page_of};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which page, of one site or of all.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FeedbackQuery {
    /// Rows, at most 200; 50 when left out.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Only visits that ended at this site.
    site_id: Option<Uuid>,
}

/// One opinion.
#[derive(Debug, Serialize, ToSchema)]
struct FeedbackView {
    ticket_id: Uuid,
    site_id: Uuid,
    queue_id: Uuid,
    service_id: Uuid,
    agent_id: Option<Uuid>,
    /// 1 to 5.
    csat: Option<u8>,
    /// 0 to 10.
    nps: Option<u8>,
    comment: Option<String>,
    at: At,
}

impl From<FeedbackRow> for FeedbackView {
    fn from(row: FeedbackRow) -> Self {
        Self {
            ticket_id: row.ticket.0,
            site_id: row.site.0,
            queue_id: row.queue.0,
            service_id: row.service.0,
            agent_id: row.agent.map(|agent| agent.0),
            csat: row.csat,
            nps: row.nps,
            comment: row.comment,
            at: At(row.at),
        }
    }
}

/// Lists opinions on visits, the newest first.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/feedback", tag = "feedback", params(FeedbackQuery),
    responses((status = 200, description = "One page", body = Page<FeedbackView>)))]
async fn list(
    signed: Signed,
    Asked(query): Asked<FeedbackQuery>,
) -> Result<Json<Page<FeedbackView>>, Problem> {
    signed.needs(&[Scope::ReadFeedback])?;
    let rows = page_of(query.limit, signed.edge.limits())?;
    let before = query.cursor.as_deref().map(position).transpose()?;
    let site = query.site_id.map(SiteId);
    let mut found = signed.caller.tenant.feedback(site, before, rows + 1).await?;
    let rows = usize::try_from(rows).unwrap_or(1);
    let more = found.len() > rows;
    found.truncate(rows);
    let next_cursor = found.last().filter(|_| more).map(cursor);
    Ok(Json(Page { items: found.into_iter().map(FeedbackView::from).collect(), next_cursor }))
}

fn cursor(row: &FeedbackRow) -> String {
    format!("{}.{}", row.at.0, row.ticket)
}

fn position(cursor: &str) -> Result<(Timestamp, TicketId), Problem> {
    let read = || {
        let (at, ticket) = cursor.split_once('.')?;
        Some((Timestamp(at.parse().ok()?), ticket.parse().ok()?))
    };
    read().ok_or_else(|| Problem::invalid_parameter("cursor", "give the next_cursor of a page"))
}
