//! Outside identity providers that people of a tenant sign in with: Keycloak, Entra ID, Google, any of OpenID Connect.
//!
//! What is configured is tried at once: the provider's documents are got and judged before anything is kept. Changing one
//! asks for a sign-in within the last minutes, and a new issuer asks for the client's secret anew: an old secret is not sent
//! to a new place. Invariant: a client's secret is in no answer and in no log.

use std::collections::BTreeMap;
use std::fmt;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Role, Scope, Timestamp};
use persistence::{ProviderRow, SaveError, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::resource::{Page, PageQuery};
use crate::command::{Answer, Args, etag};
use crate::edge::{Change, Edge};
use crate::external::{Provider, rank, sound_issuer};
use crate::extract::{Asked, Call, IfMatch, JsonBody, Signed, page_of};
use crate::finish::Finish;
use crate::idempotency::{Deed, once};
use crate::problem::{Code, Problem};

const MANAGE: &[Scope] = &[Scope::ManageSettings];
/// Each is a button on the sign-in page.
const PROVIDERS_MAX: usize = 8;
const TEXT_CHARS_MAX: usize = 200;
const SECRET_CHARS_MAX: usize = 1_024;
const SLUG_CHARS_MAX: usize = 40;
const GROUPS_MAX: usize = 200;

/// A secret on its way in; it cannot be printed.
#[derive(Clone, Deserialize, ToSchema)]
#[schema(value_type = String)]
struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Whatever holds one: nothing is written of it.
impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// A provider of OpenID Connect.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IdentityProviderBody {
    /// Unique in the tenant: 1 to 40 lower-case letters, digits and hyphens. Part of `redirect_uri`.
    #[schema(example = "staff")]
    slug: String,
    /// What people read on the button; 1 to 200 characters.
    #[schema(example = "Keycloak de la banque")]
    name: String,
    /// Exactly as the provider's discovery document says it; https.
    #[schema(example = "https://id.banque.example/realms/staff")]
    issuer: String,
    /// What we are called at the provider.
    #[schema(example = "smartqueue")]
    client_id: String,
    /// Ours at the provider. Left out at a change, it stays; an empty one makes a public client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, write_only, example = "k3yc10ak-53cr3t")]
    client_secret: Option<Secret>,
    /// With spaces between; `openid` is among them.
    #[serde(default = "usual_scopes")]
    #[schema(example = "openid profile email")]
    scopes: String,
    /// The claim of the ID token that holds the groups: its name, or the way to it with dots between.
    #[serde(default = "usual_claim")]
    #[schema(example = "groups")]
    groups_claim: String,
    /// From a group to admin, manager or agent. Of several the highest counts; at most 200. When there are any, the provider
    /// gives and takes roles at each sign-in; without any, roles are changed here.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>, example = json!({ "tellers": "agent", "heads": "manager" }))]
    roles: BTreeMap<String, Role>,
    /// Of whoever is in none of these groups: admin, manager or agent. Left out, they are not let in.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    default_role: Option<Role>,
    /// E-mail addresses count as confirmed even if the provider says nothing about it. For a directory of one's own only.
    #[serde(default)]
    trust_email: bool,
    /// Whoever signs in with a password already is linked by the confirmed e-mail address, and gets a letter about it.
    /// Otherwise they are refused.
    #[serde(default)]
    link_existing: bool,
    /// Shown on the sign-in page.
    #[serde(default = "yes")]
    enabled: bool,
}

fn usual_scopes() -> String {
    "openid profile email".to_owned()
}

fn usual_claim() -> String {
    "groups".to_owned()
}

const fn yes() -> bool {
    true
}

/// A provider, with what the server knows of it.
#[derive(Debug, Serialize, ToSchema)]
struct IdentityProviderView {
    id: Uuid,
    /// Counts changes, from 1; also the ETag.
    version: u64,
    #[serde(flatten)]
    body: IdentityProviderBody,
    /// Whether a client's secret is kept; it is never shown.
    has_secret: bool,
    /// What to register at the provider.
    #[schema(example = "https://queue.banque.example/oidc/banque-du-sahel/staff/callback")]
    redirect_uri: String,
    created_at: actors::At,
    updated_at: actors::At,
}

impl Args for IdentityProviderBody {
    const SCOPES: &'static [Scope] = MANAGE;
}

impl IdentityProviderBody {
    fn of(provider: &Provider) -> Self {
        let row = &provider.row;
        Self {
            slug: row.slug.clone(),
            name: row.name.clone(),
            issuer: row.issuer.clone(),
            client_id: row.client_id.clone(),
            client_secret: None,
            scopes: row.scopes.clone(),
            groups_claim: row.groups_claim.clone(),
            roles: provider.roles.clone(),
            default_role: provider.default_role,
            trust_email: row.trust_email,
            link_existing: row.link_existing,
            enabled: row.enabled,
        }
    }

