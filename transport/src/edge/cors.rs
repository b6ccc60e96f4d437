//! Which pages of other origins may call: exactly those that the operator listed.
//!
//! The program's own pages need no permission; a listed origin gets the CORS headers and its preflights answered.
//! Invariant: an origin is compared whole, so `null`, look-alikes and other ports are never let in.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, idempotency-key, if-match, last-event-id, x-request-id",
);
const EXPOSED: HeaderValue =
    HeaderValue::from_static("etag, idempotency-replayed, location, retry-after, x-request-id");

/// The origins beside the program's own.
#[derive(Debug)]
pub(crate) struct Origins(Vec<String>);

impl Origins {
    pub(crate) fn new(listed: Vec<String>) -> Self {
        Self(listed)
    }

    /// The origin of this request, if it is a listed one.
    pub(crate) fn listed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        self.0.iter().any(|listed| listed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
    }

    /// As the operator listed them.
    pub(crate) fn as_slice(&self) -> &[String] {
        &self.0
    }
}

pub(super) fn is_preflight(request: &Request<Body>) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

pub(super) fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

pub(super) fn allow(origin: HeaderValue, headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_origins_get_permission_to_read() {
        let origins = Origins::new(vec!["https://app.example".to_owned()]);
        let of =
            |origin| HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static(origin))]);
        assert!(origins.listed(&of("https://app.example")).is_some());
        for bad in
            ["null", "https://app.example.evil", "http://app.example", "https://app.example:8443"]
        {
            assert!(origins.listed(&of(bad)).is_none(), "{bad}");
        }
    }
}
