//! Whether the program lives, whether it is ready, and the keys that tokens are checked with.
//!
//! Living is answering at all; ready is a store that answers and supervisors that live.
//! Invariant: none of these asks who is asking.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::edge::Edge;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz))
}

/// Lives: always 200 while the program answers.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "Lives", body = String, content_type = "text/plain")))]
async fn healthz() -> &'static str {
    "ok"
}

/// Ready: the store answers and the supervisors live.
#[utoipa::path(get, path = "/readyz", tag = "health", responses(
    (status = 200, description = "Ready", body = String, content_type = "text/plain"),
    (status = 503, description = "Not ready (yet, or any more)", body = String, content_type = "text/plain")
))]
async fn readyz(State(edge): State<Edge>) -> (StatusCode, &'static str) {
    let is_ready = !edge.stopping().is_cancelled() && edge.engine().is_ready().await;
    if is_ready {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    }
}

/// The public halves of the keys that sign access tokens.
pub(super) async fn jwks(State(edge): State<Edge>) -> impl IntoResponse {
    let age = HeaderValue::from_static("public, max-age=300");
    ([(header::CACHE_CONTROL, age)], Json(edge.verifier().keys().jwks(edge.engine().clock().now())))
}
