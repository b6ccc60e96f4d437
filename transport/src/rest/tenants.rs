//! Tenants: made and renamed by the platform, seen by their own people.
//!
//! These routes stand above tenants, so nobody is let in here: the token alone is judged.
//! Invariant: a tenant other than one's own does not exist, unless one is the platform.

use std::sync::Arc;

use actors::{At, TenantChange, TenantInfo, TenantLimits};
use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Scope, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::resource::{Page, PageQuery};
use crate::auth::Principal;
use crate::command::etag;
use crate::edge::{Change, Edge, Trail, Witness};
use crate::extract::{Asked, IfMatch, JsonBody, bearer, page_of};
use crate::problem::{Code, Problem};

const SLUG_BYTES_MAX: usize = 64;
const NAME_CHARS_MAX: usize = 120;

/// Somebody whose token is good, whatever their tenant.
struct Visitor(Arc<Principal>, Trail);

impl FromRequestParts<Edge> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let principal = edge.verifier().verify(bearer(&parts.headers)?)?;
        Witness::note(&parts.extensions, &principal);
        Ok(Self(principal, Trail::of(&parts.extensions)))
    }
}

/// A new tenant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TenantBody {
    /// Short name for URLs: lower-case letters, digits and hyphens.
    #[schema(example = "banque-du-sahel")]
    slug: String,
    #[schema(example = "Banque du Sahel")]
    name: String,
}

/// What can be changed of a tenant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TenantTerms {
    #[schema(example = "Banque du Sahel")]
    name: String,
    /// Left out, they stay as they are; a limit left out inside is none.
    #[serde(default)]
    limits: Option<TenantLimits>,
}

/// One customer of ours.
#[derive(Debug, Serialize, ToSchema)]
struct TenantView {
    id: Uuid,
    slug: String,
    name: String,
    /// Counts changes, from 1; also the ETag.
    version: u64,
    /// Since when nobody of it is let in; null for a tenant that works.
    suspended_at: Option<At>,
    limits: TenantLimits,
}

impl From<TenantInfo> for TenantView {
    fn from(info: TenantInfo) -> Self {
        Self {
            id: info.id.0,
            slug: info.slug,
            name: info.name,
            version: info.version,
            suspended_at: info.standing.suspended_at.map(At),
            limits: info.standing.limits,
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, change))
        .routes(routes!(suspend))
        .routes(routes!(resume))
}

/// Lists tenants by slug.
#[utoipa::path(get, path = "/api/v1/tenants", tag = "tenants", params(PageQuery),
    responses((status = 200, description = "One page", body = Page<TenantView>)))]
async fn list(
    State(edge): State<Edge>,
    Visitor(visitor, _): Visitor,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<TenantView>>, Problem> {
    visitor.holds_any(&[Scope::Platform])?;
    let rows = usize::try_from(page_of(query.limit, edge.limits())?).unwrap_or(1);
    let mut tenants = edge.engine().tenants();
    tenants.sort_unstable_by(|one, other| one.slug.cmp(&other.slug));
    tenants.retain(|tenant| query.cursor.as_ref().is_none_or(|after| tenant.slug > *after));
    let next_cursor =
        tenants.get(rows).and_then(|_| tenants.get(rows - 1)).map(|last| last.slug.clone());
    tenants.truncate(rows);
    Ok(Json(Page { items: tenants.into_iter().map(TenantView::from).collect(), next_cursor }))
}

/// Creates a tenant. Its slug is its key: a repetition answers 409 `taken`.
#[utoipa::path(post, path = "/api/v1/tenants", tag = "tenants", request_body = TenantBody,
    responses((status = 201, description = "Created", body = TenantView)))]
async fn create(
    State(edge): State<Edge>,
    Visitor(visitor, trail): Visitor,
    JsonBody(body): JsonBody<TenantBody>,
) -> Result<Response, Problem> {
    visitor.holds_any(&[Scope::Platform])?;
    check_slug(&body.slug)?;
    check_name(&body.name)?;
    let tenant = edge.engine().create_tenant(&body.slug, body.name.trim()).await?;
    let after = json!({ "slug": body.slug, "name": body.name.trim() });
    let made = deed(tenant.id(), "tenant.create", None, Some(after));
    edge.record(tenant.id(), &visitor.who, &trail, made);
    let location = format!("/api/v1/tenants/{}", body.slug);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], shown(found(&edge, &body.slug)?))
        .into_response())
}

