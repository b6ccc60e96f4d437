//! Writes access tokens.
//!
//! The operator's command line mints them; a role never gets more scopes than it has.
//! Invariant: what is minted here with the keys of a verifier is accepted by that verifier until it expires.

use std::time::Duration;

use domain::{Role, Scopes, Timestamp};
use jsonwebtoken::{Algorithm, Header, encode};
use uuid::Uuid;

use super::claims::{AUDIENCE, Audience, Claims, TYPE};
use super::keys::Keys;
use super::principal::Subject;

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

/// A signed access token.
///
/// # Errors
/// [`MintError`] when the key does not sign.
pub fn mint(keys: &Keys, request: &MintRequest<'_>) -> Result<String, MintError> {
    let mut header = Header::new(Algorithm::ES256);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(keys.signing_id().to_owned());
    Ok(encode(&header, &claims(request), keys.private())?)
}

fn claims(request: &MintRequest<'_>) -> Claims {
    let iat = u64::try_from(request.now.0 / 1_000_000).unwrap_or(0);
    let allowed = request.role.scopes();
    let scopes = request.scopes.map_or(allowed, |asked| asked.and(allowed));
    Claims {
        iss: request.issuer.to_owned(),
        aud: Audience::One(AUDIENCE.to_owned()),
        sub: request.subject.to_string(),
        tenant: request.tenant.map(str::to_owned),
        scope: scopes.to_string(),
        role: request.role.to_string(),
        client_id: request.client_id.to_owned(),
        jti: Uuid::now_v7().to_string(),
        iat,
        nbf: None,
        exp: iat.saturating_add(request.ttl.as_secs().max(1)),
    }
}
