//! Errors become HTTP here and nowhere else: RFC 9457, `application/problem+json`.
//!
//! `code` holds every stable code with its status, `refusal` says which code an answer of no gets and with what facts.
//! Invariant: an answer of "not found" is the same, byte for byte, for what does not exist and what is another's.

mod code;
mod refusal;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

pub(crate) use code::Code;

use crate::auth::AuthError;

pub(crate) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
const CHALLENGE: HeaderValue =
    HeaderValue::from_static(r#"Bearer realm="smartqueue", error="invalid_token""#);
const SCOPE_CHALLENGE: HeaderValue =
    HeaderValue::from_static(r#"Bearer realm="smartqueue", error="insufficient_scope""#);
const STEP_UP_CHALLENGE: HeaderValue = HeaderValue::from_static(
    r#"Bearer realm="smartqueue", error="insufficient_user_authentication", max_age=300"#,
);

/// Why there is no answer of yes, as it is told to the caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    facts: Option<Box<Map<String, Value>>>,
    retry_after_secs: Option<u32>,
}

impl Problem {
    /// A problem that its title says everything about.
    pub(crate) const fn of(code: Code) -> Self {
        Self { code, detail: Cow::Borrowed(code.meaning()), facts: None, retry_after_secs: None }
    }

    pub(crate) fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into(), ..Self::of(code) }
    }

    pub(crate) fn unauthenticated(detail: &'static str) -> Self {
        Self::new(Code::InvalidToken, detail)
    }

    /// One wrong member of a request body; `pointer` is a JSON pointer.
    pub(crate) fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        let error = serde_json::json!({ "pointer": pointer, "detail": detail.into() });
        Self::of(Code::InvalidRequest).fact("errors", Value::Array(vec![error]))
    }

    /// One wrong query parameter or header.
    pub(crate) fn invalid_parameter(name: &str, detail: impl Into<String>) -> Self {
        let error = serde_json::json!({ "parameter": name, "detail": detail.into() });
        Self::of(Code::InvalidRequest).fact("errors", Value::Array(vec![error]))
    }

    #[must_use]
    pub(crate) fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.get_or_insert_default().insert(name.to_owned(), value.into());
        self
    }

    #[must_use]
    pub(crate) const fn retry_after(mut self, secs: u32) -> Self {
        self.retry_after_secs = Some(secs);
        self
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The stable code of the API.
    pub const fn code(&self) -> &'static str {
        self.code.as_str()
    }

    /// The body; `instance` is the path asked for, `trace_id` the id of the request.
    pub(crate) fn to_value(&self, instance: Option<&str>, trace_id: Option<&str>) -> Value {
        let mut body = Map::new();
        body.insert("type".to_owned(), format!("/docs/problems#{}", self.code()).into());
        body.insert("title".to_owned(), self.code.title().into());
        body.insert("status".to_owned(), self.code.status().into());
        body.insert("code".to_owned(), self.code().into());
        body.insert("detail".to_owned(), self.detail.as_ref().into());
        // Nothing of the request may tell an unknown id from a foreign one.
        if self.code != Code::NotFound {
            body.extend(instance.map(|path| ("instance".to_owned(), path.into())));
            body.extend(trace_id.map(|id| ("trace_id".to_owned(), id.into())));
        }
        body.extend(
            self.facts
                .iter()
                .flat_map(|facts| facts.iter().map(|(name, fact)| (name.clone(), fact.clone()))),
        );
        Value::Object(body)
    }

    /// Status, headers and body together.
    pub(crate) fn render(&self, instance: Option<&str>, trace_id: Option<&str>) -> Response {
        let mut response =
            (self.status(), self.to_value(instance, trace_id).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
        if self.code == Code::InvalidToken {
            headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
        } else if self.code == Code::InsufficientScope {
            headers.insert(header::WWW_AUTHENTICATE, SCOPE_CHALLENGE);
        } else if self.code == Code::InsufficientUserAuthentication {
            headers.insert(header::WWW_AUTHENTICATE, STEP_UP_CHALLENGE);
        } else if self.code.closes() {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        headers.extend(
            self.retry_after_secs.map(|secs| (header::RETRY_AFTER, HeaderValue::from(secs))),
        );
        response
    }
}

/// Waits in the answer's extensions for the front, which knows the path and the request's id.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Missing => Self::unauthenticated("a bearer token is needed"),
            AuthError::Forged => {
                Self::unauthenticated("the token is not a signed access token of this server")
            }
            AuthError::Expired => Self::unauthenticated("the token has expired"),
        }
    }
}
