//! `[auth]`: how access tokens are signed and how long they live.
//!
//! Plain values with their defaults and one check; the key itself stays in its file.
//! Invariant: no secret is ever part of the configuration's text.

use std::path::PathBuf;

use serde::Deserialize;

use super::bounds::within;
use super::error::Problem;

/// How tokens are signed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// The `iss` of every token; tokens of another issuer are refused.
    pub issuer: String,
    /// How long an access token lives.
    pub access_token_ttl_seconds: u64,
    /// For how long a signed-in browser may be left alone before one signs in anew.
    pub session_idle_seconds: u32,
    /// PEM file of the ES256 private key. `None`: made at the first start, in `server.data_dir`.
    pub signing_key_file: Option<PathBuf>,
}

impl Default for AuthConfig {
    fn default() -> AuthConfig {
        AuthConfig {
            issuer: "smartqueue".to_owned(),
            access_token_ttl_seconds: 600,
            session_idle_seconds: 3_600,
            signing_key_file: None,
        }
    }
}

impl AuthConfig {
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        if self.issuer.trim().is_empty() {
            let remedy = "give a name or a web address that stays the same for ever";
            problems.push(Problem::new("auth.issuer", "is empty", remedy));
        }
        let ttl = self.access_token_ttl_seconds;
        within(problems, "auth.access_token_ttl_seconds", ttl, 60..=86_400);
        let idle = u64::from(self.session_idle_seconds);
        within(problems, "auth.session_idle_seconds", idle, 300..=43_200);
    }
}
