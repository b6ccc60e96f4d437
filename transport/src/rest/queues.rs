//! Queues: what is configured of them, how they stand, and opening and closing them.
//!
//! Lists and reads show the live queue; `config` beside it is what `PUT` takes back.
//! Invariant: a device sees and touches the queues of its own site only.

use actors::{Directory, Kept, QueueBody, QueueChange, QueueView, StatsView};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{QueueId, Scope, SiteId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::metrics::{self as samples, MetricsQuery, MetricsView};
use super::resource::{self, New, Page, Shown, SitePageQuery, View};
use crate::command::{Answer, CloseArgs, Command, NoQueueArgs, etag};
use crate::edge::{Caller, Edge};
use crate::extract::{Asked, Call, IfMatch, JsonBody, Signed, page_of};
use crate::problem::{Code, Problem};

impl Shown for QueueBody {
    const READ: &'static [Scope] = &[Scope::ReadQueue];
    const WRITE: &'static [Scope] = &[Scope::ManageQueue];
    type View = View<Self>;

    fn view(kept: &Kept<Self>, _: &Caller) -> View<Self> {
        View::of(kept)
    }

    fn concerns(kept: &Kept<Self>, _: &Directory, site: SiteId) -> bool {
        kept.body.site_id == site.0
    }
}

/// One queue, live and as configured.
#[derive(Debug, Serialize, ToSchema)]
struct QueueDetail {
    #[serde(flatten)]
    live: QueueView,
    config: QueueBody,
}

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, replace, delete))
        .routes(routes!(stats))
        .routes(routes!(metrics))
        .routes(routes!(open))
        .routes(routes!(pause))
        .routes(routes!(close))
}

/// Lists queues as they stand, oldest first.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/queues", tag = "queues", params(SitePageQuery),
    responses((status = 200, description = "One page", body = Page<QueueView>)))]
async fn list(
    signed: Signed,
    Asked(query): Asked<SitePageQuery>,
) -> Result<Json<Page<QueueView>>, Problem> {
    signed.needs(QueueBody::READ)?;
    let rows = page_of(query.limit, signed.edge.limits())?;
    let caller = &signed.caller;
    let bound = caller.principal.bound_site(&caller.tenant.directory()).map(|site| site.0);
    let mut queues = caller.tenant.queues(query.site_id.or(bound)).await?;
    queues.retain(|queue| bound.is_none_or(|site| queue.site_id == site));
    queues.sort_unstable_by_key(|queue| queue.id);
    resource::cut(queues.into_iter(), &query, rows, |queue| queue.id).map(Json)
}

/// Creates a queue. It begins open.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/queues", tag = "queues", request_body = QueueBody,
    responses((status = 201, description = "Created", body = View<QueueBody>)))]
async fn create(call: Call<New<QueueBody>>) -> Result<Answer, Problem> {
    resource::create(call).await
}

/// Shows a queue: its state, the head of its line with reasons, and its configuration.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/queues/{id}", tag = "queues",
    responses((status = 200, description = "As it stands", body = QueueDetail)))]
async fn read(signed: Signed) -> Result<Response, Problem> {
    let queue = seen(&signed)?;
    let live = signed.caller.tenant.queue(queue).await?;
    let directory = signed.caller.tenant.directory();
    let kept = directory.queue(queue).ok_or(Problem::of(Code::NotFound))?;
    let detail = QueueDetail { live, config: kept.body.clone() };
    Ok(([(header::ETAG, etag(kept.version))], Json(detail)).into_response())
}

/// Replaces the configuration of a queue. People in line keep their places.
#[utoipa::path(put, path = "/api/v1/tenants/{tenant}/queues/{id}", tag = "queues", request_body = QueueBody,
    responses((status = 200, description = "As configured now", body = View<QueueBody>)))]
async fn replace(
    signed: Signed,
    expected: IfMatch,
    body: JsonBody<QueueBody>,
) -> Result<Response, Problem> {
    resource::replace(signed, expected, body.0).await
}

/// Deletes a queue in which nobody waits.
#[utoipa::path(delete, path = "/api/v1/tenants/{tenant}/queues/{id}", tag = "queues",
    responses((status = 204, description = "Deleted")))]
async fn delete(signed: Signed, expected: IfMatch) -> Result<StatusCode, Problem> {
    resource::delete::<QueueBody>(signed, expected).await
}

/// Live figures of a queue.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/queues/{id}/stats", tag = "queues",
    responses((status = 200, description = "As of now", body = StatsView)))]
async fn stats(signed: Signed) -> Result<Json<StatsView>, Problem> {
    let queue = seen(&signed)?;
    Ok(Json(signed.caller.tenant.stats(queue).await?))
}

/// How a queue stood, every half minute: newest first. After 90 days the last sample of each hour is left.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/queues/{id}/metrics", tag = "queues", params(MetricsQuery),
    responses((status = 200, description = "One page", body = Page<MetricsView>)))]
async fn metrics(
    signed: Signed,
    Asked(query): Asked<MetricsQuery>,
) -> Result<Json<Page<MetricsView>>, Problem> {
    signed.needs(&[Scope::ReadReports])?;
    let queue = stands(&signed)?;
    samples::page(&signed, queue, query).await.map(Json)
}

/// Opens a queue: people may join.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/queues/{id}/open", tag = "queues", request_body = NoQueueArgs,
    responses((status = 200, description = "As it stands now", body = QueueView)))]
async fn open(call: Call<NoQueueArgs>) -> Result<Answer, Problem> {
    change(call, |_| QueueChange::Open).await
}

/// Pauses a queue: nobody joins, those in line are served.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/queues/{id}/pause", tag = "queues", request_body = NoQueueArgs,
    responses((status = 200, description = "As it stands now", body = QueueView)))]
async fn pause(call: Call<NoQueueArgs>) -> Result<Answer, Problem> {
    change(call, |_| QueueChange::Pause).await
}

/// Closes a queue: nobody joins, and those in line are kept or sent away.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/queues/{id}/close", tag = "queues", request_body = CloseArgs,
    responses((status = 200, description = "As it stands now", body = QueueView)))]
async fn close(call: Call<CloseArgs>) -> Result<Answer, Problem> {
    change(call, CloseArgs::change).await
}

async fn change<A: crate::command::Args>(
    call: Call<A>,
    change: impl FnOnce(A) -> QueueChange,
) -> Result<Answer, Problem> {
    let queue = call.id()?;
    call.give(|args| Ok(Command::ChangeQueue { queue, change: change(args) })).await
}

/// The queue of the path, if the caller may see it.
fn seen(signed: &Signed) -> Result<QueueId, Problem> {
    signed.needs(QueueBody::READ)?;
    stands(signed)
}

/// The queue of the path, if there is one at a site that the caller sees.
fn stands(signed: &Signed) -> Result<QueueId, Problem> {
    let (queue, directory) = (signed.id()?, signed.caller.tenant.directory());
    let seen =
        directory.queue(queue).is_some() && signed.caller.principal.sees_site_of(&directory, queue);
    if seen { Ok(queue) } else { Err(Problem::of(Code::NotFound)) }
}
