//! Programs that a tenant lets ask for tokens: web pages and apps of its own, and services with a role.
//!
//! A confidential client's secret is in the answer to its making and nowhere else; it is kept as a hash, and a repeated
//! request gets the answer without it. Changing programs asks for a sign-in within the last minutes.
//! Invariant: an address that anybody could listen at is never registered.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Role, Scope, Scopes, Timestamp};
use persistence::{ClientRow, SaveError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::resource::{Page, PageQuery};
use crate::command::{Answer, Args, etag};
use crate::edge::{Caller, Change, Edge};
use crate::extract::{Asked, Call, IfMatch, JsonBody, Signed, page_of};
use crate::finish::Finish;
use crate::idempotency::{Deed, once};
use crate::oauth::{
    AUTHORIZATION_CODE, CLIENT_CREDENTIALS, GRANTS, hash, may_be_registered, random,
};
use crate::problem::{Code, Problem};

const MANAGE: &[Scope] = &[Scope::ManageSettings];
const NAME_CHARS_MAX: usize = 120;
const ADDRESSES_MAX: usize = 20;
/// Of the random part of an id: 96 bits are never drawn twice.
const ID_CHARS: usize = 16;

/// A program that may ask for tokens.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Tableau de bord", "redirect_uris": ["https://app.example/callback"], "scopes": "read:queue read:ticket",
}))]
pub(super) struct ClientBody {
    /// What people read when they are asked for consent.
    #[schema(example = "Tableau de bord")]
    name: String,
    /// Can keep a secret: a service of its own. Chosen once.
    #[serde(default)]
    confidential: bool,
    /// Where people come back to: https, a private-use scheme, or the person's own machine (any port).
    #[serde(default)]
    #[schema(example = json!(["https://app.example/callback"]))]
    redirect_uris: Vec<String>,
    /// Of `authorization_code`, `refresh_token` and, for confidential ones, `client_credentials`.
    #[serde(default = "people")]
    grants: Vec<String>,
    /// The most it can be granted, with spaces between.
    #[schema(example = "read:queue read:ticket")]
    scopes: String,
    /// What it is when it acts in its own name: `admin`, `manager` or `agent`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    /// A disabled program gets no token.
    #[serde(default = "yes")]
    active: bool,
}

fn people() -> Vec<String> {
    vec!["authorization_code".to_owned(), "refresh_token".to_owned()]
}

const fn yes() -> bool {
    true
}

/// A program, with what the server knows of it.
#[derive(Debug, Serialize, ToSchema)]
struct ClientView {
    /// Its `client_id`.
    #[schema(example = "banque-du-sahel.Zm9vYmFyYmF6cXV4")]
    id: String,
    /// Counts changes, from 1; also the ETag.
    version: u64,
    created_at: actors::At,
    updated_at: actors::At,
    #[serde(flatten)]
    body: ClientBody,
    /// Shown once, to whoever made a confidential one.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl Args for ClientBody {
    const SCOPES: &'static [Scope] = MANAGE;
}

impl From<ClientRow> for ClientView {
    fn from(row: ClientRow) -> Self {
        let body = ClientBody {
            name: row.name,
            confidential: row.secret_hash.is_some(),
            redirect_uris: row.redirect_uris,
            grants: row.grants,
            scopes: row.scopes,
            role: row.role.and_then(|role| role.parse().ok()),
            active: row.disabled_at.is_none(),
        };
        let (created_at, updated_at) = (actors::At(row.created_at), actors::At(row.updated_at));
        Self { id: row.client_id, version: row.version, created_at, updated_at, body, secret: None }
    }
}

impl ClientBody {
    fn check(&self, caller: &Caller) -> Result<(), Problem> {
        let chars = self.name.trim().chars().count();
        if !(1..=NAME_CHARS_MAX).contains(&chars) || self.name.chars().any(char::is_control) {
            return Err(Problem::invalid(
                "/name",
                "give 1 to 120 characters without control characters",
            ));
        }
        let Ok(scopes) = self.scopes.parse::<Scopes>() else {
            return Err(Problem::invalid("/scopes", "give scopes of the API with spaces between"));
        };
        if scopes.and(caller.principal.scopes) != scopes {
            let detail = "a program may be granted no more than the one who registers it";
            return Err(Problem::new(Code::InsufficientScope, detail));
        }
        let addresses = &self.redirect_uris;
        let sound =
            addresses.len() <= ADDRESSES_MAX && addresses.iter().all(|one| may_be_registered(one));
        if !sound {
            let remedy = "give at most 20, each https, of a private-use scheme, or http on 127.0.0.1 or [::1]";
            return Err(Problem::invalid("/redirect_uris", remedy));
        }
        self.check_grants()
    }

