//! Refusals in the words of OAuth (RFC 6749 §5.2, RFC 7009, RFC 7662): a JSON of `error` and `error_description`.
//!
//! The endpoints that programs call answer so; what people see is a page. The API proper keeps its problems.
//! Invariant: a refusal says which rule, never what was found in the store.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use persistence::StoreError;
use serde_json::json;

const BASIC: HeaderValue = HeaderValue::from_static(r#"Basic realm="smartqueue""#);

/// Why an endpoint said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OAuthError {
    pub(crate) error: &'static str,
    pub(crate) description: &'static str,
    status: StatusCode,
    challenge: bool,
}

impl OAuthError {
    const fn new(error: &'static str, description: &'static str) -> Self {
        Self { error, description, status: StatusCode::BAD_REQUEST, challenge: false }
    }

    pub(crate) const fn invalid_request(description: &'static str) -> Self {
        Self::new("invalid_request", description)
    }

    pub(crate) const fn invalid_grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    pub(crate) const fn invalid_scope(description: &'static str) -> Self {
        Self::new("invalid_scope", description)
    }

    pub(crate) const fn unauthorized_client(description: &'static str) -> Self {
        Self::new("unauthorized_client", description)
    }

    pub(crate) const fn unsupported_grant() -> Self {
        Self::new("unsupported_grant_type", "this grant is not known here")
    }

    pub(crate) const fn invalid_client() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            challenge: true,
            ..Self::new(
                "invalid_client",
                "the client is unknown, disabled, or did not prove who it is",
            )
        }
    }

    /// It may go better next time.
    pub(crate) const fn server() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..Self::new("temporarily_unavailable", "the store did not answer; try again")
        }
    }
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed the authorization server");
        Self::server()
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = (self.status, Json(body)).into_response();
        if self.challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, BASIC);
        }
        response
    }
}
