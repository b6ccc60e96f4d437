//! Reads access tokens: the signature, then every claim, and remembers those that passed.
//!
//! A token that was checked is found again by its SHA-256 until it expires, so most requests cost one hash.
//! Invariant: one algorithm (ES256), one type (`at+jwt`), our keys, our issuer, our audience; all else is refused.

use std::sync::Arc;

use actors::{Clock, Who};
use dashmap::DashMap;
use domain::{AgentId, DeviceId, Role, Scopes, Timestamp};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::claims::{AUDIENCE, Claims, TYPE};
use super::ended::Ended;
use super::keys::Keys;
use super::principal::{Grant, Principal, Subject, TokenFacts};

/// How far the clocks of issuer and reader may differ.
const LEEWAY_SECS: u64 = 30;
/// Bytes of a token: a longer one is not read.
const TOKEN_BYTES_MAX: usize = 4_096;
/// Tokens remembered. At about 400 bytes each this is 13 MB; beyond it every token is checked anew.
const REMEMBERED_MAX: usize = 32_768;

/// With what tokens are checked and signed.
#[derive(Debug, Clone)]
pub struct AuthSettings {
    /// The `iss` of every token.
    pub issuer: String,
    pub keys: Keys,
}

/// Why a token is not accepted. The caller learns no more than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("a bearer token is needed")]
    Missing,
    #[error("the token is not a signed access token of this server")]
    Forged,
    #[error("the token has expired")]
    Expired,
}

/// Reads access tokens.
pub struct Verifier {
    settings: AuthSettings,
    clock: Clock,
    validation: Validation,
    remembered: DashMap<[u8; 32], Arc<Principal>>,
    /// The authorization server's own `iss`, beside the operator's.
    server: Option<String>,
    ended: Ended,
}

impl Verifier {
    pub fn new(settings: AuthSettings, clock: Clock) -> Self {
        Self {
            settings,
            clock,
            validation: validation(),
            remembered: DashMap::new(),
            server: None,
            ended: Ended::default(),
        }
    }

    /// The same, which also takes the tokens that the authorization server called `issuer` signs with these keys.
    #[must_use]
    pub fn and_of_server(self, issuer: String) -> Self {
        Self { server: Some(issuer), ..self }
    }

    /// What was given up before its time.
    pub(crate) fn ended(&self) -> &Ended {
        &self.ended
    }

    /// Whether `principal` may go on: neither at its end nor given up, and by a key that still counts.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub(crate) fn still_valid(&self, principal: &Principal) -> Result<(), AuthError> {
        let now = self.clock.now();
        let over = now.before(leeway()) >= principal.expires_at;
        // An API key is signed by nobody.
        let is_signed = principal.key.is_none();
        if is_signed && !self.settings.keys.accepts(&principal.token.key_id, now) {
            return Err(AuthError::Forged);
        }
        if over || self.ended.covers(principal) { Err(AuthError::Expired) } else { Ok(()) }
    }

    /// The keys that tokens are checked with.
    pub fn keys(&self) -> &Keys {
        &self.settings.keys
    }

    /// With what tokens are signed.
    pub(crate) fn settings(&self) -> &AuthSettings {
        &self.settings
    }

    /// Whom `token` stands for.
    ///
    /// # Errors
    /// [`AuthError::Expired`] after its end; [`AuthError::Forged`] for everything else that is wrong with it.
    pub fn verify(&self, token: &str) -> Result<Arc<Principal>, AuthError> {
        if token.is_empty() {
            return Err(AuthError::Missing);
        }
        if token.len() > TOKEN_BYTES_MAX {
            return Err(AuthError::Forged);
        }
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if let Some(known) = self.remembered.get(&digest).map(|known| Arc::clone(&known)) {
            return self.in_time(known);
        }
        let principal = self.in_time(Arc::new(self.read(token)?))?;
        self.remember(digest, &principal);
        Ok(principal)
    }

    fn in_time(&self, principal: Arc<Principal>) -> Result<Arc<Principal>, AuthError> {
        self.still_valid(&principal).map(|()| principal)
    }

    fn remember(&self, digest: [u8; 32], principal: &Arc<Principal>) {
        if self.remembered.len() >= REMEMBERED_MAX {
            let now = self.clock.now();
            self.remembered.retain(|_, known| known.expires_at > now);
        }
        if self.remembered.len() < REMEMBERED_MAX {
            self.remembered.insert(digest, Arc::clone(principal));
        }
    }

    fn read(&self, token: &str) -> Result<Principal, AuthError> {
        let header = decode_header(token).map_err(|_| AuthError::Forged)?;
        if !is_ours(&header) {
            return Err(AuthError::Forged);
        }
        let kid = header.kid.as_deref().unwrap_or_default();
        let (key, until) = self.settings.keys.public(kid).ok_or(AuthError::Forged)?;
        let claims =
            decode::<Claims>(token, &key, &self.validation).map_err(|_| AuthError::Forged)?.claims;
        self.check(&claims)?;
        let mut principal = principal(&claims, kid).ok_or(AuthError::Forged)?;
        // A former key takes its tokens with it.
        principal.expires_at =
            until.map_or(principal.expires_at, |until| until.min(principal.expires_at));
        Ok(principal)
    }

    fn check(&self, claims: &Claims) -> Result<(), AuthError> {
        let latest = seconds(self.clock.now()).saturating_add(LEEWAY_SECS);
        let begun = claims.iat <= latest && claims.nbf.is_none_or(|nbf| nbf <= latest);
        let issued_here =
            claims.iss == self.settings.issuer || self.server.as_ref() == Some(&claims.iss);
        let ours = issued_here && claims.aud.names(AUDIENCE);
        if begun && ours && claims.exp > claims.iat { Ok(()) } else { Err(AuthError::Forged) }
    }
}

