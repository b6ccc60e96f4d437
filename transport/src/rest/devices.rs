//! Devices: kiosks and displays.
//!
//! The five routes of every configured thing, with who may use them.
//! Invariant: a device's token is no part of what is shown.

use actors::{DeviceBody, Directory, Kept};
use domain::{Scope, SiteId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::resource::{Shown, SitePageQuery, View, resource_routes};
use crate::auth::Principal;
use crate::edge::Edge;

impl Shown for DeviceBody {
    const READ: &'static [Scope] = &[Scope::ReadAgent];
    const WRITE: &'static [Scope] = &[Scope::ManageSettings];
    type View = View<Self>;

    fn view(kept: &Kept<Self>, _: &Principal) -> View<Self> {
        View::of(kept)
    }

    fn concerns(kept: &Kept<Self>, _: &Directory, site: SiteId) -> bool {
        kept.body.site_id == site.0
    }
}

resource_routes!(DeviceBody as View<DeviceBody>, tag "devices", all "/api/v1/tenants/{tenant}/devices", one "/api/v1/tenants/{tenant}/devices/{id}", query SitePageQuery);

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(handlers::list, handlers::create)).routes(routes!(
        handlers::read,
        handlers::replace,
        handlers::delete
    ))
}