    fn check_grants(&self) -> Result<(), Problem> {
        let has = |grant: &str| self.grants.iter().any(|known| known == grant);
        if self.grants.is_empty()
            || !self.grants.iter().all(|grant| GRANTS.contains(&grant.as_str()))
        {
            return Err(Problem::invalid("/grants", "give at least one of the grants there are"));
        }
        if has(AUTHORIZATION_CODE) == self.redirect_uris.is_empty() {
            let remedy = "an address is needed for authorization_code, and only for it";
            return Err(Problem::invalid("/redirect_uris", remedy));
        }
        let serves = matches!(self.role, Some(Role::Admin | Role::Manager | Role::Agent));
        if has(CLIENT_CREDENTIALS) != (self.confidential && serves) {
            let remedy =
                "client_credentials goes with confidential and a role of admin, manager or agent";
            return Err(Problem::invalid("/grants", remedy));
        }
        Ok(())
    }

    /// The row as it is to be, over `old` or new.
    fn row(
        self,
        caller: &Caller,
        id: String,
        old: Option<&ClientRow>,
        now: Timestamp,
    ) -> ClientRow {
        let was_disabled = old.and_then(|old| old.disabled_at);
        ClientRow {
            tenant: caller.tenant.id(),
            client_id: id,
            name: self.name.trim().to_owned(),
            secret_hash: old.and_then(|old| old.secret_hash),
            redirect_uris: self.redirect_uris,
            grants: self.grants,
            scopes: self.scopes,
            role: self.role.map(|role| role.to_string()),
            first_party: false,
            disabled_at: if self.active { None } else { was_disabled.or(Some(now)) },
            version: old.map_or(1, |old| old.version + 1),
            created_at: old.map_or(now, |old| old.created_at),
            updated_at: now,
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, replace, delete))
}

/// Lists the programs that may ask for tokens.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/clients", tag = "clients", params(PageQuery),
    responses((status = 200, description = "One page", body = Page<ClientView>)))]
async fn list(
    signed: Signed,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<ClientView>>, Problem> {
    signed.needs(MANAGE)?;
    let rows = usize::try_from(page_of(query.limit, signed.edge.limits())?).unwrap_or(1);
    let all = signed.edge.engine().store().clients(signed.caller.tenant.id()).await;
    let mut all = all.map_err(unanswered)?;
    all.sort_unstable_by(|one, other| one.client_id.cmp(&other.client_id));
    all.retain(|row| query.cursor.as_ref().is_none_or(|after| row.client_id > *after));
    let more = all.len() > rows;
    all.truncate(rows);
    let next_cursor = all.last().filter(|_| more).map(|last| last.client_id.clone());
    Ok(Json(Page { items: all.into_iter().map(ClientView::from).collect(), next_cursor }))
}

/// Registers a program. The secret of a confidential one is in this answer only.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/clients", tag = "clients", request_body = ClientBody,
    responses((status = 201, description = "Registered", body = ClientView)))]
async fn create(call: Call<ClientBody>) -> Result<Answer, Problem> {
    let Call { signed, args, origin, .. } = call;
    args.check(&signed.caller)?;
    let (caller, edge, path) = (signed.caller, signed.edge, origin.path.clone());
    let now = edge.engine().clock().now();
    caller.principal.signed_in_just_now(now)?;
    let drawn = random().zip(random()).ok_or(Problem::of(Code::Internal))?;
    let id = format!("{}.{}", caller.tenant.slug(), &drawn.0[..ID_CHARS]);
    let secret = args.confidential.then_some(drawn.1);
    let kept_hash = secret.as_deref().map(hash);
    let row = ClientRow { secret_hash: kept_hash, ..args.row(&caller, id, None, now) };
    let store = std::sync::Arc::clone(edge.engine().store());
    let made = row.clone();
    let answer = Finish::new(&edge.tracker().clone(), async move {
        once(&caller, &origin, async |_| {
            store
                .save_client(made.clone(), None)
                .await
                .map_err(|_| actors::AskError::OutcomeUnknown)?;
            let created = Change::of("client", "create", &made.client_id);
            caller.record(&edge, created.to(facts(made.clone())));
            Ok(Deed::Unkept(Answer::json(201, &ClientView::from(made))))
        })
        .await
    })
    .await?;
    if answer.is_replay {
        return Ok(answer);
    }
    let location = format!("{path}/{}", row.client_id);
    let view = ClientView { secret, ..ClientView::from(row) };
    Ok(Answer::json(201, &view).at(location).versioned(1))
}

