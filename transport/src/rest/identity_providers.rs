//! Outside identity providers that people of a tenant sign in with: Keycloak, Entra ID, Google, any of OpenID Connect.
//!
//! What is configured is tried at once: the provider's documents are got and judged before anything is kept. Changing one
//! asks for a sign-in within the last minutes, and a new issuer asks for the client's secret anew: an old secret is not sent
//! to a new place. Invariant: a client's secret is in no answer and in no log.

mod body;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Scope;
use persistence::{ProviderRow, SaveError, StoreError};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use self::body::{IdentityProviderBody, IdentityProviderView};
use super::resource::{Page, PageQuery};
use crate::command::{Answer, etag};
use crate::edge::{Change, Edge};
use crate::external::Provider;
use crate::extract::{Asked, Call, IfMatch, JsonBody, Signed, page_of};
use crate::finish::Finish;
use crate::idempotency::{Deed, once};
use crate::problem::{Code, Problem};

const MANAGE: &[Scope] = &[Scope::ManageSettings];
/// In the audit log.
const KIND: &str = "identity_provider";
/// Each is a button on the sign-in page.
const PROVIDERS_MAX: usize = 8;
pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, replace, delete))
}

/// Lists the outside identity providers, oldest first.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/identity-providers", tag = "identity-providers", params(PageQuery),
    responses((status = 200, description = "One page", body = Page<IdentityProviderView>)))]
async fn list(
    signed: Signed,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<IdentityProviderView>>, Problem> {
    signed.needs(MANAGE)?;
    let rows = usize::try_from(page_of(query.limit, signed.edge.limits())?).unwrap_or(1);
    let mut all = all(&signed).await?;
    let after = query.cursor.as_deref();
    all.retain(|row| after.is_none_or(|after| row.provider.to_string().as_str() > after));
    let more = all.len() > rows;
    all.truncate(rows);
    let next_cursor = all.last().filter(|_| more).map(|last| last.provider.to_string());
    let items = all.into_iter().map(|row| view(&signed, row)).collect();
    Ok(Json(Page { items, next_cursor }))
}

/// Adds a provider, once its documents were got and judged.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/identity-providers", tag = "identity-providers",
    request_body = IdentityProviderBody,
    responses((status = 201, description = "Added", body = IdentityProviderView)))]
async fn create(call: Call<IdentityProviderBody>) -> Result<Answer, Problem> {
    let Call { signed, args, origin, .. } = call;
    let edge = signed.edge.clone();
    let now = edge.engine().clock().now();
    signed.caller.principal.signed_in_just_now(now)?;
    args.check(&edge).await?;
    let key = (signed.caller.tenant.id(), edge.engine().clock().new_id());
    let row = args.row(&edge, key, None, now)?;
    let tracker = edge.tracker().clone();
    Finish::new(&tracker, async move {
        let path = origin.path.clone();
        let caller = &signed.caller;
        once(caller, &origin, async |_| {
            let others = edge.engine().store().identity_providers(row.tenant).await;
            let others = others.map_err(|_| actors::AskError::OutcomeUnknown)?;
            room_for(&others, &row)?;
            let saved = edge.engine().store().save_identity_provider(row.clone(), None).await;
            saved.map_err(asked)?;
            let created = Change::of(KIND, "create", row.provider).to(facts(&row));
            caller.record(&edge, created);
            let id = row.provider;
            let view = IdentityProviderView::of(&edge, caller.tenant.slug(), row);
            let answer = Answer::json(201, &view).at(format!("{path}/{id}"));
            Ok(Deed::Unkept(answer.versioned(1)))
        })
        .await
    })
    .await
}

fn room_for(others: &[ProviderRow], row: &ProviderRow) -> Result<(), actors::AskError> {
    if others.iter().any(|other| other.slug == row.slug) {
        return Err(taken(&row.slug));
    }
    if others.len() >= PROVIDERS_MAX {
        let remedy = format!("a tenant has at most {PROVIDERS_MAX} providers; delete one");
        return Err(actors::AskError::Invalid { field: "slug".to_owned(), remedy });
    }
    Ok(())
}

fn taken(slug: &str) -> actors::AskError {
    actors::AskError::Taken { field: "slug".to_owned(), value: slug.to_owned() }
}

fn asked(error: SaveError) -> actors::AskError {
    match error {
        SaveError::KeyTaken { key, .. } => taken(&key),
        SaveError::VersionConflict { .. } | SaveError::Store(_) => actors::AskError::OutcomeUnknown,
    }
}

