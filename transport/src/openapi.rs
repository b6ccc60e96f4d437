//! The document of the API, OpenAPI 3.1: collected from the handlers, completed here, and its page.
//!
//! What is the same for every route – sign-in, keys, problems – is added from rules, so that no handler can forget it.
//! Invariant: a snapshot test guards the document; what changes in it was meant to change.

mod complete;
mod page;
#[cfg(test)]
mod tests;
mod whole;

use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::OpenApi;

use crate::edge::Edge;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "SmartQueue",
        description = "Queues of people at counters: tickets, calls, agents, and what an administrator configures.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact()
    ),
    tags(
        (name = "tickets", description = "A person's visit, from joining to leaving"),
        (name = "duty", description = "An agent's day"),
        (name = "offers", description = "Tickets reserved for an agent in push mode"),
        (name = "queues", description = "Lines: configuration, state, live figures"),
        (name = "sites", description = "Branches"),
        (name = "services", description = "What people come for"),
        (name = "counters", description = "Desks that people walk to"),
        (name = "agents", description = "Members of staff"),
        (name = "devices", description = "Kiosks and displays"),
        (name = "audit", description = "Who did what to what, when and from where"),
        (name = "clients", description = "Programs that may ask for tokens"),
        (name = "identity-providers", description = "Outside providers that people sign in with: OpenID Connect"),
        (name = "members", description = "Who may sign in: invited, changed, shut out"),
        (name = "tenants", description = "Customers of the platform"),
        (name = "health", description = "Whether the program lives and is ready")
    )
)]
struct Head;

static DOCUMENT: LazyLock<String> = LazyLock::new(document);

/// The whole document as JSON text.
pub fn document() -> String {
    let (_, collected) = crate::rest::described().split_for_parts();
    let mut document = Head::openapi();
    document.merge(collected);
    complete::complete(&mut document);
    document.components.iter_mut().for_each(whole::join);
    document.to_pretty_json().unwrap_or_default()
}

pub(crate) fn routes() -> Router<Edge> {
    Router::new().route("/openapi.json", get(json)).merge(page::routes())
}

async fn json() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], DOCUMENT.as_str())
        .into_response()
}
