//! Services: what people come for.
//!
//! The five routes of every configured thing, with who may use them.
//! Invariant: a service has to do with a site when the site has a queue for it.

use actors::{Directory, Kept, ServiceBody};
use domain::{Scope, SiteId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::resource::{Shown, SitePageQuery, View, resource_routes};
use crate::edge::{Caller, Edge};

impl Shown for ServiceBody {
    const READ: &'static [Scope] = &[Scope::ReadQueue];
    const WRITE: &'static [Scope] = &[Scope::ManageSettings];
    type View = View<Self>;

    fn view(kept: &Kept<Self>, _: &Caller) -> View<Self> {
        View::of(kept)
    }

    fn concerns(kept: &Kept<Self>, directory: &Directory, site: SiteId) -> bool {
        directory.queue_for(site, domain::ServiceId(kept.id)).is_some()
    }
}

resource_routes!(ServiceBody as View<ServiceBody>, tag "services", all "/api/v1/tenants/{tenant}/services", one "/api/v1/tenants/{tenant}/services/{id}", query SitePageQuery);

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(handlers::list, handlers::create)).routes(routes!(
        handlers::read,
        handlers::replace,
        handlers::delete
    ))
}
