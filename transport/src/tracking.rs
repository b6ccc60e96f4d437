//! What the holder of a ticket link sees and does: over REST, and on a page that needs no script.
//!
//! `find` turns a code into its ticket and counts those that are wrong, `view` is what is shown, `act` what is done;
//! `rest` and `page` are the two doors, `words` the texts.
//! Invariant: whoever guesses learns nothing: an unknown code and a malformed one get the same answer as late.

mod act;
mod find;
mod page;
mod rest;
mod view;
mod words;

use axum::Router;
use axum::routing::{get, post};
use utoipa_axum::router::OpenApiRouter;

use crate::edge::Edge;

/// The routes of the API.
pub(crate) fn described() -> OpenApiRouter<Edge> {
    rest::routes()
}

/// The page of a ticket, what is sent from it, and how it looks.
pub(crate) fn pages() -> Router<Edge> {
    Router::new()
        .route("/t/{code}", get(page::show))
        .route("/t/{code}/cancel", post(page::cancel))
        .route("/t/{code}/delay", post(page::delay))
        .route("/t/{code}/feedback", post(page::feedback))
        .route("/t/style.css", get(page::style))
}
