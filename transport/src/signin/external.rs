//! Signing in at an outside provider: the way there, and the way back.
//!
//! What is remembered in between is found by `state`, works once, and belongs to the browser that began: its cookie's hash
//! stands beside it. Each provider has an address of its own to come back to, so that no answer is taken for another's.
//! Invariant: a session begins only for a member, and only after every check of the token has passed.

mod buttons;
mod member;

use actors::Tenant;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Secs;
use persistence::OnceRow;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::failed::Failed;
use super::guard::Browser;
use super::html::Html;
use super::lang::Lang;
use super::page::{Page, go, set};
use super::session::{Session, cookie};
use super::sign_in::sound;
use super::words::Words;
use crate::edge::{Edge, Trail};
use crate::external::{self, Exchange, Expected, Fault, Identity, Provider};
use crate::oauth::{Form, Opaque, Realm, hash, hex, random};
use crate::problem::{Code, Problem};

pub(super) use buttons::{ask_organisation, buttons};

const PURPOSE: &str = "external";
const COOKIE: &str = "sq_external";
/// Time to sign in at the provider, second factor and all.
const WITHIN: Secs = Secs::minutes(15);
/// 32 bytes as base64url.
const COOKIE_CHARS: usize = 43;
/// Each may be there once.
const ANSWER: [&str; 4] = ["state", "code", "iss", "error"];

/// What is remembered until the person comes back.
#[derive(Serialize, Deserialize)]
struct Pending {
    provider: Uuid,
    /// SHA-256 of the browser's cookie, in hexadecimal.
    browser: String,
    nonce: String,
    verifier: String,
    next: String,
    lang: String,
}

