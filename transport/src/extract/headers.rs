//! The headers that carry meaning: `Authorization`, `Idempotency-Key`, `If-Match`.
//!
//! Each is read by its grammar and refused when it is there twice or says something else.
//! Invariant: a key that passes is 1 to 255 visible ASCII characters; a version that passes is a number.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};

use crate::edge::Edge;
use crate::problem::{Code, Problem};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const KEY_BYTES_MAX: usize = 255;

/// The token of `Authorization: Bearer …`.
///
/// # Errors
/// 401 when there is none, more than one, or another scheme.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Problem::unauthenticated("one bearer token is needed"));
    };
    let (scheme, token) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        return Ok(token.trim());
    }
    Err(Problem::unauthenticated("a bearer token is needed"))
}

/// The key of a command, without its quotes.
///
/// # Errors
/// 400 when there is none, more than one, or one that is too long, empty or not visible ASCII.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let value = values.next().ok_or(Problem::of(Code::KeyMissing))?;
    if values.next().is_some() {
        return Err(Problem::of(Code::KeyInvalid));
    }
    let text = value.to_str().map_err(|_| Problem::of(Code::KeyInvalid))?;
    sound_key(text).ok_or(Problem::of(Code::KeyInvalid))
}

/// The key in `text`: bare, or a quoted string of structured fields (RFC 9651). None when it is neither.
pub(crate) fn sound_key(text: &str) -> Option<&str> {
    let key = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').filter(|inside| !inside.contains(['"', '\\']))?,
        None => text,
    };
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    ((1..=KEY_BYTES_MAX).contains(&key.len()) && visible).then_some(key)
}

/// The version that a change is conditional on; none for `*` and when there is no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IfMatch(pub(crate) Option<u64>);

impl IfMatch {
    /// # Errors
    /// 400 for weak tags, lists and everything that is not one quoted version or `*`.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut values = headers.get_all(header::IF_MATCH).iter();
        let Some(value) = values.next() else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if values.next().is_some() {
            return Err(Problem::of(Code::InvalidIfMatch));
        }
        if text == "*" {
            return Ok(Self(None));
        }
        let inside = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let digits = inside.filter(|inside| inside.bytes().all(|byte| byte.is_ascii_digit()));
        let version = digits.and_then(|digits| digits.parse().ok());
        version.map(|version| Self(Some(version))).ok_or(Problem::of(Code::InvalidIfMatch))
    }
}

impl FromRequestParts<Edge> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Edge) -> Result<Self, Problem> {
        Self::of(&parts.headers)
    }
}
