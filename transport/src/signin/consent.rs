//! The question whether a program may have what it asks for, and the page for faults that no program is told.
//!
//! Our own programs do not ask. An answer is not remembered: a program of somebody else's asks each time.
//! Invariant: the request that is granted is the one that was shown; it travels in the form and is judged anew.

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::guard::Seal;
use super::html::Html;
use super::lang::Lang;
use super::page::Page;
use super::session::Session;
use crate::edge::Edge;
use crate::oauth::Form;

fn lang(headers: &HeaderMap, query: &str) -> Lang {
    let query = Form::parse(query).unwrap_or_default();
    Lang::choose(query.get("lang").or_else(|| query.get("ui_locales")), headers)
}

/// `scopes` are the words asked for, `source` where the form may lead.
pub(crate) fn ask_consent(
    edge: &Edge,
    headers: &HeaderMap,
    query: &str,
    client: &str,
    (scopes, source): &(String, Option<String>),
    session: &Session,
) -> Response {
    let (lang, seal) = (lang(headers, query), Seal::of(edge, headers));
    let words = lang.words();
    let mut body = Html::new()
        .raw("<p><strong>")
        .text(client)
        .raw("</strong> ")
        .text(words.asks_for)
        .raw("</p><ul>");
    for scope in scopes.split_ascii_whitespace() {
        body = body.raw("<li><code dir=\"ltr\">").text(scope).raw("</code></li>");
    }
    body = body.raw("</ul><p>").text(words.signed_in_as).raw(" <bdi>");
    body = body.text(&session.holder.account.email).raw("</bdi></p>");
    let form = seal
        .form("/oauth/consent", lang)
        .hidden("request", query)
        .raw("<p class=\"choice\"><button type=\"submit\" name=\"decision\" value=\"allow\">")
        .text(words.allow)
        .raw("</button> <button type=\"submit\" name=\"decision\" value=\"deny\" class=\"plain\">")
        .text(words.deny)
        .raw("</button></p></form>");
    Page::new(lang, |words| words.consent)
        .body(body.add(&form))
        .leads_to(source.clone())
        .cookie(seal.cookie)
        .into_response()
}

/// Shown to the person, because no address of the request can be trusted.
pub(crate) fn fault(headers: &HeaderMap, query: &str, why: &'static str) -> Response {
    let lang = lang(headers, query);
    let words = lang.words();
    let body = Html::new()
        .alert(words.bad_request)
        .raw("<p lang=\"en\" dir=\"ltr\">")
        .text(why)
        .raw("</p>");
    Page::new(lang, |words| words.not_done)
        .body(body)
        .status(StatusCode::BAD_REQUEST)
        .into_response()
}
