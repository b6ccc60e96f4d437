//! What every request passes, before its route is looked for and after it was answered.
//!
//! Before: an id, a mended path, tokens in addresses refused. After: problems are written, headers set, panics caught.
//! Invariant: every answer carries `X-Request-Id`, and no panic of a handler ends its connection.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use tokio::time::Instant;
use tower::Service;
use tracing::Instrument as _;

use super::ClientAddress;
use super::Edge;
use super::address::IsHttps;
use super::secure::secure;
use super::trail::{Trail, Witness};
use super::{cors, soundness};
use crate::problem::{Code, Problem};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ID_BYTES_MAX: usize = 128;
/// Swagger's files refer to each other relatively, so its folder keeps its slash.
const KEEPS_SLASH: &str = "/docs/api";

/// The routes, and what stands before them.
#[derive(Clone)]
pub(crate) struct Front {
    edge: Edge,
    routes: Router,
}

/// The id under which a request is found in the log: the client's own, or a new one.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    fn of(request: &Request<Body>) -> Self {
        let given = request.headers().get(X_REQUEST_ID).filter(|id| is_sane(id.as_bytes()));
        given.map_or_else(Self::fresh, |id| Self(id.clone()))
    }

    /// Unique among all requests of all runs: the moment of the start, and a counter.
    fn fresh() -> Self {
        static RUN: LazyLock<u64> = LazyLock::new(|| {
            let (high, low) = uuid::Uuid::now_v7().as_u64_pair();
            high ^ low
        });
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let text = format!("{:016x}-{:x}", *RUN, COUNT.fetch_add(1, Ordering::Relaxed));
        Self(HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("unknown")))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

fn is_sane(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    (1..=ID_BYTES_MAX).contains(&id.len()) && id.iter().all(plain)
}

impl Front {
    pub(super) fn new(edge: Edge, routes: Router) -> Self {
        Self { edge, routes }
    }

    pub(crate) async fn answer(&self, mut request: Request<Body>) -> Response {
        let (begun, method) = (Instant::now(), request.method().clone());
        let id = RequestId::of(&request);
        let is_chunked = soundness::is_chunked(request.headers());
        let sound = soundness::check(&request);
        self.edge.web().proxies.judge(&mut request);
        let is_https = request.extensions().get() == Some(&IsHttps(true));
        let origin = self.edge.origins().listed(request.headers());
        take_off_slash(&mut request);
        let uri = request.uri().clone();
        let is_sound = sound.is_ok();
        let mut response =
            match sound.and_then(|()| self.edge.rates().arrived(&request, Instant::now())) {
                Err(problem) => problem.into_response(),
                Ok(()) if origin.is_some() && cors::is_preflight(&request) => cors::preflight(),
                Ok(()) => self.witnessed(request, &id).await,
            };
        self.edge.metrics().routes.answered(&method, &response, begun.elapsed());
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            response = written(&problem, &response, &uri, &id);
        }
        let headers = response.headers_mut();
        headers.insert(X_REQUEST_ID, id.0);
        secure(headers);
        self.edge.stay_secure().say(headers, is_https);
        if is_chunked || !is_sound {
            soundness::close(headers);
        }
        if let Some(origin) = origin {
            cors::allow(origin, response.headers_mut());
        }
        response
    }

    /// What the routes answer; who was let in on the way is known afterwards.
    async fn witnessed(&self, mut request: Request<Body>, id: &RequestId) -> Response {
        let witness = Witness::default();
        request.extensions_mut().insert(id.clone());
        request.extensions_mut().insert(witness.clone());
        let address = request.extensions().get::<ClientAddress>().copied();
        let (method, uri) = (request.method().clone(), request.uri().clone());
        // Every line of the log that is written meanwhile carries the id that the client has.
        let span = tracing::error_span!("request", trace_id = id.as_str());
        let response = self.route(request, id).instrument(span).await;
        self.note_denial(&response, &witness, || {
            (Trail::of_request(address, id), format!("{method} {}", uri.path()))
        });
        response
    }

    /// Records a no that somebody got whose token was good. Unknown and foreign ids are recorded alike, so that the log
    /// tells nobody which of the two an id is.
    fn note_denial(
        &self,
        response: &Response,
        witness: &Witness,
        asked: impl FnOnce() -> (Trail, String),
    ) {
        if !matches!(response.status(), StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
            return;
        }
        let Some(principal) = witness.seen() else { return };
        let code = response.extensions().get::<Problem>().map_or("refused", Problem::code);
        let (trail, object) = asked();
        self.edge.record_denied(principal, &trail, object, code);
    }

    async fn route(&self, request: Request<Body>, id: &RequestId) -> Response {
        if has_token(request.uri().query()) {
            return Problem::of(Code::TokenInUrl).into_response();
        }
        let mut routes = self.routes.clone();
        match caught(routes.call(request)).await {
            Some(Ok(response)) => response,
            Some(Err(never)) => match never {},
            None => {
                tracing::error!(request_id = id.as_str(), "a handler panicked");
                Problem::of(Code::Internal).into_response()
            }
        }
    }
}