/// The signature and the algorithm; times, issuer and audience are judged here, by our own clock.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}

/// Keys are found by `kid` among our own, never from the token; a header that asks for more is refused.
fn is_ours(header: &Header) -> bool {
    let typed = header.typ.as_deref().is_some_and(|typ| typ.eq_ignore_ascii_case(TYPE));
    let brings_a_key = header.jku.is_some()
        || header.jwk.is_some()
        || header.x5u.is_some()
        || header.x5c.is_some();
    typed && header.alg == Algorithm::ES256 && !brings_a_key && header.crit.is_none()
}

fn principal(claims: &Claims, kid: &str) -> Option<Principal> {
    let subject: Subject = claims.sub.parse().ok()?;
    let role: Role = claims.role.parse().ok()?;
    let (words, granted) = granted(&claims.scope)?;
    let (who, agent, device) = acting_as(&subject, &claims.sub, role)?;
    if claims.tenant.is_none() && role != Role::PlatformAdmin {
        return None;
    }
    Some(Principal {
        tenant: claims.tenant.as_deref().map(Arc::from),
        who,
        role,
        scopes: granted.and(role.scopes()),
        agent,
        device,
        key: None,
        issued_at: Timestamp::from_secs(i64::try_from(claims.iat).ok()?),
        expires_at: Timestamp::from_secs(i64::try_from(claims.exp).ok()?),
        token: facts(claims, words, kid),
    })
}

fn facts(claims: &Claims, [openid, email]: [bool; 2], kid: &str) -> TokenFacts {
    let at = |secs: u64| Timestamp::from_secs(i64::try_from(secs).unwrap_or(i64::MAX));
    TokenFacts {
        subject: Arc::from(claims.sub.as_str()),
        client_id: Arc::from(claims.client_id.as_str()),
        issued_at: made_at(&claims.jti).unwrap_or_else(|| at(claims.iat)),
        grant: Grant { session: claims.sid, auth_time: claims.auth_time.map(at), openid, email },
        key_id: Arc::from(kid),
    }
}

/// The instant in a `jti` of ours, which is finer than `iat`.
fn made_at(jti: &str) -> Option<Timestamp> {
    let (secs, nanos) = Uuid::parse_str(jti).ok()?.get_timestamp()?.to_unix();
    let micros = i64::try_from(secs).ok()?.checked_mul(1_000_000)?;
    Some(Timestamp(micros.saturating_add(i64::from(nanos / 1_000))))
}

/// Whether `openid` and `email` are among the words, and the scopes of the API that the others are.
fn granted(words: &str) -> Option<([bool; 2], Scopes)> {
    const WORDS: [&str; 2] = ["openid", "email"];
    let all: Vec<&str> = words.split_ascii_whitespace().collect();
    let api: Vec<&str> = all.iter().copied().filter(|word| !WORDS.contains(word)).collect();
    Some((WORDS.map(|word| all.contains(&word)), api.join(" ").parse().ok()?))
}

/// None when role and subject contradict each other.
fn acting_as(
    subject: &Subject,
    text: &str,
    role: Role,
) -> Option<(Who, Option<AgentId>, Option<DeviceId>)> {
    let somebody = || (Who::Subject(Arc::from(text)), None, None);
    match subject {
        Subject::Agent(id) => Some((Who::Agent(*id), Some(*id), None)),
        Subject::Device(id) => {
            (role == Role::Device).then_some((Who::Device(*id), None, Some(*id)))
        }
        Subject::Role(named) => (role == *named).then(somebody),
        Subject::Account(_) => (role == Role::PlatformAdmin).then(somebody),
        Subject::Client(_) | Subject::Key(_) => (role != Role::PlatformAdmin).then(somebody),
    }
}

fn leeway() -> domain::Secs {
    domain::Secs(u32::try_from(LEEWAY_SECS).unwrap_or(0))
}

fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.0 / 1_000_000).unwrap_or(0)
}
