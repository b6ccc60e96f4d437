//! Devices: kiosks and displays, and how each stands.
//!
//! The five routes of every configured thing, pairing one by the code that its page shows, and revoking one.
//! Invariant: a device's credential is no part of what is shown.

use actors::{Ask, AskError, DeviceBody, DeviceKind, Directory, Kept, Resource as _};
use domain::{DeviceId, Scope, SiteId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::resource::{Shown, SitePageQuery, View, resource_routes};
use crate::command::{Answer, Args, sound_text};
use crate::edge::{Caller, Change, ClientAddress, Edge, Offered};
use crate::extract::Call;
use crate::finish::Finish;
use crate::idempotency::{Deed, Origin, once};
use crate::problem::Problem;

const NAME_CHARS_MAX: usize = 120;

/// One device, with what the server knows of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeviceView {
    #[serde(flatten)]
    device: View<DeviceBody>,
    /// Heard within the last minute, or holding a socket.
    online: bool,
    last_seen_at: Option<actors::At>,
    /// When it was given its credential; null for a device that was never paired.
    paired_at: Option<actors::At>,
    /// Since when it has none.
    revoked_at: Option<actors::At>,
}

impl Shown for DeviceBody {
    const READ: &'static [Scope] = &[Scope::ReadAgent];
    const WRITE: &'static [Scope] = &[Scope::ManageSettings];
    type View = DeviceView;

    fn view(kept: &Kept<Self>, caller: &Caller) -> DeviceView {
        let status = caller.tenant.device_status(DeviceId(kept.id));
        DeviceView {
            device: View::of(kept),
            online: status.online,
            last_seen_at: status.last_seen_at.map(actors::At),
            paired_at: status.paired_at.map(actors::At),
            revoked_at: status.revoked_at.map(actors::At),
        }
    }

    fn concerns(kept: &Kept<Self>, _: &Directory, site: SiteId) -> bool {
        kept.body.site_id == site.0
    }
}

resource_routes!(DeviceBody as DeviceView, tag "devices", all "/api/v1/tenants/{tenant}/devices", one "/api/v1/tenants/{tenant}/devices/{id}", query SitePageQuery);

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(handlers::list, handlers::create))
        .routes(routes!(pair))
        .routes(routes!(handlers::read, handlers::replace, handlers::delete))
        .routes(routes!(revoke))
}

/// Lets the page that shows this code in as a device.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PairArgs {
    /// Six digits, as the page shows them.
    #[schema(example = "482913")]
    code: String,
    site_id: Uuid,
    kind: DeviceKind,
    /// A device of this name at the site is taken over; else one is made.
    #[schema(example = "Hall display")]
    name: String,
}

impl Args for PairArgs {
    const SCOPES: &'static [Scope] = DeviceBody::WRITE;
}

/// Nothing more than the path says.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RevokeArgs {}

impl Args for RevokeArgs {
    const SCOPES: &'static [Scope] = DeviceBody::WRITE;
}

/// Pairs the page that shows a code: it becomes a device of the site, new or known by its name.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/devices/pair", tag = "devices", request_body = PairArgs,
    responses((status = 200, description = "The device; its page fetches its credential within seconds", body = DeviceView)))]
async fn pair(address: ClientAddress, call: Call<PairArgs>) -> Result<Answer, Problem> {
    let Call { signed, args, origin, .. } = call;
    let (edge, caller) = (signed.edge, signed.caller);
    sound_text("/name", &args.name, NAME_CHARS_MAX)?;
    edge.wrong_codes().check(address, edge.engine().clock().now())?;
    Finish::new(&edge.tracker().clone(), async move {
        once(&caller, &origin, async |hash| {
            let ask = Ask { cause: Some(Origin::cause(&hash)), ..caller.principal.ask() };
            let now = edge.engine().clock().now();
            let Some(offered) = edge.pairings().take(&args.code, now) else {
                edge.wrong_codes().add(address, now);
                return Err(AskError::NotFound);
            };
            match let_in(&caller, &args, &offered, ask).await {
                Ok(device) => {
                    edge.pairings().grant(
                        &offered,
                        &caller.tenant,
                        DeviceId(device.id),
                        &caller.principal.who,
                    );
                    let paired = Change::of("device", "pair", device.id).to(&device.body);
                    caller.record(&edge, paired);
                    Ok(Deed::Unkept(Answer::json(200, &DeviceBody::view(&device, &caller))))
                }
                Err(error) => {
                    edge.pairings().give_back(&offered);
                    Err(error)
                }
            }
        })
        .await
    })
    .await
}

/// The device of that name at the site, or a new one.
async fn let_in(
    caller: &Caller,
    args: &PairArgs,
    offered: &Offered,
    ask: Ask,
) -> Result<Kept<DeviceBody>, AskError> {
    let field =
        |remedy: &str| AskError::Invalid { field: "kind".to_owned(), remedy: remedy.to_owned() };
    if offered.kind != args.kind {
        return Err(field("the page that shows this code is of the other kind"));
    }
    let body =
        DeviceBody { site_id: args.site_id, kind: args.kind, name: args.name.trim().to_owned() };
    let directory = caller.tenant.directory();
    match directory.by_key::<DeviceBody>(&body.key()) {
        Some(known) if known.body.kind == body.kind => Ok(known.clone()),
        Some(_) => Err(field("a device of this name at the site is of the other kind")),
        None => caller.tenant.create(body, ask).await,
    }
}

/// Ends the credential, the tokens and the sockets of a device, until it is paired again.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/devices/{id}/revoke", tag = "devices", request_body = RevokeArgs,
    responses((status = 200, description = "As it stands now", body = DeviceView)))]
async fn revoke(call: Call<RevokeArgs>) -> Result<Answer, Problem> {
    let id: DeviceId = call.id()?;
    let Call { signed, origin, args: RevokeArgs {}, .. } = call;
    let (edge, caller) = (signed.edge, signed.caller);
    Finish::new(&edge.tracker().clone(), async move {
        once(&caller, &origin, async |_| {
            caller.tenant.revoke_device(id, caller.principal.ask()).await?;
            caller.record(&edge, Change::of("device", "revoke", id));
            let directory = caller.tenant.directory();
            let device = directory.device(id).ok_or(AskError::NotFound)?;
            Ok(Deed::Unkept(Answer::json(200, &DeviceBody::view(device, &caller))))
        })
        .await
    })
    .await
}
