//! The agent's day: signing in, breaks, the counter, the next person.
//!
//! `{id}` is an agent's id or `me`; supervisors may act for anybody, agents for themselves.
//! Invariant: nobody waiting is an answer (204), not an error.

use actors::{AgentDuty, AgentView, TicketView};
use axum::Json;
use domain::{QueueId, Scope};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::command::{
    AgentRef, Answer, Args, CallNextArgs, Command, CounterArgs, NoArgs, SignInArgs, StatusArgs,
    acting,
};
use crate::edge::Edge;
use crate::extract::{Call, Signed};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(status))
        .routes(routes!(call_next))
        .routes(routes!(set_status))
        .routes(routes!(counter))
        .routes(routes!(sign_in))
        .routes(routes!(sign_out))
}

/// The caller's own day: presence, counter, ticket in hand, offer.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/agents/me", tag = "duty",
    responses((status = 200, description = "As it stands", body = AgentView)))]
async fn me(signed: Signed) -> Result<Json<AgentView>, Problem> {
    live(&signed, AgentRef::Me).await
}

/// An agent's day: presence, counter, ticket in hand, offer.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/agents/{id}/status", tag = "duty",
    responses((status = 200, description = "As it stands", body = AgentView)))]
async fn status(signed: Signed) -> Result<Json<AgentView>, Problem> {
    let agent = signed.id()?;
    live(&signed, agent).await
}

async fn live(signed: &Signed, agent: AgentRef) -> Result<Json<AgentView>, Problem> {
    signed.needs(&[Scope::WriteTicket, Scope::ReadAgent])?;
    let caller = &signed.caller;
    let agent = acting(&caller.principal, &caller.tenant.directory(), agent)?;
    Ok(Json(caller.tenant.agent(agent).await?))
}

/// Calls the next person to the agent's counter.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/agents/{id}/call-next", tag = "duty", request_body = CallNextArgs,
    responses(
        (status = 200, description = "The ticket called", body = TicketView),
        (status = 204, description = "Nobody is waiting")
    ))]
async fn call_next(call: Call<CallNextArgs>) -> Result<Answer, Problem> {
    let agent = call.id()?;
    call.give(|args| Ok(Command::CallNext { agent, queue: args.queue_id.map(QueueId) })).await
}

/// Changes the agent's presence: available, on_break or offline.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/agents/{id}/set-status", tag = "duty", request_body = StatusArgs,
    responses((status = 200, description = "As it stands now", body = AgentView)))]
async fn set_status(call: Call<StatusArgs>) -> Result<Answer, Problem> {
    duty(call, StatusArgs::duty).await
}

/// Takes another counter.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/agents/{id}/counter", tag = "duty", request_body = CounterArgs,
    responses((status = 200, description = "As it stands now", body = AgentView)))]
async fn counter(call: Call<CounterArgs>) -> Result<Answer, Problem> {
    duty(call, CounterArgs::duty).await
}

/// Begins the agent's day at a counter.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/agents/{id}/sign-in", tag = "duty", request_body = SignInArgs,
    responses((status = 200, description = "As it stands now", body = AgentView)))]
async fn sign_in(call: Call<SignInArgs>) -> Result<Answer, Problem> {
    duty(call, SignInArgs::duty).await
}

/// Ends the agent's day.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/agents/{id}/sign-out", tag = "duty", request_body = NoArgs,
    responses((status = 200, description = "As it stands now", body = AgentView)))]
async fn sign_out(call: Call<NoArgs>) -> Result<Answer, Problem> {
    duty(call, |_| Ok(AgentDuty::SignOut)).await
}

async fn duty<A: Args>(
    call: Call<A>,
    duty: impl FnOnce(A) -> Result<AgentDuty, Problem>,
) -> Result<Answer, Problem> {
    let agent = call.id()?;
    call.give(|args| Ok(Command::Duty { agent, duty: duty(args)? })).await
}
