//! What a sign-in is answered with: an access token, perhaps a refresh token, perhaps an id token.
//!
//! The access token is a JWT of RFC 9068; the id token says who signed in, to the client alone.
//! Invariant: a token grants what the client was granted and the holder's role still has.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::{Role, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::error::OAuthError;
use super::realm::{Holder, Realm};
use super::scope::Wanted;
use crate::auth::{Grant, MintRequest, Subject, mint_granted, sign};
use crate::edge::Edge;

/// How long an id token may be shown: it is read once, at sign-in.
const ID_TOKEN_TTL_SECS: u64 = 600;

/// The answer of the token endpoint (RFC 6749 §5.1).
#[derive(Debug, Serialize)]
pub(super) struct Issued {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

impl IntoResponse for Issued {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// A sign-in that tokens are made for.
pub(super) struct SignedIn<'a> {
    pub(super) realm: &'a Realm,
    pub(super) holder: &'a Holder,
    pub(super) client_id: &'a str,
    pub(super) scope: Wanted,
    /// Falls as one.
    pub(super) family: Uuid,
    pub(super) auth_time: Timestamp,
    pub(super) nonce: Option<&'a str>,
}

#[derive(Serialize)]
struct IdClaims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    exp: u64,
    iat: u64,
    auth_time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    sid: Uuid,
}

/// Tokens for a person.
///
/// # Errors
/// When the key does not sign.
pub(super) fn for_person(
    edge: &Edge,
    signed: &SignedIn<'_>,
    refresh_token: Option<String>,
) -> Result<Issued, OAuthError> {
    let scope = signed.scope.cut_to(signed.holder.role.scopes());
    let grant = Grant {
        session: Some(signed.family),
        auth_time: Some(signed.auth_time),
        openid: scope.openid(),
        email: scope.email(),
    };
    let holder = (signed.holder.subject.clone(), signed.holder.role);
    let access_token = access_token(edge, signed.realm, holder, signed.client_id, scope, &grant)?;
    let id_token = scope.openid().then(|| id_token(edge, signed)).transpose()?;
    Ok(issued(edge, access_token, scope, refresh_token, id_token))
}

/// A token for a program that signed in with its own secret.
///
/// # Errors
/// When the key does not sign.
pub(super) fn for_program(
    edge: &Edge,
    realm: &Realm,
    client_id: &str,
    role: Role,
    scope: Wanted,
) -> Result<Issued, OAuthError> {
    let session = Some(edge.engine().clock().new_id());
    let grant = Grant { session, auth_time: None, openid: false, email: false };
    let holder = (Subject::Client(Arc::from(client_id)), role);
    let access_token = access_token(edge, realm, holder, client_id, scope, &grant)?;
    Ok(issued(edge, access_token, scope, None, None))
}

fn issued(
    edge: &Edge,
    access_token: String,
    scope: Wanted,
    refresh_token: Option<String>,
    id_token: Option<String>,
) -> Issued {
    Issued {
        access_token,
        token_type: "Bearer",
        expires_in: edge.sign_in().access_ttl().as_secs(),
        scope: scope.to_string(),
        refresh_token,
        id_token,
    }
}

fn access_token(
    edge: &Edge,
    realm: &Realm,
    (subject, role): (Subject, Role),
    client_id: &str,
    scope: Wanted,
    grant: &Grant,
) -> Result<String, OAuthError> {
    let request = MintRequest {
        issuer: edge.sign_in().issuer(),
        tenant: realm.slug(),
        subject,
        role,
        scopes: Some(scope.api()),
        client_id,
        now: edge.engine().clock().now(),
        ttl: edge.sign_in().access_ttl(),
    };
    mint_granted(edge.verifier().keys(), &request, grant).map_err(|_| OAuthError::server())
}

fn id_token(edge: &Edge, signed: &SignedIn<'_>) -> Result<String, OAuthError> {
    let secs = |at: Timestamp| u64::try_from(at.0 / 1_000_000).unwrap_or(0);
    let iat = secs(edge.engine().clock().now());
    let account = &signed.holder.account;
    let email = signed.scope.email();
    let claims = IdClaims {
        iss: edge.sign_in().issuer(),
        sub: signed.holder.subject.to_string(),
        aud: signed.client_id,
        exp: iat + Duration::from_secs(ID_TOKEN_TTL_SECS).as_secs(),
        iat,
        auth_time: secs(signed.auth_time),
        nonce: signed.nonce,
        tenant: signed.realm.slug(),
        name: &signed.holder.name,
        email: email.then_some(account.email.as_str()),
        email_verified: email.then_some(account.verified_at.is_some()),
        sid: signed.family,
    };
    sign(edge.verifier().keys(), "JWT", &claims).map_err(|_| OAuthError::server())
}
