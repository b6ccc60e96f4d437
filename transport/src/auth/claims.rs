//! What an access token says, word for word.
//!
//! The shape is that of RFC 9068; a claim of another type than here makes the whole token invalid.
//! Invariant: `exp` is present and a whole number of seconds, so no token lives for ever.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who our access tokens are for: the `aud` of every token.
pub const AUDIENCE: &str = "smartqueue-api";

/// The `typ` of every access token (RFC 9068).
pub(super) const TYPE: &str = "at+jwt";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: Audience,
    pub(super) sub: String,
    /// Slug. None only in tokens of the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tenant: Option<String>,
    /// Space-separated.
    pub(super) scope: String,
    pub(super) role: String,
    pub(super) client_id: String,
    pub(super) jti: String,
    pub(super) iat: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) nbf: Option<u64>,
    pub(super) exp: u64,
    /// The sign-in this token comes from; tokens with the same one end together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sid: Option<Uuid>,
    /// When the person last proved who they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) auth_time: Option<u64>,
}

/// One audience or several, as RFC 7519 allows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    pub(super) fn names(&self, wanted: &str) -> bool {
        match self {
            Self::One(name) => name == wanted,
            Self::Many(names) => names.iter().any(|name| name == wanted),
        }
    }
}
