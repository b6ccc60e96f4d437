//! One's own account: who one is, a confirmed e-mail address, a second factor, what one has let in, and the way out.
//!
//! What a stolen session must not do – change the second factor – asks for a sign-in within the last minutes.
//! Invariant: recovery codes are shown once and kept as hashes.

mod factor;
mod password;
mod programs;
mod sessions;
mod verify;

use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use domain::{Secs, Timestamp};
use persistence::StoreError;

pub(super) use factor::{begin_totp, confirm_totp, totp_off};
pub(super) use password::{change_password, show_password};
pub(super) use programs::withdraw_program;
pub(super) use sessions::{end_other_sessions, end_session};
pub(super) use verify::{confirm_code, send_code};

use super::accounts::end_tokens;
use super::failed::Failed;
use super::guard::{Posted, Seal};
use super::html::Html;
use super::lang::Lang;
use super::page::{Page, go};
use super::session::Session;
use crate::edge::Edge;
use crate::oauth::Form;

/// How lately one must have signed in to change how one signs in.
const STEP_UP: Secs = Secs::minutes(5);
const SIGN_IN: &str = "/signin?next=%2Faccount";

pub(super) async fn show(
    State(edge): State<Edge>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let Some(session) = Session::current(&edge, &headers).await? else {
        return Ok(go(SIGN_IN, None));
    };
    let query = uri.query().and_then(Form::parse).unwrap_or_default();
    let lang = Lang::choose(query.get("lang"), &headers);
    Ok(page(&edge, &headers, lang, &session).await?.into_response())
}

async fn page(
    edge: &Edge,
    headers: &HeaderMap,
    lang: Lang,
    session: &Session,
) -> Result<Page, StoreError> {
    let (words, seal) = (lang.words(), Seal::of(edge, headers));
    let account = &session.holder.account;
    let mut body = Html::new()
        .raw("<p>")
        .text(words.signed_in_as)
        .raw(" <bdi>")
        .text(&account.email)
        .raw("</bdi></p>");
    if let Some(slug) = session.realm.slug() {
        body = body.raw("<p>").text(words.organisation).raw(": <bdi>").text(slug).raw("</bdi></p>");
    }
    if account.verified_at.is_none() {
        let form = seal.form("/account/verify", lang).button(words.verify_email).raw("</form>");
        body = body.element("h2", words.email).element("p", words.not_verified).add(&form);
    }
    if account.password_hash.is_some() {
        body = body.link("/account/password", words.change_password);
    }
    body = body.element("h2", words.second_factor);
    let (said, action, button) = match account.totp {
        Some(_) => (words.factor_on, "/account/totp/off", words.turn_off),
        None => (words.factor_off, "/account/totp", words.turn_on),
    };
    let form = seal.form(action, lang).button(button).raw("</form>");
    body = body.element("p", said).add(&form);
    body = body.add(&sessions::section(edge, session, &seal, lang).await?);
    body = body.add(&programs::section(edge, session, &seal, lang).await?);
    let out = seal.form("/signout", lang).button(words.sign_out).raw("</form>");
    Ok(Page::new(lang, |words| words.account)
        .body(body.add(&out))
        .at("/account".to_owned())
        .cookie(seal.cookie))
}

/// An instant as people read it everywhere, and as programs do.
fn time(at: Timestamp) -> Html {
    let shown = at.to_jiff().strftime("%Y-%m-%d %H:%M UTC").to_string();
    Html::new()
        .raw("<time dir=\"ltr\" datetime=\"")
        .text(&at.to_string())
        .raw("\">")
        .text(&shown)
        .raw("</time>")
}

pub(super) async fn ask_sign_out(
    State(edge): State<Edge>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let query = uri.query().and_then(Form::parse).unwrap_or_default();
    let (lang, seal) = (Lang::choose(query.get("lang"), &headers), Seal::of(&edge, &headers));
    let form = seal.form("/signout", lang).button(lang.words().sign_out).raw("</form>");
    Page::new(lang, |words| words.sign_out)
        .body(form)
        .at("/signout".to_owned())
        .cookie(seal.cookie)
        .into_response()
}

/// Ends this browser's session, and every token of the account; a browser that is signed in elsewhere asks for new ones.
pub(super) async fn sign_out(State(edge): State<Edge>, posted: Posted) -> Result<Response, Failed> {
    let Some(session) = Session::current(&edge, &posted.headers).await? else {
        return Ok(go("/signin", None));
    };
    let holder = &session.holder;
    end_tokens(&edge, &session.realm, holder.account.account, &holder.subject).await?;
    Ok(go("/signin", session.end(&edge, &posted.trail).await?))
}

/// Whoever is signed in and was so just now; else where to send them.
async fn lately(edge: &Edge, posted: &Posted) -> Result<Result<Session, Response>, Failed> {
    let session = Session::current(edge, &posted.headers).await?;
    let now = edge.engine().clock().now();
    let lately = session.filter(|session| session.auth_time.after(STEP_UP) >= now);
    Ok(lately.ok_or_else(|| go(SIGN_IN, None)))
}
