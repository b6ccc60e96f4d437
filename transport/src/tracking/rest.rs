//! The public routes of one ticket. The code in the path is the credential.
//!
//! No sign-in and no idempotency key: see `act` for why none is needed.
//! Invariant: twenty wrong codes a minute from one address, then 429.

use axum::Json;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::act::{CancelBody, DelayBody, FeedbackBody};
use super::find::Linked;
use super::view::PublicTicket;
use crate::edge::Edge;
use crate::extract::JsonBody;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(read))
        .routes(routes!(cancel))
        .routes(routes!(delay))
        .routes(routes!(feedback))
}

/// Shows the ticket of a link.
#[utoipa::path(get, path = "/api/v1/public/tickets/{code}", tag = "public",
    responses((status = 200, description = "As it stands", body = PublicTicket)))]
async fn read(linked: Linked) -> Result<Json<PublicTicket>, Problem> {
    Ok(Json(PublicTicket::of(&linked).await?))
}

/// Leaves the line.
#[utoipa::path(post, path = "/api/v1/public/tickets/{code}/cancel", tag = "public", request_body = CancelBody,
    responses((status = 200, description = "As it stands now", body = PublicTicket)))]
async fn cancel(
    linked: Linked,
    JsonBody(CancelBody {}): JsonBody<CancelBody>,
) -> Result<Json<PublicTicket>, Problem> {
    Ok(Json(PublicTicket::of(&linked.cancel().await?).await?))
}

/// Lets some of those behind go first.
#[utoipa::path(post, path = "/api/v1/public/tickets/{code}/delay", tag = "public", request_body = DelayBody,
    responses((status = 200, description = "As it stands now", body = PublicTicket)))]
async fn delay(
    linked: Linked,
    JsonBody(wish): JsonBody<DelayBody>,
) -> Result<Json<PublicTicket>, Problem> {
    Ok(Json(PublicTicket::of(&linked.delay(&wish).await?).await?))
}

/// Says how the visit was, once.
#[utoipa::path(post, path = "/api/v1/public/tickets/{code}/feedback", tag = "public", request_body = FeedbackBody,
    responses((status = 204, description = "Kept")))]
async fn feedback(
    linked: Linked,
    JsonBody(body): JsonBody<FeedbackBody>,
) -> Result<StatusCode, Problem> {
    linked.say(body).await?;
    Ok(StatusCode::NO_CONTENT)
}