/// Why nobody is signed in: told on a page, or a failure of ours.
enum Stop {
    Said(fn(&Words) -> &'static str, StatusCode),
    Failed(Failed),
}

impl<E: Into<Failed>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

const STALE: Stop = Stop::Said(|words| words.external_stale, StatusCode::BAD_REQUEST);
const UNKNOWN: Stop = Stop::Said(|words| words.external_unknown, StatusCode::NOT_FOUND);
const NOT_DONE: Stop = Stop::Said(|words| words.external_failed, StatusCode::BAD_GATEWAY);

impl Stop {
    fn answer(self, lang: Lang) -> Response {
        match self {
            Self::Failed(failed) => failed.into_response(),
            Self::Said(why, status) => {
                let words = lang.words();
                let body = Html::new().alert(why(words)).link("/signin", words.sign_in);
                Page::new(lang, |words| words.not_done).body(body).status(status).into_response()
            }
        }
    }
}

/// The tenant and its enabled provider of an address.
async fn found(edge: &Edge, slug: &str, provider: &str) -> Result<(Tenant, Provider), Stop> {
    let tenant = edge.engine().tenant(slug).ok_or(UNKNOWN)?;
    let enabled = external::enabled(edge, tenant.id()).await?;
    let found = enabled.into_iter().find(|known| known.row.slug == provider);
    found.map(|provider| (tenant, provider)).ok_or(UNKNOWN)
}

/// The failure goes into the log; the person is told that it did not work.
fn fault(tenant: &Tenant, provider: &Provider, fault: &dyn std::fmt::Display) -> Stop {
    let (slug, name) = (tenant.slug(), &provider.row.slug);
    tracing::warn!(tenant = slug, provider = %name, "sign-in at {name} of {slug}: {fault}");
    NOT_DONE
}

pub(super) async fn start(
    State(edge): State<Edge>,
    Path((slug, provider)): Path<(String, String)>,
    parts: Parts,
) -> Response {
    let query = parts.uri.query().and_then(Form::parse).unwrap_or_default();
    let lang = Lang::choose(query.get("lang"), &parts.headers);
    let asked = begin(&edge, (&slug, &provider), &query, &parts.headers, lang).await;
    asked.unwrap_or_else(|stop| stop.answer(lang))
}

async fn begin(
    edge: &Edge,
    (slug, provider): (&str, &str),
    query: &Form,
    headers: &HeaderMap,
    lang: Lang,
) -> Result<Response, Stop> {
    let (tenant, provider) = found(edge, slug, provider).await?;
    let metadata = edge.outside().metadata(edge, &provider.row.issuer).await;
    let metadata = metadata.map_err(|error| fault(&tenant, &provider, &error))?;
    let none = || Problem::of(Code::Internal);
    let state = Opaque::fresh(tenant.id()).ok_or_else(none)?;
    let (nonce, verifier) = random().zip(random()).ok_or_else(none)?;
    let (browser, set_cookie) = browser(edge, headers).ok_or_else(none)?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    let back = provider.redirect_uri(edge, tenant.slug());
    let form = Form::of([
        ("response_type", "code"),
        ("client_id", provider.row.client_id.as_str()),
        ("redirect_uri", back.as_str()),
        ("scope", provider.row.scopes.as_str()),
        ("state", state.text.as_str()),
        ("nonce", nonce.as_str()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("ui_locales", lang.code()),
    ]);
    let pending = Pending {
        provider: provider.row.provider,
        browser,
        next: sound(query.get("next")).to_owned(),
        lang: lang.code().to_owned(),
        nonce,
        verifier,
    };
    remember(edge, &tenant, &state, &pending).await?;
    let mut answer = Redirect::to(&form.onto(&metadata.authorization_endpoint)).into_response();
    set(answer.headers_mut(), set_cookie);
    Ok(answer)
}

/// The hash of the browser's cookie, and the cookie to set. Several tabs share one.
fn browser(edge: &Edge, headers: &HeaderMap) -> Option<(String, Option<axum::http::HeaderValue>)> {
    let known = cookie::read(edge, headers, COOKIE).filter(|known| known.len() == COOKIE_CHARS);
    let value = known.map_or_else(random, |known| Some(known.to_owned()))?;
    let set = cookie::set(edge, COOKIE, &value, Some(WITHIN.0));
    Some((hex(&hash(&value)), set))
}

async fn remember(
    edge: &Edge,
    tenant: &Tenant,
    state: &Opaque,
    pending: &Pending,
) -> Result<(), Stop> {
    let row = OnceRow {
        tenant: tenant.id(),
        hash: state.hash,
        purpose: PURPOSE.to_owned(),
        subject: hex(&state.hash),
        data: serde_json::to_string(pending).unwrap_or_default(),
        tries_left: 1,
        expires_at: edge.engine().clock().now().after(WITHIN),
    };
    Ok(edge.engine().store().save_once(row).await?)
}

pub(super) async fn callback(
    State(edge): State<Edge>,
    Path((slug, provider)): Path<(String, String)>,
    parts: Parts,
) -> Response {
    let query = parts.uri.query().and_then(Form::parse).unwrap_or_default();
    let mut lang = Lang::choose(None, &parts.headers);
    let entered = enter(&edge, (&slug, &provider), &query, &parts, &mut lang).await;
    entered.unwrap_or_else(|stop| stop.answer(lang))
}

async fn enter(
    edge: &Edge,
    (slug, provider): (&str, &str),
    query: &Form,
    parts: &Parts,
    lang: &mut Lang,
) -> Result<Response, Stop> {
    let (tenant, provider) = found(edge, slug, provider).await?;
    let pending = taken(edge, &tenant, &provider, query, &parts.headers).await?;
    *lang = Lang::choose(Some(&pending.lang), &parts.headers);
    let identity = proven(edge, &tenant, &provider, query, &pending).await;
    let identity = identity.map_err(|error| fault(&tenant, &provider, &error))?;
    let trail = Trail::of(&parts.extensions);
    let account = member::admit(edge, &tenant, &provider, &identity, &trail, *lang).await?;
    let account = account.map_err(|why| Stop::Said(why.words(), StatusCode::FORBIDDEN))?;
    let methods: Vec<&str> =
        std::iter::once("ext").chain(identity.methods.iter().map(String::as_str)).collect();
    let realm = Realm::Tenant(tenant);
    let browser = Browser { headers: &parts.headers, trail: &trail };
    let session = Session::begin(edge, &realm, account, &methods.join(" "), browser).await?;
    Ok(go(sound(Some(&pending.next)), session))
}

/// What was remembered, used up: by this browser, for this provider, once.
async fn taken(
    edge: &Edge,
    tenant: &Tenant,
    provider: &Provider,
    query: &Form,
    headers: &HeaderMap,
) -> Result<Pending, Stop> {
    let state = query.get("state").filter(|_| query.repeated(&ANSWER).is_none());
    let (named, hash_of_state) = state.and_then(Opaque::shown).ok_or(STALE)?;
    if named != tenant.id() {
        return Err(STALE);
    }
    let now = edge.engine().clock().now();
    let row = edge.engine().store().take_once(named, PURPOSE, hash_of_state, now).await?;
    let pending = row.and_then(|row| serde_json::from_str::<Pending>(&row.data).ok());
    let known = cookie::read(edge, headers, COOKIE).map(|known| hex(&hash(known)));
    let fits = |pending: &Pending| {
        pending.provider == provider.row.provider && known.as_ref() == Some(&pending.browser)
    };
    pending.filter(fits).ok_or(STALE)
}

/// Who signed in at the provider.
///
/// # Errors
/// Everything that is wrong with the answer, its code or its token.
async fn proven(
    edge: &Edge,
    tenant: &Tenant,
    provider: &Provider,
    query: &Form,
    pending: &Pending,
) -> Result<Identity, Fault> {
    let row = &provider.row;
    let metadata = edge.outside().metadata(edge, &row.issuer).await?;
    match query.get("iss") {
        Some(issuer) if issuer != row.issuer => {
            return Err(Fault("the answer is of another issuer (iss)".to_owned()));
        }
        None if metadata.says_issuer => {
            return Err(Fault("the answer does not say its issuer (iss)".to_owned()));
        }
        Some(_) | None => {}
    }
    if let Some(error) = query.get("error") {
        return Err(Fault(format!("the provider said {}", external::plain(Some(error)))));
    }
    let code = query.get("code").ok_or_else(|| Fault("there is no code".to_owned()))?;
    let secret = secret(edge, provider)?;
    let asked = Exchange {
        client_id: &row.client_id,
        secret: secret.as_deref(),
        code,
        verifier: &pending.verifier,
        redirect_uri: &provider.redirect_uri(edge, tenant.slug()),
    };
    let token = external::exchange(edge, &metadata, &asked).await?;
    judged(edge, provider, &token, &pending.nonce).await
}

async fn judged(
    edge: &Edge,
    provider: &Provider,
    token: &str,
    nonce: &str,
) -> Result<Identity, Fault> {
    let (issuer, client_id) = (&provider.row.issuer, &provider.row.client_id);
    let untrue = |error: external::Untrue| Fault(error.to_string());
    let (algorithm, kid) = external::head(token).map_err(untrue)?;
    let key = edge.outside().key(edge, issuer, &kid).await?;
    let key = key.ok_or_else(|| Fault("the ID token's key (kid) is not known".to_owned()))?;
    let expected = Expected { issuer, client_id, nonce, now: edge.engine().clock().now() };
    external::judge(token, algorithm, &key, &expected).map_err(untrue)
}

fn secret(edge: &Edge, provider: &Provider) -> Result<Option<String>, Fault> {
    let row = &provider.row;
    let Some(sealed) = &row.client_secret else { return Ok(None) };
    let opened = edge.sign_in().open_client(row.tenant, row.provider, sealed);
    let text = opened.and_then(|bytes| String::from_utf8(bytes).ok());
    let lost = "its client's secret was sealed with another sign-in-secret; give it anew";
    text.map(Some).ok_or_else(|| Fault(lost.to_owned()))
}
