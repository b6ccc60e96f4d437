//! An ID token, judged as OpenID Connect Core 1.0 §3.1.3.7 says, by our own clock.
//!
//! The header names a key among the provider's own; keys that a token brings along are refused. The algorithm must be one
//! of the list and fit the kind of the key, so that no public key serves as a shared secret.
//! Invariant: an [`Identity`] comes of a token that was signed by the issuer, for this client, for this sign-in, just now.

use domain::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

/// How far the provider's clock may differ.
const LEEWAY_SECS: u64 = 60;
/// A code is exchanged at once, so its token is young.
const AGE_SECS_MAX: u64 = 600;
/// Bytes of a token; one with hundreds of groups has some 20,000.
const TOKEN_BYTES_MAX: usize = 64 * 1_024;
const SUBJECT_CHARS_MAX: usize = 255;
const METHODS_MAX: usize = 8;
const METHOD_CHARS_MAX: usize = 20;

/// What is wrong with a token. The person learns only that the sign-in did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Untrue {
    #[error("the ID token is not a signed token with a kid")]
    Malformed,
    #[error("the ID token's algorithm is not allowed, or not the key's")]
    Algorithm,
    #[error("the ID token's signature is not the provider's")]
    Signature,
    #[error("the ID token is of another issuer")]
    Issuer,
    #[error("the ID token is for another client")]
    Audience,
    #[error("the ID token has expired, is too old, or is of the future")]
    Time,
    #[error("the ID token is of another sign-in (nonce)")]
    Nonce,
    #[error("the ID token has no sound subject")]
    Subject,
}

/// What a token must say.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: Timestamp,
}

/// Whom a token is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Identity {
    pub(crate) subject: String,
    /// In lower case.
    pub(crate) email: Option<String>,
    pub(crate) email_verified: bool,
    pub(crate) name: Option<String>,
    /// How the provider knows: `amr`, as far as it is plain words.
    pub(crate) methods: Vec<String>,
    pub(crate) claims: Map<String, Value>,
}

/// The algorithm and the name of the key, as the token says before anything is checked.
///
/// # Errors
/// [`Untrue::Malformed`] and [`Untrue::Algorithm`].
pub(crate) fn head(token: &str) -> Result<(Algorithm, String), Untrue> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Untrue::Malformed);
    }
    let header = decode_header(token).map_err(|_| Untrue::Malformed)?;
    let brings_a_key = header.jku.is_some()
        || header.jwk.is_some()
        || header.x5u.is_some()
        || header.x5c.is_some();
    let typed = header.typ.as_deref().is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
    let kid = header.kid.filter(|kid| !kid.is_empty());
    match kid {
        Some(kid) if typed && !brings_a_key && header.crit.is_none() => {
            if is_allowed(header.alg) {
                Ok((header.alg, kid))
            } else {
                Err(Untrue::Algorithm)
            }
        }
        Some(_) | None => Err(Untrue::Malformed),
    }
}

fn is_allowed(algorithm: Algorithm) -> bool {
    use Algorithm::{ES256, EdDSA, PS256, RS256};
    [RS256, PS256, ES256, EdDSA].contains(&algorithm)
}

/// Judges a token whose head named `algorithm` and `key`.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn judge(
    token: &str,
    algorithm: Algorithm,
    key: &Jwk,
    expected: &Expected<'_>,
) -> Result<Identity, Untrue> {
    if !fits(key, algorithm) {
        return Err(Untrue::Algorithm);
    }
    let decoding = DecodingKey::from_jwk(key).map_err(|_| Untrue::Algorithm)?;
    let read = decode::<Map<String, Value>>(token, &decoding, &validation(algorithm));
    let claims = read.map_err(|error| unread(&error))?.claims;
    check(&claims, expected)?;
    identity(claims)
}

fn unread(error: &jsonwebtoken::errors::Error) -> Untrue {
    let forged = matches!(error.kind(), ErrorKind::InvalidSignature);
    if forged { Untrue::Signature } else { Untrue::Malformed }
}

/// Whether the key is for signatures of this algorithm.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let signs = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let named = key.common.key_algorithm.is_none_or(|known| {
        known.to_string().parse::<Algorithm>().is_ok_and(|known| known == algorithm)
    });
    let kind = if matches!(key.algorithm, AlgorithmParameters::RSA(_)) {
        matches!(algorithm, Algorithm::RS256 | Algorithm::PS256)
    } else if matches!(key.algorithm, AlgorithmParameters::EllipticCurve(_)) {
        algorithm == Algorithm::ES256
    } else {
        matches!(key.algorithm, AlgorithmParameters::OctetKeyPair(_))
            && algorithm == Algorithm::EdDSA
    };
    signs && named && kind
}

/// The signature and the algorithm; everything else is judged here.
fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}

fn check(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), Untrue> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(Untrue::Issuer);
    }
    if !is_for(claims, expected.client_id) {
        return Err(Untrue::Audience);
    }
    if !is_of_now(claims, expected.now) {
        return Err(Untrue::Time);
    }
    let nonce = text("nonce").unwrap_or_default();
    let same = crate::oauth::same(nonce.as_bytes(), expected.nonce.as_bytes());
    if same { Ok(()) } else { Err(Untrue::Nonce) }
}

/// With several audiences, `azp` says whom the token was made for.
fn is_for(claims: &Map<String, Value>, client: &str) -> bool {
    let (named, alone) = match claims.get("aud") {
        Some(Value::String(one)) => (one == client, true),
        Some(Value::Array(all)) => {
            (all.iter().any(|one| one.as_str() == Some(client)), all.len() == 1)
        }
        Some(_) | None => (false, false),
    };
    let party = match claims.get("azp") {
        None => alone,
        Some(party) => party.as_str() == Some(client),
    };
    named && party
}

fn is_of_now(claims: &Map<String, Value>, now: Timestamp) -> bool {
    let now = u64::try_from(now.0 / 1_000_000).unwrap_or(0);
    let secs = |name: &str| claims.get(name).and_then(Value::as_u64);
    let (Some(exp), Some(iat)) = (secs("exp"), secs("iat")) else { return false };
    let begun = match claims.get("nbf") {
        None => true,
        Some(nbf) => nbf.as_u64().is_some_and(|nbf| nbf <= now + LEEWAY_SECS),
    };
    let young = iat <= now + LEEWAY_SECS && iat.saturating_add(AGE_SECS_MAX + LEEWAY_SECS) >= now;
    begun && young && exp.saturating_add(LEEWAY_SECS) > now
}

fn identity(claims: Map<String, Value>) -> Result<Identity, Untrue> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let subject = text("sub").filter(|subject| {
        (1..=SUBJECT_CHARS_MAX).contains(&subject.chars().count())
            && !subject.chars().any(char::is_control)
    });
    // Some providers write the flag as a text.
    let email_verified = match claims.get("email_verified") {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(flag)) => flag == "true",
        Some(_) | None => false,
    };
    let plain = |word: &&str| {
        (1..=METHOD_CHARS_MAX).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    let methods = claims.get("amr").and_then(Value::as_array).into_iter().flatten();
    let methods = methods.filter_map(Value::as_str).filter(plain).take(METHODS_MAX);
    Ok(Identity {
        subject: subject.ok_or(Untrue::Subject)?,
        email: text("email").map(|email| email.trim().to_lowercase()),
        email_verified,
        name: text("name").or_else(|| text("preferred_username")),
        methods: methods.map(str::to_owned).collect(),
        claims,
    })
}

#[cfg(test)]
mod tests;
