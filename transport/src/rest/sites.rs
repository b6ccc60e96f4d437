//! Sites: the branches of a tenant.
//!
//! The five routes of every configured thing, with who may use them.
//! Invariant: a device sees its own site only.

use actors::{Directory, Kept, SiteBody};
use domain::{Scope, SiteId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::resource::{PageQuery, Shown, View, resource_routes};
use crate::edge::{Caller, Edge};

impl Shown for SiteBody {
    const READ: &'static [Scope] = &[Scope::ReadQueue];
    const WRITE: &'static [Scope] = &[Scope::ManageSettings];
    type View = View<Self>;

    fn view(kept: &Kept<Self>, _: &Caller) -> View<Self> {
        View::of(kept)
    }

    fn concerns(kept: &Kept<Self>, _: &Directory, site: SiteId) -> bool {
        kept.id == site.0
    }
}

resource_routes!(SiteBody as View<SiteBody>, tag "sites", all "/api/v1/tenants/{tenant}/sites", one "/api/v1/tenants/{tenant}/sites/{id}", query PageQuery);

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(handlers::list, handlers::create)).routes(routes!(
        handlers::read,
        handlers::replace,
        handlers::delete
    ))
}