/// Shows a tenant: to the platform any, to others their own.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}", tag = "tenants",
    responses((status = 200, description = "As it is", body = TenantView)))]
async fn read(
    State(edge): State<Edge>,
    Visitor(visitor, _): Visitor,
    Path(slug): Path<String>,
) -> Result<Response, Problem> {
    if !visitor.scopes.has(Scope::Platform) {
        edge.admit_principal(&slug, visitor)?;
    }
    Ok(shown(found(&edge, &slug)?))
}

/// Renames a tenant and sets its limits. The slug stays, and so does what there is beyond a limit.
#[utoipa::path(put, path = "/api/v1/tenants/{tenant}", tag = "tenants", request_body = TenantTerms,
    responses((status = 200, description = "As it is now", body = TenantView)))]
async fn change(
    State(edge): State<Edge>,
    Visitor(visitor, trail): Visitor,
    Path(slug): Path<String>,
    expected: IfMatch,
    JsonBody(body): JsonBody<TenantTerms>,
) -> Result<Response, Problem> {
    by_platform(&edge, &slug, &visitor)?;
    check_name(&body.name)?;
    let name = Some(body.name.trim().to_owned());
    let wanted = TenantChange { name, limits: body.limits, ..TenantChange::default() };
    let before = found(&edge, &slug).ok().map(|tenant| json!({ "name": tenant.name }));
    let tenant = edge.engine().change_tenant(&slug, wanted, expected.0).await?;
    let after = Some(json!({ "name": tenant.name }));
    let renamed = deed(tenant.id, "tenant.rename", before, after);
    edge.record(tenant.id, &visitor.who, &trail, renamed);
    Ok(shown(tenant))
}

/// What happens to a tenant stands in its own log, whoever did it.
fn deed(tenant: TenantId, action: &str, before: Option<Value>, after: Option<Value>) -> Change {
    Change { action: action.to_owned(), object: format!("tenant:{tenant}"), before, after }
}

/// Shuts a tenant out: its tokens are refused from the next request on, and its sockets close. Nothing is lost.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/suspend", tag = "tenants",
    responses((status = 200, description = "As it is now", body = TenantView)))]
async fn suspend(
    State(edge): State<Edge>,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result<Response, Problem> {
    set_suspended(&edge, &slug, visitor, true).await
}

/// Lets a suspended tenant in again.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/resume", tag = "tenants",
    responses((status = 200, description = "As it is now", body = TenantView)))]
async fn resume(
    State(edge): State<Edge>,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result<Response, Problem> {
    set_suspended(&edge, &slug, visitor, false).await
}

async fn set_suspended(
    edge: &Edge,
    slug: &str,
    Visitor(visitor, trail): Visitor,
    suspended: bool,
) -> Result<Response, Problem> {
    by_platform(edge, slug, &visitor)?;
    let wanted = TenantChange { suspended: Some(suspended), ..TenantChange::default() };
    let tenant = edge.engine().change_tenant(slug, wanted, None).await?;
    let action = if suspended { "tenant.suspend" } else { "tenant.resume" };
    edge.record(tenant.id, &visitor.who, &trail, deed(tenant.id, action, None, None));
    Ok(shown(tenant))
}

/// Others learn that they may not only of their own tenant.
fn by_platform(edge: &Edge, slug: &str, visitor: &Arc<Principal>) -> Result<(), Problem> {
    if !visitor.scopes.has(Scope::Platform) {
        edge.admit_principal(slug, Arc::clone(visitor))?;
    }
    visitor.holds_any(&[Scope::Platform])
}

fn found(edge: &Edge, slug: &str) -> Result<TenantInfo, Problem> {
    edge.engine()
        .tenants()
        .into_iter()
        .find(|tenant| tenant.slug == slug)
        .ok_or(Problem::of(Code::NotFound))
}

fn shown(tenant: TenantInfo) -> Response {
    ([(header::ETAG, etag(tenant.version))], Json(TenantView::from(tenant))).into_response()
}

fn check_slug(slug: &str) -> Result<(), Problem> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=SLUG_BYTES_MAX).contains(&slug.len()) && slug.bytes().all(plain) {
        return Ok(());
    }
    Err(Problem::invalid("/slug", "give 1 to 64 lower-case letters, digits or hyphens"))
}

fn check_name(name: &str) -> Result<(), Problem> {
    let chars = name.trim().chars().count();
    if (1..=NAME_CHARS_MAX).contains(&chars) && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Problem::invalid("/name", "give 1 to 120 characters without control characters"))
}
