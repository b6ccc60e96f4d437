//! What signing in needs besides the engine: the address people reach, secrets, the mailer, and the brakes.
//!
//! All secrets are made from one that the operator's data folder keeps.
//! Invariant: no secret here can be printed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::passwords::Passwords;
use super::seal::{self, Secret};
use super::throttle::Throttle;
use super::totp;
use crate::edge::Edge;
use crate::mail::{Mailer, Nobody};
use domain::{Secs, TenantId};
use std::net::IpAddr;
use uuid::Uuid;

/// How people sign in here.
#[derive(Debug, Clone)]
pub struct SignInSettings {
    /// How the program is reached from outside, without a slash at the end: the issuer of tokens, the links in e-mails.
    pub public_url: String,
    /// How long an access token lives.
    pub access_token_ttl: Duration,
    /// For how long a browser may be left alone before one signs in anew.
    pub session_idle: Secs,
    /// What forms, refresh tokens and second factors are sealed with.
    pub secret: Secret,
    /// By whom e-mail is sent.
    pub mailer: Arc<dyn Mailer>,
}

impl Default for SignInSettings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            access_token_ttl: Duration::from_secs(600),
            session_idle: Secs::minutes(60),
            secret: Secret::unkept(),
            mailer: Arc::new(Nobody),
        }
    }
}

/// Everything the pages and endpoints of signing in share.
pub(crate) struct SignIn {
    issuer: String,
    origin: String,
    access_ttl: Duration,
    session_idle: Secs,
    refresh_secret: [u8; 32],
    form_secret: [u8; 32],
    seal_key: [u8; 32],
    client_key: [u8; 32],
    mailer: Arc<dyn Mailer>,
    passwords: Passwords,
    throttle: Throttle,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl SignIn {
    pub(crate) fn new(settings: SignInSettings) -> Self {
        let SignInSettings { public_url, access_token_ttl, session_idle, secret, mailer } =
            settings;
        let origin = public_url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        Self {
            issuer: public_url,
            origin,
            access_ttl: access_token_ttl,
            session_idle,
            refresh_secret: secret.derive("refresh successor"),
            form_secret: secret.derive("forms"),
            seal_key: secret.derive("second factors"),
            client_key: secret.derive("outside clients"),
            mailer,
            passwords: Passwords::default(),
            throttle: Throttle::default(),
        }
    }

    /// The `iss` of what is issued here, and what every address of ours begins with.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Scheme, host and port alone.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn is_https(&self) -> bool {
        self.issuer.starts_with("https://")
    }

    pub(crate) const fn access_ttl(&self) -> Duration {
        self.access_ttl
    }

    pub(crate) const fn session_idle(&self) -> Secs {
        self.session_idle
    }

    pub(crate) const fn refresh_secret(&self) -> &[u8; 32] {
        &self.refresh_secret
    }

    pub(crate) const fn form_secret(&self) -> &[u8; 32] {
        &self.form_secret
    }

    pub(crate) const fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    pub(crate) fn mail(&self, to: &str, subject: &str, text: &str) {
        self.mailer.send(to, subject, text);
    }

    pub(crate) fn mail_report(&self, to: &str, report: &crate::mail::ReportLetter) {
        self.mailer.send_report(to, report);
    }

    /// # Errors
    /// The seconds to wait before the next try.
    pub(crate) fn may_try(
        &self,
        edge: &Edge,
        who: &str,
        address: Option<IpAddr>,
    ) -> Result<(), u32> {
        self.throttle.may_try(who, address, edge.engine().clock().now())
    }

    pub(crate) fn missed(&self, edge: &Edge, who: &str, address: Option<IpAddr>) {
        self.throttle.missed(who, address, edge.engine().clock().now());
    }

    pub(crate) fn succeeded(&self, who: &str, address: Option<IpAddr>) {
        self.throttle.succeeded(who, address);
    }

    /// Seals the secret of a second factor. None when the system gives no randomness.
    pub(crate) fn seal(&self, tenant: TenantId, account: Uuid, secret: &[u8]) -> Option<Vec<u8>> {
        seal::seal(&self.seal_key, &owner(tenant, account), secret)
    }

    /// None when it was not sealed here, or not for that account.
    pub(crate) fn unseal(&self, tenant: TenantId, account: Uuid, sealed: &[u8]) -> Option<Vec<u8>> {
        seal::open(&self.seal_key, &owner(tenant, account), sealed)
    }

    /// Seals the secret that we prove ourselves with at an outside provider. None when the system gives no randomness.
    pub(crate) fn seal_client(
        &self,
        tenant: TenantId,
        provider: Uuid,
        secret: &[u8],
    ) -> Option<Vec<u8>> {
        seal::seal(&self.client_key, &client(tenant, provider), secret)
    }

    /// None when it was not sealed here, or not for that provider.
    pub(crate) fn open_client(
        &self,
        tenant: TenantId,
        provider: Uuid,
        sealed: &[u8],
    ) -> Option<Vec<u8>> {
        seal::open(&self.client_key, &client(tenant, provider), sealed)
    }

    /// The step whose code was given; none for a wrong code.
    pub(crate) fn totp_step(
        &self,
        edge: &Edge,
        (tenant, account): (TenantId, Uuid),
        sealed: &[u8],
        code: &str,
    ) -> Option<u64> {
        totp::step(&self.unseal(tenant, account, sealed)?, code, edge.engine().clock().now())
    }
}

fn owner(tenant: TenantId, account: Uuid) -> String {
    format!("second factor {tenant} {account}")
}

fn client(tenant: TenantId, provider: Uuid) -> String {
    format!("outside client {tenant} {provider}")
}
