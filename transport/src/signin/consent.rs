//! The question whether a program may have what it asks for, and the page for faults that no program is told.
//!
//! Our own programs do not ask. A yes is remembered for the person, the program and the words that were allowed, until
//! it is taken back at `/account`; only what goes beyond it is asked for again.
//! Invariant: the request that is granted is the one that was shown; it travels in the form and is judged anew.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use persistence::{ConsentRow, StoreError};
use serde_json::json;

use super::guard::Posted;
use super::guard::Seal;
use super::html::Html;
use super::lang::Lang;
use super::page::Page;
use super::record;
use super::session::Session;
use crate::edge::Edge;
use crate::oauth::Form;

/// What the question names.
pub(crate) struct Shown {
    pub(crate) client: String,
    /// The words that are asked for.
    pub(crate) new: String,
    /// Those of the request that were allowed before.
    pub(crate) known: String,
    /// Where the form may lead.
    pub(crate) source: Option<String>,
}

/// The words that whoever is signed in has allowed `client_id`.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn consent_given(
    edge: &Edge,
    session: &Session,
    client_id: &str,
) -> Result<String, StoreError> {
    let (tenant, account) = (session.realm.id(), session.holder.account.account);
    let known = edge.engine().store().consent(tenant, account, client_id).await?;
    Ok(known.map(|row| row.scope).unwrap_or_default())
}

/// Adds the words of `scope` to what whoever is signed in has allowed `client_id`.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn remember_consent(
    edge: &Edge,
    posted: &Posted,
    session: &Session,
    client_id: &str,
    scope: &str,
) -> Result<(), StoreError> {
    let given = consent_given(edge, session, client_id).await?;
    let words: BTreeSet<&str> =
        given.split_ascii_whitespace().chain(scope.split_ascii_whitespace()).collect();
    let now = edge.engine().clock().now();
    let account = session.holder.account.account;
    let row = ConsentRow {
        tenant: session.realm.id(),
        account,
        client_id: client_id.to_owned(),
        scope: words.into_iter().collect::<Vec<_>>().join(" "),
        given_at: now,
        updated_at: now,
    };
    edge.engine().store().save_consent(row).await?;
    let after = Some(json!({ "client": client_id, "scopes": scope }));
    record::done(edge, &session.realm, account, &posted.trail, ("consent.give", after));
    Ok(())
}

fn lang(headers: &HeaderMap, query: &str) -> Lang {
    let query = Form::parse(query).unwrap_or_default();
    Lang::choose(query.get("lang").or_else(|| query.get("ui_locales")), headers)
}

pub(crate) fn ask_consent(
    edge: &Edge,
    headers: &HeaderMap,
    query: &str,
    shown: Shown,
    session: &Session,
) -> Response {
    let Shown { client, new, known, source } = shown;
    let (lang, seal) = (lang(headers, query), Seal::of(edge, headers));
    let words = lang.words();
    let mut body = Html::new()
        .raw("<p><strong>")
        .text(&client)
        .raw("</strong> ")
        .text(words.asks_for)
        .raw("</p>")
        .add(&list(&new));
    if !known.is_empty() {
        body = body.element("p", words.allowed_already).add(&list(&known));
    }
    body = body.raw("<p>").text(words.signed_in_as).raw(" <bdi>");
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
        .leads_to(source)
        .cookie(seal.cookie)
        .into_response()
}

/// Words of scopes, one in a line.
pub(super) fn list(scopes: &str) -> Html {
    let items = scopes.split_ascii_whitespace().fold(Html::new().raw("<ul>"), |list, scope| {
        list.raw("<li><code dir=\"ltr\">").text(scope).raw("</code></li>")
    });
    items.raw("</ul>")
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
