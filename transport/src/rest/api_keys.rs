//! API keys of a tenant: made, listed, ended.
//!
//! A key is shown in the answer that makes it and never again: not in lists, not in a repetition of that answer.
//! Invariant: a key never may more than the one who made it.

use actors::{ApiKey, At, NewApiKey};
use aws_lc_rs::rand;
use axum::Json;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Role, Scope, Scopes};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::resource::{Page, PageQuery, cut};
use crate::auth::API_KEY;
use crate::command::{Answer, Args, sound_text};
use crate::edge::{Caller, Change, Edge};
use crate::extract::{Asked, Call, Instant, Signed, page_of};
use crate::finish::Finish;
use crate::idempotency::{Deed, Origin, once};
use crate::problem::{Code, Problem};

const NAME_CHARS_MAX: usize = 120;
const HINT: usize = 4;
const SCOPES: &[Scope] = &[Scope::ManageSettings];

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// A key about to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ApiKeyBody {
    /// What it is for.
    #[schema(example = "nightly reports")]
    name: String,
    /// admin, manager or agent: as whom it acts.
    #[serde(default = "manager")]
    #[schema(value_type = String, example = "manager")]
    role: Role,
    /// What it may do: at most what its role and its maker may.
    #[schema(example = json!(["read:queue", "read:reports"]))]
    scopes: Vec<String>,
    /// None: until it is revoked.
    #[serde(default)]
    expires_at: Option<Instant>,
}

const fn manager() -> Role {
    Role::Manager
}

impl Args for ApiKeyBody {
    const SCOPES: &'static [Scope] = SCOPES;
}

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
struct ApiKeyView {
    id: Uuid,
    name: String,
    /// The last four characters of the key.
    #[schema(example = "x7Qk")]
    hint: String,
    role: String,
    scopes: Vec<&'static str>,
    /// Such as `agent:…`.
    created_by: String,
    created_at: At,
    expires_at: Option<At>,
    /// To about a minute.
    last_used_at: Option<At>,
    revoked_at: Option<At>,
}

/// A key just made.
#[derive(Debug, Serialize, ToSchema)]
struct NewApiKeyView {
    #[serde(flatten)]
    key: ApiKeyView,
    /// The key itself: shown once, and not in a repetition of this answer.
    #[schema(example = "sq_banque-du-sahel_…", required = false)]
    secret: String,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            hint: key.hint,
            role: key.role.to_string(),
            scopes: key.scopes.iter().map(Scope::as_str).collect(),
            created_by: key.created_by,
            created_at: At(key.created_at),
            expires_at: key.expires_at.map(At),
            last_used_at: key.last_used_at.map(At),
            revoked_at: key.revoked_at.map(At),
        }
    }
}

/// Lists the keys, ended ones too, oldest first.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/api-keys", tag = "api-keys", params(PageQuery),
    responses((status = 200, description = "One page", body = Page<ApiKeyView>)))]
async fn list(
    signed: Signed,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<ApiKeyView>>, Problem> {
    signed.needs(SCOPES)?;
    let rows = page_of(query.limit, signed.edge.limits())?;
    let keys = signed.caller.tenant.api_keys().into_iter();
    let page = cut(keys, &query.into(), rows, |key| key.id)?;
    let items = page.items.into_iter().map(ApiKeyView::from).collect();
    Ok(Json(Page { items, next_cursor: page.next_cursor }))
}

/// Makes a key, and shows it once.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/api-keys", tag = "api-keys", request_body = ApiKeyBody,
    responses((status = 201, description = "The key", body = NewApiKeyView)))]
async fn create(call: Call<ApiKeyBody>) -> Result<Answer, Problem> {
    let Call { signed, args, origin, .. } = call;
    let (edge, caller) = (signed.edge, signed.caller);
    let secret = secret(caller.tenant.slug())?;
    let new = args.checked(&caller, &secret, edge.engine().clock().now())?;
    Finish::new(&edge.tracker().clone(), async move {
        let answer = once(&caller, &origin, async |hash| {
            let ask = actors::Ask { cause: Some(Origin::cause(&hash)), ..caller.principal.ask() };
            let key = caller.tenant.create_api_key(new, ask).await?;
            let (id, view) = (key.id, ApiKeyView::from(key));
            caller.record(&edge, Change::of("api_key", "create", id).to(&view));
            Ok(Deed::Unkept(Answer::json(201, &view).at(format!("{}/{id}", origin.path))))
        })
        .await?;
        Ok(if answer.is_replay { answer } else { answer.with("secret", &secret) })
    })
    .await
}

/// Ends a key at once, and its sockets within a second.
#[utoipa::path(delete, path = "/api/v1/tenants/{tenant}/api-keys/{id}", tag = "api-keys",
    responses((status = 204, description = "It opens nothing any more")))]
async fn revoke(signed: Signed) -> Result<StatusCode, Problem> {
    signed.needs(SCOPES)?;
    let caller = &signed.caller;
    let id: Uuid = signed.id()?;
    caller.tenant.revoke_api_key(id, caller.principal.ask()).await?;
    caller.record(&signed.edge, Change::of("api_key", "revoke", id));
    Ok(StatusCode::NO_CONTENT)
}

/// `sq_{tenant}_{256 random bits}`.
fn secret(slug: &str) -> Result<String, Problem> {
    let mut bits = [0; 32];
    rand::fill(&mut bits).map_err(|_| Problem::of(Code::Internal))?;
    Ok(format!("{API_KEY}{slug}_{}", URL_SAFE_NO_PAD.encode(bits)))
}

impl ApiKeyBody {
    fn checked(
        self,
        caller: &Caller,
        secret: &str,
        now: domain::Timestamp,
    ) -> Result<NewApiKey, Problem> {
        if self.name.trim().is_empty() {
            return Err(Problem::invalid("/name", "say what it is for"));
        }
        sound_text("/name", &self.name, NAME_CHARS_MAX)?;
        if self.expires_at.as_ref().is_some_and(|ends| ends.0 <= now) {
            return Err(Problem::invalid("/expires_at", "give an instant to come"));
        }
        let scopes = self.granted(caller)?;
        Ok(NewApiKey {
            name: self.name.trim().to_owned(),
            role: self.role,
            scopes,
            expires_at: self.expires_at.map(|ends| ends.0),
            hash: Sha256::digest(secret.as_bytes()).into(),
            hint: secret.chars().skip(secret.len().saturating_sub(HINT)).collect(),
        })
    }

    fn granted(&self, caller: &Caller) -> Result<Scopes, Problem> {
        match self.role {
            Role::Manager | Role::Agent => {}
            Role::Admin if caller.principal.role == Role::Admin => {}
            Role::Admin | Role::PlatformAdmin | Role::Device | Role::Customer => {
                return Err(Problem::invalid("/role", "give admin, manager or agent"));
            }
        }
        let scopes: Scopes =
            self.scopes.join(" ").parse().map_err(|error: domain::UnknownScope| {
                Problem::invalid("/scopes", error.to_string())
            })?;
        if scopes == Scopes::default() {
            return Err(Problem::invalid("/scopes", "give one at least"));
        }
        let more = |than: Scopes| scopes.and(than) != scopes;
        if more(self.role.scopes()) {
            return Err(Problem::invalid("/scopes", "the role has not all of these"));
        }
        if more(caller.principal.scopes) {
            let detail = "a key may do no more than the one who makes it";
            return Err(Problem::new(Code::InsufficientScope, detail));
        }
        Ok(scopes)
    }
}
