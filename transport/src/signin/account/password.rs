//! Another password, by whoever knows the present one: every sign-in of before ends but the one that is made here.
//!
//! Misses are slowed down as those of a sign-in are. Invariant: a stolen session alone changes no password.

use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::super::accounts::set_password;
use super::super::failed::Failed;
use super::super::guard::{Posted, Seal};
use super::super::html::{Field, Html};
use super::super::lang::Lang;
use super::super::newly;
use super::super::page::{Page, go};
use super::super::record;
use super::super::session::Session;
use super::super::sign_in::too_many;
use crate::edge::Edge;
use crate::oauth::Form;

const HERE: &str = "/account/password";

pub(in crate::signin) async fn show_password(
    State(edge): State<Edge>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    if Session::current(&edge, &headers).await?.is_none() {
        return Ok(go(super::SIGN_IN, None));
    }
    let query = uri.query().and_then(Form::parse).unwrap_or_default();
    let lang = Lang::choose(query.get("lang"), &headers);
    Ok(page(&edge, &headers, lang, None).into_response())
}

fn page(edge: &Edge, headers: &HeaderMap, lang: Lang, refused: Option<&str>) -> Page {
    let (words, seal) = (lang.words(), Seal::of(edge, headers));
    let present = Field {
        name: "current",
        label: words.current_password,
        kind: "password",
        fill: "current-password",
        ..Field::default()
    };
    let form = newly::fields(seal.form(HERE, lang).field(&present), lang);
    let body = refused.map_or_else(Html::new, |why| Html::new().alert(why));
    Page::new(lang, |words| words.new_password)
        .body(body.add(&form.button(words.go_on).raw("</form>")).link("/account", words.account))
        .at(HERE.to_owned())
        .cookie(seal.cookie)
}

pub(in crate::signin) async fn change_password(
    State(edge): State<Edge>,
    posted: Posted,
) -> Result<Response, Failed> {
    let Some(session) = Session::current(&edge, &posted.headers).await? else {
        return Ok(go(super::SIGN_IN, None));
    };
    let refuse = |why| {
        let page = page(&edge, &posted.headers, posted.lang, Some(why));
        Ok(page.status(StatusCode::BAD_REQUEST).into_response())
    };
    let account = &session.holder.account;
    let who = format!("password {} {}", account.tenant, account.account);
    if let Err(secs) = edge.sign_in().may_try(&edge, &who, posted.address) {
        return Ok(too_many(posted.lang, secs));
    }
    let present = posted.form.get("current").unwrap_or_default();
    let known = account.password_hash.clone();
    if !edge.sign_in().passwords().verify(present, known).await? {
        edge.sign_in().missed(&edge, &who, posted.address);
        let tried = Some(account.account);
        record::refused(&edge, &session.realm, tried, &posted.trail, "present password");
        return refuse(posted.lang.words().wrong_password);
    }
    edge.sign_in().succeeded(&who, posted.address);
    let fresh = match newly::chosen(&posted, &account.email) {
        Ok(fresh) => fresh,
        Err(why) => return refuse(why),
    };
    let hash = edge.sign_in().passwords().hash(fresh).await?;
    let (realm, id) = (session.realm.clone(), account.account);
    set_password(&edge, &realm, session.holder, hash, &posted.trail).await?;
    let cookie = Session::begin(&edge, &realm, id, "pwd", posted.browser()).await?;
    Ok(go("/account", cookie))
}