/// Shows one program.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/clients/{id}", tag = "clients",
    responses((status = 200, description = "As registered", body = ClientView)))]
async fn read(signed: Signed) -> Result<Response, Problem> {
    signed.needs(MANAGE)?;
    Ok(shown(found(&signed).await?))
}

/// Replaces what is registered. Its secret stays, and whether it has one.
#[utoipa::path(put, path = "/api/v1/tenants/{tenant}/clients/{id}", tag = "clients", request_body = ClientBody,
    responses((status = 200, description = "As registered now", body = ClientView)))]
async fn replace(
    State(edge): State<Edge>,
    signed: Signed,
    expected: IfMatch,
    JsonBody(body): JsonBody<ClientBody>,
) -> Result<Response, Problem> {
    signed.needs(MANAGE)?;
    body.check(&signed.caller)?;
    let now = edge.engine().clock().now();
    signed.caller.principal.signed_in_just_now(now)?;
    let old = found(&signed).await?;
    current(&old, expected)?;
    if body.confidential != old.secret_hash.is_some() {
        return Err(Problem::invalid(
            "/confidential",
            "this is chosen once; register another program",
        ));
    }
    let row = body.row(&signed.caller, old.client_id.clone(), Some(&old), now);
    edge.engine().store().save_client(row.clone(), Some(old.version)).await.map_err(unsaved)?;
    end_tokens(&edge, &signed.caller, &row.client_id).await?;
    let changed = Change::of("client", "change", &row.client_id);
    signed.caller.record(&edge, changed.from(facts(old)).to(facts(row.clone())));
    Ok(shown(row))
}

/// Forgets a program. Tokens that it got by itself end at once.
#[utoipa::path(delete, path = "/api/v1/tenants/{tenant}/clients/{id}", tag = "clients",
    responses((status = 204, description = "Forgotten")))]
async fn delete(
    State(edge): State<Edge>,
    signed: Signed,
    expected: IfMatch,
) -> Result<StatusCode, Problem> {
    signed.needs(MANAGE)?;
    let now = edge.engine().clock().now();
    signed.caller.principal.signed_in_just_now(now)?;
    let old = found(&signed).await?;
    current(&old, expected)?;
    let gone = edge.engine().store().delete_client(old.tenant, &old.client_id).await;
    gone.map_err(unanswered)?;
    let forgotten = edge.engine().store().forget_consents_to(old.tenant, &old.client_id).await;
    forgotten.map_err(unanswered)?;
    end_tokens(&edge, &signed.caller, &old.client_id).await?;
    let deleted = Change::of("client", "delete", &old.client_id);
    signed.caller.record(&edge, deleted.from(facts(old)));
    Ok(StatusCode::NO_CONTENT)
}

/// What the audit log says: everything but the secret.
fn facts(row: ClientRow) -> ClientBody {
    ClientView::from(row).body
}

async fn end_tokens(edge: &Edge, caller: &Caller, client_id: &str) -> Result<(), Problem> {
    let (tenant, subject) = (&caller.tenant, format!("client:{client_id}"));
    let ended = edge.end_subject((tenant.id(), Some(tenant.slug())), &subject).await;
    ended.map_err(unanswered)
}

async fn found(signed: &Signed) -> Result<ClientRow, Problem> {
    let id: String = signed.id()?;
    let row = signed.edge.engine().store().client(signed.caller.tenant.id(), &id).await;
    row.map_err(unanswered)?.ok_or(Problem::of(Code::NotFound))
}

fn current(row: &ClientRow, expected: IfMatch) -> Result<(), Problem> {
    match expected.0 {
        Some(version) if version != row.version => {
            Err(Problem::of(Code::VersionConflict).fact("current", row.version))
        }
        Some(_) | None => Ok(()),
    }
}

fn shown(row: ClientRow) -> Response {
    ([(header::ETAG, etag(row.version))], Json(ClientView::from(row))).into_response()
}

fn unanswered(error: persistence::StoreError) -> Problem {
    tracing::error!(%error, "the store did not answer about clients");
    Problem::of(Code::OutcomeUnknown).retry_after(1)
}

fn unsaved(error: SaveError) -> Problem {
    match error {
        SaveError::VersionConflict { .. } => Problem::of(Code::VersionConflict),
        other @ (SaveError::KeyTaken { .. } | SaveError::Store(_)) => {
            tracing::error!(error = %other, "a client was not kept");
            Problem::of(Code::OutcomeUnknown).retry_after(1)
        }
    }
}
