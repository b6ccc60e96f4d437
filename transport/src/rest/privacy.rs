//! For how long a tenant keeps what is personal.
//!
//! A job looks once a day. Figures stay: a visit is counted for ever, only whose it was is forgotten.
//! Invariant: only who may change settings changes this.

use actors::TenantChange;
use axum::Json;
use domain::Scope;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::edge::{Change, Edge};
use crate::extract::{JsonBody, Signed};
use crate::problem::Problem;

const SCOPES: &[Scope] = &[Scope::ManageSettings];
const DAYS_MAX: u32 = 3_650;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(read, replace))
}

/// How a tenant treats personal data.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Privacy {
    /// Days after a visit's end until name, phone, e-mail, notes and comment of it are forgotten, and a customer without
    /// a later visit with them: 1 to 3,650. Null: never.
    #[schema(example = 90)]
    retention_days: Option<u32>,
}

/// Shows how long what is personal is kept.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/privacy", tag = "privacy",
    responses((status = 200, description = "As it is", body = Privacy)))]
async fn read(signed: Signed) -> Result<Json<Privacy>, Problem> {
    signed.needs(SCOPES)?;
    Ok(Json(Privacy { retention_days: signed.caller.tenant.personal_days() }))
}

/// Sets how long what is personal is kept. What is older goes with the next daily run; nothing brings it back.
#[utoipa::path(put, path = "/api/v1/tenants/{tenant}/privacy", tag = "privacy", request_body = Privacy,
    responses((status = 200, description = "As it is now", body = Privacy)))]
async fn replace(
    signed: Signed,
    JsonBody(body): JsonBody<Privacy>,
) -> Result<Json<Privacy>, Problem> {
    signed.needs(SCOPES)?;
    if body.retention_days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        return Err(Problem::invalid("/retention_days", "give 1 to 3650 days, or null for never"));
    }
    let (edge, caller) = (&signed.edge, &signed.caller);
    let before = json!({ "retention_days": caller.tenant.personal_days() });
    let change =
        TenantChange { personal_days: Some(body.retention_days), ..TenantChange::default() };
    edge.engine().change_tenant(caller.tenant.slug(), change, None).await?;
    let (action, object) = ("privacy.replace".to_owned(), format!("tenant:{}", caller.tenant.id()));
    let after = Some(json!({ "retention_days": body.retention_days }));
    caller.record(edge, Change { action, object, before: Some(before), after });
    Ok(Json(body))
}
