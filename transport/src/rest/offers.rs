//! Offers: tickets reserved for an agent in push mode, to be accepted or rejected.
//!
//! An offer stands for one agent and a short time; after that it is not found.
//! Invariant: only the agent it stands for, or a supervisor, answers it.

use actors::TicketView;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::command::{Answer, Command, NoArgs};
use crate::edge::Edge;
use crate::extract::Call;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(accept)).routes(routes!(reject))
}

/// Accepts: the person is called.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/offers/{id}/accept", tag = "offers", request_body = NoArgs,
    responses((status = 200, description = "The ticket called", body = TicketView)))]
async fn accept(call: Call<NoArgs>) -> Result<Answer, Problem> {
    let offer = call.id()?;
    call.give(|_| Ok(Command::Accept { offer })).await
}

/// Rejects: the ticket keeps its place and is offered to somebody else.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/offers/{id}/reject", tag = "offers", request_body = NoArgs,
    responses((status = 204, description = "Rejected")))]
async fn reject(call: Call<NoArgs>) -> Result<Answer, Problem> {
    let offer = call.id()?;
    call.give(|_| Ok(Command::Reject { offer })).await
}