    fn check_texts(&self) -> Result<(), Problem> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=SLUG_CHARS_MAX).contains(&self.slug.len());
        if !fits || !self.slug.bytes().all(plain) {
            let remedy = "give 1 to 40 lower-case letters, digits and hyphens";
            return Err(Problem::invalid("/slug", remedy));
        }
        let lines = [
            ("/name", &self.name),
            ("/client_id", &self.client_id),
            ("/groups_claim", &self.groups_claim),
        ];
        if let Some((field, _)) = lines.iter().find(|(_, text)| !is_line(text)) {
            let remedy = "give 1 to 200 characters without control characters";
            return Err(Problem::invalid(field, remedy));
        }
        sound_issuer(&self.issuer).map_err(|remedy| Problem::invalid("/issuer", remedy))?;
        let asks = self.scopes.split_ascii_whitespace().any(|scope| scope == "openid");
        if !asks || !is_line(&self.scopes) {
            let remedy = "give scopes with spaces between, openid among them";
            return Err(Problem::invalid("/scopes", remedy));
        }
        self.check_roles()
    }

    fn check_roles(&self) -> Result<(), Problem> {
        let remedy = "give admin, manager or agent";
        if self.default_role.is_some_and(|role| rank(role).is_none()) {
            return Err(Problem::invalid("/default_role", remedy));
        }
        if self.roles.values().any(|role| rank(*role).is_none()) {
            return Err(Problem::invalid("/roles", remedy));
        }
        if self.roles.len() > GROUPS_MAX || !self.roles.keys().all(|group| is_line(group)) {
            let remedy = "give at most 200 groups, each of 1 to 200 characters";
            return Err(Problem::invalid("/roles", remedy));
        }
        if self.roles.is_empty() && self.default_role.is_none() {
            let remedy = "give a role for a group, or default_role: else nobody is let in";
            return Err(Problem::invalid("/roles", remedy));
        }
        Ok(())
    }
}

fn is_line(text: &str) -> bool {
    let chars = text.trim().chars().count();
    (1..=TEXT_CHARS_MAX).contains(&chars) && !text.chars().any(char::is_control)
}

impl IdentityProviderBody {
    /// Judges it, and asks the provider for its documents.
    async fn check(&self, edge: &Edge) -> Result<(), Problem> {
        self.check_texts()?;
        if self.client_secret.as_ref().is_some_and(|secret| secret.0.len() > SECRET_CHARS_MAX) {
            return Err(Problem::invalid("/client_secret", "give at most 1024 characters"));
        }
        let asked = edge.outside().check(edge, &self.issuer).await;
        asked.map_err(|fault| Problem::invalid("/issuer", fault.to_string()))
    }

    /// The row as it is to be, over `old` or new.
    fn row(
        self,
        edge: &Edge,
        (tenant, provider): (domain::TenantId, Uuid),
        old: Option<&ProviderRow>,
        now: Timestamp,
    ) -> Result<ProviderRow, Problem> {
        let is_elsewhere = old.is_some_and(|old| old.issuer != self.issuer);
        let kept = old.and_then(|old| old.client_secret.clone());
        let client_secret = match self.client_secret {
            None if is_elsewhere && kept.is_some() => {
                let remedy = "give the secret of the new issuer, or an empty one";
                return Err(Problem::invalid("/client_secret", remedy));
            }
            None => kept,
            Some(secret) if secret.0.is_empty() => None,
            Some(secret) => {
                let sealed = edge.sign_in().seal_client(tenant, provider, secret.0.as_bytes());
                Some(sealed.ok_or(Problem::of(Code::Internal))?)
            }
        };
        Ok(ProviderRow {
            tenant,
            provider,
            slug: self.slug,
            name: self.name.trim().to_owned(),
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret,
            scopes: self.scopes,
            groups_claim: self.groups_claim,
            roles: serde_json::to_string(&self.roles).unwrap_or_default(),
            default_role: self.default_role.map(|role| role.to_string()),
            trust_email: self.trust_email,
            link_existing: self.link_existing,
            enabled: self.enabled,
            version: old.map_or(1, |old| old.version + 1),
            created_at: old.map_or(now, |old| old.created_at),
            updated_at: now,
        })
    }
}

impl IdentityProviderView {
    fn of(edge: &Edge, tenant: &str, row: ProviderRow) -> Self {
        let provider = Provider::from(row);
        let body = IdentityProviderBody::of(&provider);
        let redirect_uri = provider.redirect_uri(edge, tenant);
        let row = provider.row;
        Self {
            id: row.provider,
            version: row.version,
            body,
            has_secret: row.client_secret.is_some(),
            redirect_uri,
            created_at: actors::At(row.created_at),
            updated_at: actors::At(row.updated_at),
        }
    }
}

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
    let Call { signed, args, origin } = call;
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
            caller.record(&edge, change_of("create", row.provider, None, Some(facts(&row))));
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
    let change = change_of("change", row.provider, Some(facts(&old)), Some(facts(&row)));
    signed.caller.record(&edge, change);
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
    signed.caller.record(&edge, change_of("delete", old.provider, Some(facts(&old)), None));
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

fn change_of(verb: &str, id: Uuid, before: Option<Value>, after: Option<Value>) -> Change {
    let (action, object) = (format!("identity_provider.{verb}"), format!("identity_provider:{id}"));
    Change { action, object, before, after }
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
