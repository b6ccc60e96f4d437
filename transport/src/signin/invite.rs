//! An invitation: the link in an e-mail leads here, where the new member chooses a password.
//!
//! The link proves the e-mail address, so no code is asked for afterwards.
//! Invariant: an invitation makes nobody more than what the administrator who sent it made them.

use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::accounts::{self, new_account, shown_or_platform};
use super::failed::Failed;
use super::guard::{Posted, Seal};
use super::html::Html;
use super::invitation::PURPOSE;
use super::lang::Lang;
use super::newly;
use super::page::{Page, go};
use super::session::Session;
use crate::edge::Edge;
use crate::oauth::{Form, Realm};
use actors::AgentBody;

pub(super) async fn show(
    State(edge): State<Edge>,
    Path(token): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let query = uri.query().and_then(Form::parse).unwrap_or_default();
    page(&edge, &headers, Lang::choose(query.get("lang"), &headers), &token, None).into_response()
}

fn page(edge: &Edge, headers: &HeaderMap, lang: Lang, token: &str, refused: Option<&str>) -> Page {
    let (words, seal) = (lang.words(), Seal::of(edge, headers));
    let address = format!("/invite/{}", crate::oauth::encode(token));
    let form = newly::fields(seal.form(&address, lang), lang).button(words.go_on).raw("</form>");
    let body = refused.map_or_else(Html::new, |why| Html::new().alert(why));
    Page::new(lang, |words| words.welcome)
        .body(body.element("p", words.invite_intro).add(&form))
        .at(address)
        .cookie(seal.cookie)
}

pub(super) async fn accept(
    State(edge): State<Edge>,
    Path(token): Path<String>,
    posted: Posted,
) -> Result<Response, Failed> {
    let refuse = |why| {
        let page = page(&edge, &posted.headers, posted.lang, &token, Some(why));
        Ok(page.status(StatusCode::BAD_REQUEST).into_response())
    };
    let password = match newly::chosen(&posted, "") {
        Ok(password) => password,
        Err(why) => return refuse(why),
    };
    let hash = edge.sign_in().passwords().hash(password).await?;
    let (tenant, secret) = shown_or_platform(&token);
    let (now, store) = (edge.engine().clock().now(), edge.engine().store());
    let over = posted.lang.words().link_over;
    let Some(realm) = Realm::of_id(&edge, tenant) else { return refuse(over) };
    let row = store.take_once(tenant, PURPOSE, secret, now).await?;
    let Some((row, account)) = newly::meant(row) else { return refuse(over) };
    if store.account(tenant, account).await?.is_none() && !make(&edge, &realm, account).await? {
        return refuse(over);
    }
    let Some(holder) = realm.holder(&edge, account).await? else { return refuse(over) };
    if newly::is_own_address(password, &holder.account.email) {
        store.save_once(row).await?;
        return refuse(posted.lang.words().too_weak);
    }
    accounts::set_password(&edge, &realm, holder, hash, &posted.trail).await?;
    let session = Session::begin(&edge, &realm, account, "pwd", posted.browser()).await?;
    Ok(go("/account", session))
}

/// The account of an agent who had none. False when there is no such agent.
async fn make(edge: &Edge, realm: &Realm, account: Uuid) -> Result<bool, Failed> {
    let Realm::Tenant(tenant) = realm else { return Ok(false) };
    let email =
        tenant.directory().get::<AgentBody>(account).map(|agent| agent.body.email.to_lowercase());
    let Some(email) = email else { return Ok(false) };
    let row = new_account(tenant.id(), account, &email, None, edge.engine().clock().now());
    edge.engine().store().save_account(row, None).await?;
    Ok(true)
}