/// None when `work` panicked. What it shared was behind locks or messages, so nothing half-done is seen.
async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    AssertUnwindSafe(work).catch_unwind().await.ok()
}

/// The problem's own answer, with what the router said of the allowed methods.
fn written(problem: &Problem, bare: &Response, uri: &Uri, id: &RequestId) -> Response {
    let mut response = problem.render(Some(uri.path()), Some(id.as_str()));
    if let Some(allow) = bare.headers().get(header::ALLOW) {
        response.headers_mut().insert(header::ALLOW, allow.clone());
    }
    response
}

/// `/a/b/` is `/a/b`: clients of the original send the slash.
fn take_off_slash(request: &mut Request<Body>) {
    let uri = request.uri();
    let Some(path) = uri.path().strip_suffix('/').filter(|path| !path.is_empty()) else { return };
    if path.starts_with(KEEPS_SLASH) {
        return;
    }
    let mended = match uri.query() {
        Some(query) => PathAndQuery::try_from(format!("{path}?{query}")),
        None => PathAndQuery::try_from(path),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = mended.ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

fn has_token(query: Option<&str>) -> bool {
    query.is_some_and(|query| {
        query.split('&').any(|pair| pair.split('=').next() == Some("access_token"))
    })
}

impl Service<Request<Body>> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let front = self.clone();
        Box::pin(async move { Ok(front.answer(request).await) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(uri: &str) -> String {
        let mut request = Request::builder().uri(uri).body(Body::empty()).unwrap();
        take_off_slash(&mut request);
        request.uri().to_string()
    }

    #[test]
    fn a_slash_at_the_end_changes_nothing() {
        assert_eq!(mended("/api/v1/tenants/"), "/api/v1/tenants");
        assert_eq!(mended("/api/v1/tenants/?limit=1"), "/api/v1/tenants?limit=1");
        assert_eq!(mended("/"), "/");
        assert_eq!(mended("/docs/api/"), "/docs/api/");
        assert_eq!(mended("//"), "/");
    }

    #[test]
    fn a_token_in_the_address_is_seen_wherever_it_stands() {
        assert!(has_token(Some("access_token=x")));
        assert!(has_token(Some("a=1&access_token")));
        assert!(!has_token(Some("q=access_token")));
        assert!(!has_token(None));
    }

    #[tokio::test]
    async fn a_panic_ends_its_own_request_only() {
        assert_eq!(caught(async { 7 }).await, Some(7));
        assert_eq!(caught(async { panic!("planted") }).await, None::<u8>);
    }

    #[test]
    fn only_sane_ids_of_clients_are_kept() {
        assert!(is_sane(b"req-1.2:a_B"));
        for bad in [&b""[..], b"a b", b"a\nb", b"<x>", &[b'a'; 129]] {
            assert!(!is_sane(bad));
        }
        assert_ne!(RequestId::fresh().as_str(), RequestId::fresh().as_str());
    }
}
