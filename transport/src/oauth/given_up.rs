//! `POST /oauth/revoke` (RFC 7009) and `POST /oauth/introspect` (RFC 7662).
//!
//! Whoever holds a token may give it up, and everything of the same sign-in with it. Asking about tokens is for
//! confidential clients, about those of their own tenant. Invariant: an unknown token is answered like a known one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Timestamp;
use serde_json::{Value, json};

use super::asking::Asking;
use super::client::Client;
use super::error::OAuthError;
use super::realm::Realm;
use super::secret::Opaque;
use super::token::end_family;
use crate::auth::Principal;
use crate::edge::Edge;

pub(super) async fn revoke(
    State(edge): State<Edge>,
    asking: Asking,
) -> Result<StatusCode, OAuthError> {
    let token = asking.form.get("token").ok_or(OAuthError::invalid_request("token is missing"))?;
    if let Some((tenant, hash)) = Opaque::shown(token) {
        let known = edge.engine().store().refresh(tenant, hash).await?;
        if let Some(known) = known.filter(|known| known.row.client_id == asking.client.id) {
            end_family(&edge, tenant, known.row.family).await?;
        }
        return Ok(StatusCode::OK);
    }
    let Ok(principal) = edge.verifier().verify(token) else { return Ok(StatusCode::OK) };
    let realm = Realm::of_slug(&edge, principal.tenant.as_deref().unwrap_or_default());
    let own = *principal.token.client_id == asking.client.id;
    if let (Some(session), Some(realm), true) = (principal.token.grant.session, realm, own) {
        end_family(&edge, realm.id(), session).await?;
    }
    Ok(StatusCode::OK)
}

pub(super) async fn introspect(
    State(edge): State<Edge>,
    asking: Asking,
) -> Result<Json<Value>, OAuthError> {
    let (Some(_), Some(_)) = (asking.client.secret_hash, asking.client.tenant) else {
        return Err(OAuthError::invalid_client());
    };
    let token = asking.form.get("token").ok_or(OAuthError::invalid_request("token is missing"))?;
    let found = match Opaque::shown(token) {
        Some(_) => of_refresh(&edge, &asking.client, token).await?,
        None => of_access(&edge, &asking.client, token).await?,
    };
    Ok(Json(found.unwrap_or_else(|| json!({ "active": false }))))
}

async fn of_refresh(
    edge: &Edge,
    client: &Client,
    token: &str,
) -> Result<Option<Value>, OAuthError> {
    let Some((tenant, hash)) = Opaque::shown(token) else { return Ok(None) };
    if client.tenant != Some(tenant) {
        return Ok(None);
    }
    let now = edge.engine().clock().now();
    let known = edge.engine().store().refresh(tenant, hash).await?;
    let live = known.filter(|known| known.is_live(now));
    Ok(live.map(|known| {
        json!({
            "active": true,
            "token_type": "refresh_token",
            "client_id": known.row.client_id,
            "scope": known.row.scope,
            "iat": secs(known.row.issued_at),
            "exp": secs(known.row.expires_at.min(known.row.ends_at)),
        })
    }))
}

async fn of_access(edge: &Edge, client: &Client, token: &str) -> Result<Option<Value>, OAuthError> {
    let Ok(principal) = edge.verifier().verify(token) else { return Ok(None) };
    let Some(slug) = principal.tenant.as_deref() else { return Ok(None) };
    let Some(realm) = Realm::of_slug(edge, slug).filter(|realm| Some(realm.id()) == client.tenant)
    else {
        return Ok(None);
    };
    let stands = edge.admit_principal(slug, principal.clone()).is_ok();
    Ok(stands.then(|| described(edge, &principal, &realm)))
}

fn described(edge: &Edge, principal: &Principal, realm: &Realm) -> Value {
    json!({
        "active": true,
        "token_type": "Bearer",
        "iss": edge.sign_in().issuer(),
        "aud": crate::auth::AUDIENCE,
        "sub": &*principal.token.subject,
        "tenant": realm.slug(),
        "client_id": &*principal.token.client_id,
        "scope": principal.scopes.to_string(),
        "iat": secs(principal.token.issued_at),
        "exp": secs(principal.expires_at),
    })
}

fn secs(at: Timestamp) -> i64 {
    at.0 / 1_000_000
}
