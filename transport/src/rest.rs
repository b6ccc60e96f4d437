//! The REST API: every route on one screen.
//!
//! One resource per file; a handler takes, asks and answers. The document of the API is collected from the same list.
//! Invariant: a route that is served is described, and one that is described is served.

mod agents;
mod alert_settings;
mod alerts;
mod api_keys;
mod audit;
mod clients;
mod counters;
mod customers;
mod devices;
mod duties;
mod erasures;
mod feedback;
mod health;
mod identity_providers;
mod members;
mod metrics;
mod offers;
mod orders;
mod pairings;
mod planning;
mod privacy;
mod queues;
mod reports;
mod resource;
mod services;
mod sites;
mod stats;
mod tenants;
mod tickets;

use axum::Router;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;

use crate::edge::Edge;
use crate::problem::{Code, Problem};

/// What is described in the document: the API proper.
pub(crate) fn described() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .merge(tenants::routes())
        .merge(sites::routes())
        .merge(services::routes())
        .merge(queues::routes())
        .merge(stats::routes())
        .merge(counters::routes())
        .merge(agents::routes())
        .merge(members::routes())
        .merge(devices::routes())
        .merge(clients::routes())
        .merge(identity_providers::routes())
        .merge(api_keys::routes())
        .merge(tickets::routes())
        .merge(orders::routes())
        .merge(duties::routes())
        .merge(offers::routes())
        .merge(feedback::routes())
        .merge(planning::routes())
        .merge(pairings::routes())
        .merge(crate::tracking::described())
        .merge(customers::routes())
        .merge(erasures::routes())
        .merge(privacy::routes())
        .merge(alerts::routes())
        .merge(alert_settings::routes())
        .merge(audit::routes())
        .merge(reports::routes())
        .merge(health::routes())
}

/// Everything that is served.
pub(crate) fn routes() -> Router<Edge> {
    let (api, _) = described().split_for_parts();
    api.merge(crate::ws::routes())
        .merge(crate::openapi::routes())
        .merge(crate::pages::routes())
        .merge(crate::tracking::pages())
        .merge(crate::oauth::routes())
        .merge(crate::signin::routes())
        .route("/.well-known/jwks.json", get(health::jwks))
        .fallback(async || Problem::of(Code::NotFound))
        .method_not_allowed_fallback(async || Problem::of(Code::MethodNotAllowed))
}
