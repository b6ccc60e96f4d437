//! Agents: the people who serve, and those who supervise them.
//!
//! The five routes of every configured thing; an e-mail address is shown to holders of `read:agent` only.
//! Invariant: nobody makes, changes or removes an administrator without `manage:settings`.

use actors::{AgentBody, Directory, DispatchBody, Kept};
use domain::{QueueId, Role, Scope, SiteId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::resource::{Shown, SitePageQuery, resource_routes};
use crate::auth::Principal;
use crate::edge::{Caller, Edge};
use crate::problem::{Code, Problem};

/// One member of staff, as configured.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AgentConfigView {
    id: Uuid,
    /// Counts changes, from 1; also the ETag.
    version: u64,
    created_at: actors::At,
    updated_at: actors::At,
    #[schema(example = "Awa Diop")]
    name: String,
    /// For holders of `read:agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// admin, manager or agent.
    #[schema(value_type = String, example = "agent")]
    role: Role,
    queues: Vec<Uuid>,
    skills: Vec<String>,
    dispatch: DispatchBody,
    counter_id: Option<Uuid>,
    wrap_up_seconds: u32,
    offer_timeout_seconds: u32,
    offers_missed_max: u8,
    auto_accept: bool,
    active: bool,
}

impl Shown for AgentBody {
    const READ: &'static [Scope] = &[Scope::ReadAgent, Scope::ReadTicket];
    const WRITE: &'static [Scope] = &[Scope::ManageAgent];
    type View = AgentConfigView;

    fn view(kept: &Kept<Self>, caller: &Caller) -> AgentConfigView {
        let body = kept.body.clone();
        AgentConfigView {
            id: kept.id,
            version: kept.version,
            created_at: actors::At(kept.created_at),
            updated_at: actors::At(kept.updated_at),
            name: body.name,
            email: caller.principal.scopes.has(Scope::ReadAgent).then_some(body.email),
            role: body.role,
            queues: body.queues,
            skills: body.skills,
            dispatch: body.dispatch,
            counter_id: body.counter_id,
            wrap_up_seconds: body.wrap_up_seconds,
            offer_timeout_seconds: body.offer_timeout_seconds,
            offers_missed_max: body.offers_missed_max,
            auto_accept: body.auto_accept,
            active: body.active,
        }
    }

    fn concerns(kept: &Kept<Self>, directory: &Directory, site: SiteId) -> bool {
        let of_site = |queue: &Uuid| {
            directory.queue(QueueId(*queue)).is_some_and(|queue| queue.body.site_id == site.0)
        };
        kept.body.queues.iter().any(of_site)
    }

    fn may_change(
        old: Option<&Self>,
        new: Option<&Self>,
        principal: &Principal,
    ) -> Result<(), Problem> {
        let is_admin = |body: Option<&Self>| body.is_some_and(|body| body.role == Role::Admin);
        if (is_admin(old) || is_admin(new)) && !principal.scopes.has(Scope::ManageSettings) {
            return Err(Problem::new(
                Code::InsufficientScope,
                "administrators are changed by administrators only",
            ));
        }
        Ok(())
    }
}

resource_routes!(AgentBody as AgentConfigView, tag "agents", all "/api/v1/tenants/{tenant}/agents", one "/api/v1/tenants/{tenant}/agents/{id}", query SitePageQuery);

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(handlers::list, handlers::create)).routes(routes!(
        handlers::read,
        handlers::replace,
        handlers::delete
    ))
}
