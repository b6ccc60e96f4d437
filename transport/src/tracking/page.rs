//! The page of a ticket: server-rendered, without a script; it asks again by itself until the visit is over.
//!
//! Forms go to addresses below the page's own and lead back to it. No cookie is read or set, so there is nothing that
//! a foreign page could ride on: the code in the address is the whole credential, and no referrer carries it away.
//! Invariant: whatever comes from a tenant's configuration is escaped.

mod html;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::act::{DelayBody, FeedbackBody};
use super::find::Linked;
use super::view::PublicTicket;
use super::words::{Words, chosen};
use crate::edge::Edge;
use crate::extract::{Asked, form_of};
use crate::problem::Problem;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Which language was asked for; nothing else may stand in the address.
#[derive(Debug, Default, serde::Deserialize)]
struct Wish {
    #[serde(default)]
    lang: Option<String>,
}

fn asked(uri: &Uri) -> Option<String> {
    Asked::<Wish>::of(uri).ok().and_then(|wish| wish.0.lang)
}

/// The words for somebody whose ticket is not known.
fn words_of(uri: &Uri, headers: &HeaderMap) -> &'static Words {
    chosen(asked(uri).as_deref(), None, headers)
}

fn words_for(linked: &Linked, uri: &Uri, headers: &HeaderMap) -> &'static Words {
    chosen(asked(uri).as_deref(), linked.ticket.language.as_deref(), headers)
}

pub(super) async fn show(
    uri: Uri,
    headers: HeaderMap,
    linked: Result<Linked, Problem>,
) -> Response {
    let drawn = async {
        let linked = linked?;
        let words = words_for(&linked, &uri, &headers);
        let ticket = PublicTicket::of(&linked).await?;
        Ok((StatusCode::OK, html::ticket(words, &ticket, uri.path(), asked(&uri).as_deref())))
    };
    match drawn.await {
        Ok((status, page)) => guarded(status, page),
        Err(problem) => refused(&problem, words_of(&uri, &headers), None),
    }
}

pub(super) async fn cancel(
    uri: Uri,
    headers: HeaderMap,
    linked: Result<Linked, Problem>,
) -> Response {
    let done = async { linked?.cancel().await.map(|_| ()) };
    answered(done.await, &uri, &headers)
}

pub(super) async fn delay(
    uri: Uri,
    headers: HeaderMap,
    linked: Result<Linked, Problem>,
) -> Response {
    let done = async { linked?.delay(&DelayBody::default()).await.map(|_| ()) };
    answered(done.await, &uri, &headers)
}

pub(super) async fn feedback(
    axum::extract::State(edge): axum::extract::State<Edge>,
    linked: Result<Linked, Problem>,
    request: Request,
) -> Response {
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let done = async {
        let linked = linked?;
        linked.say(form_of::<FeedbackBody>(request, &edge).await?).await
    };
    answered(done.await, &uri, &headers)
}

pub(super) async fn style() -> Response {
    let css = HeaderValue::from_static("text/css; charset=utf-8");
    let age = HeaderValue::from_static("public, max-age=3600");
    ([(header::CONTENT_TYPE, css), (header::CACHE_CONTROL, age)], include_str!("style.css"))
        .into_response()
}

/// Back to the ticket, or what stood in the way.
fn answered(done: Result<(), Problem>, uri: &Uri, headers: &HeaderMap) -> Response {
    let back = html::back(uri.path(), asked(uri).as_deref());
    match done {
        Ok(()) => {
            let place = HeaderValue::try_from(back).unwrap_or(HeaderValue::from_static("/"));
            let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response();
            guard(response.headers_mut());
            response
        }
        Err(problem) => refused(&problem, words_of(uri, headers), Some(&back)),
    }
}

fn refused(problem: &Problem, words: &Words, back: Option<&str>) -> Response {
    let status = problem.status();
    let (said, back) = match status.as_u16() {
        404 => (words.unknown, None),
        429 => (words.too_often, None),
        409 => (words.not_now, back),
        400..500 => (words.unsound, back),
        _ => (words.failed, back),
    };
    guarded(status, html::notice(words, said, back))
}

fn guarded(status: StatusCode, page: String) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, HTML)], page).into_response();
    guard(response.headers_mut());
    response
}

fn guard(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
}
