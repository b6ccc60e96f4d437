//! Live figures of more than one queue: of a site, of the whole tenant.
//!
//! Merged from what the queues have published, so at most a second old; those of one queue are with `queues`.
//! Invariant: a device sees the figures of its own site only.

use actors::StatsView;
use axum::Json;
use domain::{Scope, SiteId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::edge::Edge;
use crate::extract::Signed;
use crate::problem::{Code, Problem};

const READ: &[Scope] = &[Scope::ReadQueue];

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(of_site)).routes(routes!(of_tenant))
}

/// Live figures of a site: all its queues merged.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/sites/{id}/stats", tag = "sites",
    responses((status = 200, description = "As of now", body = StatsView)))]
async fn of_site(signed: Signed) -> Result<Json<StatsView>, Problem> {
    signed.needs(READ)?;
    let (site, directory) = (signed.id::<SiteId>()?, signed.caller.tenant.directory());
    let bound = signed.caller.principal.bound_site(&directory);
    if directory.site(site).is_none() || bound.is_some_and(|bound| bound != site) {
        return Err(Problem::of(Code::NotFound));
    }
    Ok(Json(signed.caller.tenant.merged_stats(Some(site)).await?))
}

/// Live figures of the whole tenant: all queues merged.
///
/// A device, which belongs to one site, is refused.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/stats", tag = "tenants",
    responses((status = 200, description = "As of now", body = StatsView)))]
async fn of_tenant(signed: Signed) -> Result<Json<StatsView>, Problem> {
    signed.needs(READ)?;
    if signed.caller.principal.bound_site(&signed.caller.tenant.directory()).is_some() {
        let detail = "a device sees the figures of its own site only";
        return Err(Problem::new(Code::InsufficientScope, detail));
    }
    Ok(Json(signed.caller.tenant.merged_stats(None).await?))
}
