//! A provider as it is given and shown, judged field by field before the provider itself is asked.
//!
//! Invariant: a client's secret goes in and never comes out.

use std::collections::BTreeMap;
use std::fmt;

use domain::{Role, Scope, Timestamp};
use persistence::ProviderRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::MANAGE;
use crate::command::Args;
use crate::edge::Edge;
use crate::external::{Provider, rank, sound_issuer};
use crate::problem::{Code, Problem};

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
pub(super) struct IdentityProviderBody {
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
pub(super) struct IdentityProviderView {
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
    pub(super) fn of(provider: &Provider) -> Self {
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
    pub(super) async fn check(&self, edge: &Edge) -> Result<(), Problem> {
        self.check_texts()?;
        if self.client_secret.as_ref().is_some_and(|secret| secret.0.len() > SECRET_CHARS_MAX) {
            return Err(Problem::invalid("/client_secret", "give at most 1024 characters"));
        }
        let asked = edge.outside().check(edge, &self.issuer).await;
        asked.map_err(|fault| Problem::invalid("/issuer", fault.to_string()))
    }

    /// The row as it is to be, over `old` or new.
    pub(super) fn row(
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
    pub(super) fn of(edge: &Edge, tenant: &str, row: ProviderRow) -> Self {
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
