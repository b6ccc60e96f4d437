//! Writes access tokens.
//!
//! The operator's command line and the authorization server mint them; a role never gets more scopes than it has.
//! Invariant: what is minted here with the keys of a verifier is accepted by that verifier until it expires.

use std::time::Duration;

use domain::{Role, Scopes, Timestamp};
use jsonwebtoken::{Algorithm, Header, encode};
use serde::Serialize;
use uuid::Uuid;

use super::claims::{AUDIENCE, Audience, Claims, TYPE};
use super::keys::Keys;
use super::principal::{Grant, Subject};

/// What a token shall say.
#[derive(Debug, Clone)]
pub struct MintRequest<'a> {
    pub issuer: &'a str,
    /// Slug of the tenant; none for a token of the platform.
    pub tenant: Option<&'a str>,
    pub subject: Subject,
    pub role: Role,
    /// None grants all that the role has.
    pub scopes: Option<Scopes>,
    /// Which program will use it, such as `cli`.
    pub client_id: &'a str,
    pub now: Timestamp,
    pub ttl: Duration,
}

/// The token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be signed: {0}")]
pub struct MintError(#[from] jsonwebtoken::errors::Error);

/// A signed access token of the operator: no sign-in stands behind it.
///
/// # Errors
/// [`MintError`] when the key does not sign.
pub fn mint(keys: &Keys, request: &MintRequest<'_>) -> Result<String, MintError> {
    mint_granted(keys, request, &Grant::default())
}

/// A signed access token that a sign-in, or a client's own secret, stands behind.
///
/// # Errors
/// As [`mint`].
pub(crate) fn mint_granted(
    keys: &Keys,
    request: &MintRequest<'_>,
    grant: &Grant,
) -> Result<String, MintError> {
    sign(keys, TYPE, &claims(request, grant))
}

/// `claims` as a JWT of ours with that `typ`.
///
/// # Errors
/// As [`mint`].
pub(crate) fn sign(keys: &Keys, typ: &str, claims: &impl Serialize) -> Result<String, MintError> {
    let mut header = Header::new(Algorithm::ES256);
    header.typ = Some(typ.to_owned());
    header.kid = Some(keys.signing_id());
    Ok(encode(&header, claims, &keys.private())?)
}

fn claims(request: &MintRequest<'_>, grant: &Grant) -> Claims {
    let iat = seconds(request.now);
    let allowed = request.role.scopes();
    let scopes = request.scopes.map_or(allowed, |asked| asked.and(allowed));
    let openid = if grant.openid { "openid " } else { "" };
    let email = if grant.email { "email " } else { "" };
    Claims {
        iss: request.issuer.to_owned(),
        aud: Audience::One(AUDIENCE.to_owned()),
        sub: request.subject.to_string(),
        tenant: request.tenant.map(str::to_owned),
        scope: format!("{openid}{email}{scopes}").trim_end().to_owned(),
        role: request.role.to_string(),
        client_id: request.client_id.to_owned(),
        jti: token_id(request.now).to_string(),
        iat,
        nbf: None,
        exp: iat.saturating_add(request.ttl.as_secs().max(1)),
        sid: grant.session,
        auth_time: grant.auth_time.map(seconds),
    }
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.0 / 1_000_000).unwrap_or(0)
}

/// A UUIDv7 of `now`: says to the millisecond when the token was made, where `iat` says the second.
fn token_id(now: Timestamp) -> Uuid {
    let nanos = u32::try_from(now.0.rem_euclid(1_000_000) * 1_000).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds(now), nanos))
}