/// Shows one provider.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/identity-providers/{id}", tag = "identity-providers",
    responses((status = 200, description = "As it is", body = IdentityProviderView)))]
async fn read(signed: Signed) -> Result<Response, Problem> {
    signed.needs(MANAGE)?;
    let row = found(&signed).await?;
    Ok(shown(&signed, row))
}

/// Replaces a provider. Its secret stays when none is given, unless the issuer is another.
#[utoipa::path(put, path = "/api/v1/tenants/{tenant}/identity-providers/{id}", tag = "identity-providers",
    request_body = IdentityProviderBody,
    responses((status = 200, description = "As it is now", body = IdentityProviderView)))]
async fn replace(
    State(edge): State<Edge>,
    signed: Signed,
    expected: IfMatch,
    JsonBody(body): JsonBody<IdentityProviderBody>,
) -> Result<Response, Problem> {
    signed.needs(MANAGE)?;
    let now = edge.engine().clock().now();
    signed.caller.principal.signed_in_just_now(now)?;
    let old = found(&signed).await?;
    current(&old, expected)?;
    body.check(&edge).await?;
    let row = body.row(&edge, (old.tenant, old.provider), Some(&old), now)?;
    let saved = edge.engine().store().save_identity_provider(row.clone(), Some(old.version)).await;
    saved.map_err(unsaved)?;
    let changed = Change::of(KIND, "change", row.provider);
    signed.caller.record(&edge, changed.from(facts(&old)).to(facts(&row)));
    Ok(shown(&signed, row))
}

/// Removes a provider. Who was let in by it stays a member, and is let in again when it comes back.
#[utoipa::path(delete, path = "/api/v1/tenants/{tenant}/identity-providers/{id}", tag = "identity-providers",
    responses((status = 204, description = "Removed")))]
async fn delete(
    State(edge): State<Edge>,
    signed: Signed,
    expected: IfMatch,
) -> Result<StatusCode, Problem> {
    signed.needs(MANAGE)?;
    signed.caller.principal.signed_in_just_now(edge.engine().clock().now())?;
    let old = found(&signed).await?;
    current(&old, expected)?;
    let store = edge.engine().store();
    let gone = store.delete_identity_provider(old.tenant, old.provider, old.version).await;
    if !gone.map_err(unanswered)? {
        return Err(Problem::of(Code::VersionConflict));
    }
    let deleted = Change::of(KIND, "delete", old.provider).from(facts(&old));
    signed.caller.record(&edge, deleted);
    Ok(StatusCode::NO_CONTENT)
}

async fn all(signed: &Signed) -> Result<Vec<ProviderRow>, Problem> {
    let rows = signed.edge.engine().store().identity_providers(signed.caller.tenant.id()).await;
    rows.map_err(unanswered)
}

async fn found(signed: &Signed) -> Result<ProviderRow, Problem> {
    let id: Uuid = signed.id()?;
    let found = all(signed).await?.into_iter().find(|row| row.provider == id);
    found.ok_or(Problem::of(Code::NotFound))
}

fn current(row: &ProviderRow, expected: IfMatch) -> Result<(), Problem> {
    match expected.0 {
        Some(version) if version != row.version => {
            Err(Problem::of(Code::VersionConflict).fact("current", row.version))
        }
        Some(_) | None => Ok(()),
    }
}

fn view(signed: &Signed, row: ProviderRow) -> IdentityProviderView {
    IdentityProviderView::of(&signed.edge, signed.caller.tenant.slug(), row)
}

fn shown(signed: &Signed, row: ProviderRow) -> Response {
    ([(header::ETAG, etag(row.version))], Json(view(signed, row))).into_response()
}

/// What the audit log says: everything but the secret.
fn facts(row: &ProviderRow) -> Value {
    let provider = Provider::from(row.clone());
    let secret = row.client_secret.is_some();
    serde_json::to_value(IdentityProviderBody::of(&provider)).map_or(Value::Null, |mut facts| {
        facts["has_secret"] = json!(secret);
        facts
    })
}

fn unanswered(error: StoreError) -> Problem {
    tracing::error!(%error, "the store did not answer about identity providers");
    Problem::of(Code::OutcomeUnknown).retry_after(1)
}

fn unsaved(error: SaveError) -> Problem {
    match error {
        SaveError::VersionConflict { .. } => Problem::of(Code::VersionConflict),
        SaveError::KeyTaken { key, .. } => taken(&key).into(),
        SaveError::Store(error) => unanswered(error),
    }
}
