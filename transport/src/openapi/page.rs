//! The page of the API (Swagger UI, served from the binary) and the page of problems.
//!
//! Swagger sets styles from script, so its folder alone gets a policy that allows them; nothing comes from elsewhere.
//! Invariant: neither page loads anything from another host.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use utoipa_swagger_ui::Config;

use crate::edge::Edge;
use crate::pages::media_type;
use crate::problem::{Code, Problem};

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
const PLAIN_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'");

static CONFIG: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("/openapi.json")));

pub(super) fn routes() -> Router<Edge> {
    Router::new()
        .route("/docs/api", get(async || Redirect::permanent("/docs/api/")))
        .route("/docs/api/", get(async || file("index.html")))
        .route("/docs/api/{*file}", get(async |Path(path): Path<String>| file(&path)))
        .route("/docs/problems", get(problems))
}

fn file(path: &str) -> Response {
    let Ok(Some(found)) = utoipa_swagger_ui::serve(path, Arc::clone(&CONFIG)) else {
        return Problem::of(Code::NotFound).into_response();
    };
    let mut response = Response::new(Body::from(found.bytes.into_owned()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type(&found.content_type));
    if found.gzpipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    guard(response, POLICY)
}

fn guard(mut response: Response, policy: HeaderValue) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(
        HeaderName::from_static("referrer-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}

/// Every code of an answer of no, with its meaning.
async fn problems() -> Response {
    let mut rows = String::new();
    for code in Code::ALL {
        let (name, status, meaning) = (code.as_str(), code.status(), code.meaning());
        let _ = writeln!(
            rows,
            "<dt id=\"{name}\"><code>{name}</code> ({status})</dt><dd>{meaning}</dd>"
        );
    }
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Problems – SmartQueue</title></head>\
         <body><h1>Problems</h1><p>The <code>code</code> of an answer of no never changes its meaning.</p>\
         <dl>\n{rows}</dl></body></html>"
    );
    guard(axum::response::Html(page).into_response(), PLAIN_POLICY)
}
