//! A program at one of the endpoints for programs: its parameters, and the proof of who it is.
//!
//! RFC 6749 §2.3: a secret comes in `Authorization: Basic` or in the body, never in both, never in an address.
//! Invariant: what passes is a known client that proved itself; a public one shows its id and has nothing to prove.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::client::Client;
use super::error::OAuthError;
use super::form::Form;
use crate::edge::Edge;

/// What a program asks.
pub(super) struct Asking {
    pub(super) client: Client,
    pub(super) form: Form,
}

impl FromRequest<Edge> for Asking {
    type Rejection = OAuthError;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, OAuthError> {
        let (parts, body) = request.into_parts();
        if parts.uri.query().is_some_and(|query| !query.is_empty()) {
            return Err(OAuthError::invalid_request("parameters belong into the body"));
        }
        let form = read(&parts.headers, body, edge).await?;
        let (id, secret) = shown(&parts.headers, &form)?;
        let client = Client::find(edge, &id).await?.ok_or(OAuthError::invalid_client())?;
        if !client.proves(secret.as_deref()) {
            return Err(OAuthError::invalid_client());
        }
        Ok(Self { client, form })
    }
}

async fn read(headers: &HeaderMap, body: Body, edge: &Edge) -> Result<Form, OAuthError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OAuthError::invalid_request("send application/x-www-form-urlencoded"));
    }
    let limits = edge.limits();
    let raw = crate::extract::read(body, limits.body_bytes_max, limits.body_within).await;
    let raw =
        raw.map_err(|_| OAuthError::invalid_request("the body is too large or was cut short"))?;
    let form = std::str::from_utf8(&raw).ok().and_then(Form::parse);
    let form = form.ok_or(OAuthError::invalid_request("the body is no form"))?;
    const ONCE: [&str; 9] = [
        "grant_type",
        "code",
        "redirect_uri",
        "client_id",
        "client_secret",
        "code_verifier",
        "refresh_token",
        "scope",
        "token",
    ];
    match form.repeated(&ONCE) {
        Some(_) => Err(OAuthError::invalid_request("a parameter is there twice")),
        None => Ok(form),
    }
}

fn shown(headers: &HeaderMap, form: &Form) -> Result<(String, Option<String>), OAuthError> {
    let in_body = form.get("client_id").map(str::to_owned);
    let secret = form.get("client_secret").map(str::to_owned);
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return in_body.map(|id| (id, secret)).ok_or(OAuthError::invalid_client());
    };
    let basic = value.to_str().ok().and_then(basic).ok_or(OAuthError::invalid_client())?;
    if secret.is_some() || in_body.is_some_and(|id| id != basic.0) {
        return Err(OAuthError::invalid_request("prove who you are in one way"));
    }
    Ok((basic.0, Some(basic.1)))
}

/// Both halves are encoded as in a form before they are joined (RFC 6749 §2.3.1).
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, rest) = value.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':').filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let plain = |text: &str| {
        Form::parse(&format!("v={text}")).and_then(|form| form.get("v").map(str::to_owned))
    };
    Some((plain(id)?, plain(secret)?))
}
