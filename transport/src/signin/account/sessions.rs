//! The browsers in which a person is signed in, and the way to end one of them or all others.
//!
//! A session is known again by what the browser is, by when it was used and by its network. With a session end the
//! tokens of the account, because what it had opened might hold some; a browser that stays signed in asks for new ones.
//! Invariant: nobody ends a session of somebody else's.

use axum::extract::State;
use axum::response::Response;
use persistence::{SessionRow, StoreError};
use serde_json::json;

use super::super::accounts::end_tokens;
use super::super::failed::Failed;
use super::super::guard::{Posted, Seal};
use super::super::html::Html;
use super::super::lang::Lang;
use super::super::page::go;
use super::super::record;
use super::super::session::Session;
use crate::edge::Edge;
use crate::oauth::{hex, unhex};

/// The part of the account's page.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn section(
    edge: &Edge,
    session: &Session,
    seal: &Seal,
    lang: Lang,
) -> Result<Html, StoreError> {
    let words = lang.words();
    let rows = session.all(edge).await?;
    let mut part = Html::new().element("h2", words.sessions).raw("<ul class=\"sessions\">");
    for row in &rows {
        part = part.raw("<li>").add(&described(row, lang));
        part = if session.is(row) {
            part.raw("<p><strong>").text(words.this_browser).raw("</strong></p>")
        } else {
            part.add(
                &seal
                    .form("/account/sessions/end", lang)
                    .hidden("session", &hex(&row.hash))
                    .button(words.end_session)
                    .raw("</form>"),
            )
        };
        part = part.raw("</li>");
    }
    part = part.raw("</ul>");
    Ok(if rows.len() > 1 { part.add(&others_form(seal, lang)) } else { part })
}

/// The form that ends all sessions but this one.
pub(super) fn others_form(seal: &Seal, lang: Lang) -> Html {
    let form = seal.form("/account/sessions/end-others", lang);
    form.button(lang.words().end_others).raw("</form>")
}

fn described(row: &SessionRow, lang: Lang) -> Html {
    let words = lang.words();
    let browser = row.browser.as_deref().unwrap_or(words.unknown_browser);
    let mut text = Html::new().raw("<p><bdi>").text(browser).raw("</bdi>");
    if let Some(address) = &row.address {
        text = text.raw(" <code dir=\"ltr\">").text(address).raw("</code>");
    }
    text = text.raw("<br>").text(words.signed_in_at).raw(" ").add(&super::time(row.auth_time));
    text.raw("<br>").text(words.last_used).raw(" ").add(&super::time(row.used_at)).raw("</p>")
}

pub(in crate::signin) async fn end_session(
    State(edge): State<Edge>,
    posted: Posted,
) -> Result<Response, Failed> {
    let Some(session) = Session::current(&edge, &posted.headers).await? else {
        return Ok(go(super::SIGN_IN, None));
    };
    let holder = &session.holder;
    let (tenant, account) = (session.realm.id(), holder.account.account);
    let hash = posted.form.get("session").and_then(unhex);
    let Some(hash) = hash else { return Ok(go("/account", None)) };
    if edge.engine().store().end_session_of(tenant, account, hash).await? {
        end_tokens(&edge, &session.realm, account, &holder.subject).await?;
        let after = Some(json!({ "which": "another" }));
        record::done(&edge, &session.realm, account, &posted.trail, ("session.end", after));
    }
    Ok(go("/account", None))
}

pub(in crate::signin) async fn end_other_sessions(
    State(edge): State<Edge>,
    posted: Posted,
) -> Result<Response, Failed> {
    let Some(session) = Session::current(&edge, &posted.headers).await? else {
        return Ok(go(super::SIGN_IN, None));
    };
    let account = session.holder.account.account;
    let ended = session.end_others(&edge).await?;
    end_tokens(&edge, &session.realm, account, &session.holder.subject).await?;
    let after = Some(json!({ "which": "all others", "count": ended }));
    record::done(&edge, &session.realm, account, &posted.trail, ("session.end", after));
    Ok(go("/account", None))
}
