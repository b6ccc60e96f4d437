//! The pages: web/dist, embedded in the binary, under a strict policy.
//!
//! Files under `/assets` carry a hash in their name and may be kept for ever; pages are asked about each time.
//! Invariant: no script and no style comes from anywhere but this program, and none is written inside a page.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{Embed, EmbeddedFile};

use crate::edge::Edge;
use crate::problem::{Code, Problem};

#[derive(Embed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Dist;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
const MISSING: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>SmartQueue</title></head>\
<body><h1>The pages are missing</h1><p>This program was built without its pages. Build them in <code>web/</code> \
(<code>npm ci && npm run build</code>), then build the program again. The API works without them.</p></body></html>";

pub(crate) fn routes() -> Router<Edge> {
    Router::new()
        .route("/", get(async |headers: HeaderMap| page("index.html", &headers)))
        .route("/kiosk", get(async |headers: HeaderMap| page("kiosk/index.html", &headers)))
        .route("/display", get(async |headers: HeaderMap| page("display/index.html", &headers)))
        .route("/agent", get(async |headers: HeaderMap| page("agent/index.html", &headers)))
        .route("/favicon.svg", get(async |headers: HeaderMap| loose("favicon.svg", &headers)))
        .route("/assets/{*file}", get(asset))
        .route("/demo/session", get(demo_session))
}

/// What the pages of a demo need to begin: a tenant and tokens. Outside the demo there is no such thing.
async fn demo_session(State(edge): State<Edge>) -> Response {
    match edge.demo() {
        Some(session) => {
            let json = HeaderValue::from_static("application/json");
            ([(header::CONTENT_TYPE, json)], session.to_owned()).into_response()
        }
        None => Problem::of(Code::NotFound).into_response(),
    }
}

async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    match Dist::get(&format!("assets/{file}")) {
        Some(found) => served(found, FOR_EVER, &headers),
        None => Problem::of(Code::NotFound).into_response(),
    }
}

fn loose(path: &str, headers: &HeaderMap) -> Response {
    match Dist::get(path) {
        Some(found) => served(found, ASK_AGAIN, headers),
        None => Problem::of(Code::NotFound).into_response(),
    }
}

fn page(path: &str, headers: &HeaderMap) -> Response {
    let mut response = match Dist::get(path) {
        Some(found) => served(found, ASK_AGAIN, headers),
        None => (StatusCode::SERVICE_UNAVAILABLE, axum::response::Html(MISSING)).into_response(),
    };
    let guards = response.headers_mut();
    guards.insert(header::CONTENT_SECURITY_POLICY, policy(headers));
    guards.insert(
        HeaderName::from_static("referrer-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}

fn served(file: EmbeddedFile, caching: HeaderValue, asked: &HeaderMap) -> Response {
    let tag = etag(&file);
    if asked.get(header::IF_NONE_MATCH).is_some_and(|known| *known == tag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag), (header::CACHE_CONTROL, caching)])
            .into_response();
    }
    let kind = media_type(file.metadata.mimetype());
    let headers =
        [(header::CONTENT_TYPE, kind), (header::ETAG, tag), (header::CACHE_CONTROL, caching)];
    (headers, Body::from(file.data.into_owned())).into_response()
}

/// The type as it is sent: of a text, with the letters that all of ours are written in.
pub(crate) fn media_type(kind: &str) -> HeaderValue {
    let is_bare = kind.starts_with("text/") && !kind.contains("charset");
    let letters = if is_bare { "; charset=utf-8" } else { "" };
    let sent = HeaderValue::try_from(format!("{kind}{letters}"));
    sent.unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

fn etag(file: &EmbeddedFile) -> HeaderValue {
    let hash = file.metadata.sha256_hash();
    let text: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::try_from(format!("\"{text}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// `'self'` covers sockets in current browsers; older ones need the host named.
fn policy(asked: &HeaderMap) -> HeaderValue {
    let host = asked
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|host| is_plain_host(host));
    let sockets = host.map_or_else(String::new, |host| format!(" ws://{host} wss://{host}"));
    let text = format!(
        "default-src 'self'; connect-src 'self'{sockets}; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(text)
        .unwrap_or(HeaderValue::from_static("default-src 'self'; frame-ancestors 'none'"))
}

/// Nothing that could end the directive it is put into.
fn is_plain_host(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    !host.is_empty() && host.len() <= 253 && host.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_in_which_letters_it_is_written() {
        assert_eq!(media_type("text/css"), "text/css; charset=utf-8");
        assert_eq!(media_type("text/html; charset=utf-8"), "text/html; charset=utf-8");
        assert_eq!(media_type("image/png"), "image/png");
        assert_eq!(media_type("text/\n"), "application/octet-stream");
    }

    #[test]
    fn the_policy_names_the_own_host_and_nobody_elses() {
        let of = |host: &'static str| {
            policy(&HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]))
        };
        let good = of("queue.example:8080");
        assert!(
            good.to_str()
                .unwrap()
                .contains("connect-src 'self' ws://queue.example:8080 wss://queue.example:8080;")
        );
        let bad = of("x; script-src *");
        assert!(!bad.to_str().unwrap().contains('*'), "{bad:?}");
        assert!(bad.to_str().unwrap().contains("frame-ancestors 'none'"));
    }
}
