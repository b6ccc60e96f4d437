//! Counters: the desks that people walk to.
//!
//! The five routes of every configured thing, with who may use them.
//! Invariant: a device sees the counters of its own site only.

use actors::{CounterBody, Directory, Kept};
use domain::{Scope, SiteId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::resource::{Shown, SitePageQuery, View, resource_routes};
use crate::edge::{Caller, Edge};

impl Shown for CounterBody {
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

resource_routes!(CounterBody as View<CounterBody>, tag "counters", all "/api/v1/tenants/{tenant}/counters", one "/api/v1/tenants/{tenant}/counters/{id}", query SitePageQuery);

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(handlers::list, handlers::create)).routes(routes!(
        handlers::read,
        handlers::replace,
        handlers::delete
    ))
}
