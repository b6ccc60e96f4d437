//! A forgotten password: a link by e-mail, and the page it leads to.
//!
//! Whether the address is known is found out after the answer was given, so the answer cannot tell.
//! Invariant: a link works once, for half an hour, and ends everything the old password had opened.

use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::Secs;
use persistence::OnceRow;

use super::accounts::{self, shown_or_platform};
use super::failed::Failed;
use super::guard::{Posted, Seal};
use super::html::{Field, Html};
use super::lang::Lang;
use super::newly;
use super::page::Page;
use super::sign_in::too_many;
use crate::edge::Edge;
use crate::oauth::{Form, Opaque, Realm};

const PURPOSE: &str = "reset";
const WITHIN: Secs = Secs::minutes(30);

fn lang(uri: &axum::http::Uri, headers: &HeaderMap) -> Lang {
    let query = uri.query().and_then(Form::parse).unwrap_or_default();
    Lang::choose(query.get("lang"), headers)
}

pub(super) async fn show(
    State(edge): State<Edge>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let (lang, seal) = (lang(&uri, &headers), Seal::of(&edge, &headers));
    let words = lang.words();
    let tenant = Field {
        name: "tenant",
        label: words.organisation,
        kind: "text",
        fill: "organization",
        hint: words.organisation_hint,
        optional: true,
        ..Field::default()
    };
    let email = Field {
        name: "email",
        label: words.email,
        kind: "email",
        fill: "username",
        ..Field::default()
    };
    let form = seal
        .form("/reset", lang)
        .field(&tenant)
        .field(&email)
        .button(words.send_link)
        .raw("</form>");
    let body = Html::new().element("p", words.reset_intro).add(&form);
    Page::new(lang, |words| words.forgot)
        .body(body)
        .at("/reset".to_owned())
        .cookie(seal.cookie)
        .into_response()
}

pub(super) async fn request(State(edge): State<Edge>, posted: Posted) -> Result<Response, Failed> {
    let slug = posted.form.get("tenant").unwrap_or_default().trim().to_lowercase();
    let email = posted.form.get("email").unwrap_or_default().trim().to_lowercase();
    let who = format!("reset {slug}/{email}");
    if let Err(secs) = edge.sign_in().may_try(&edge, &who, posted.address) {
        return Ok(too_many(posted.lang, secs));
    }
    // Each request counts, known or not: e-mails are not for flooding anybody with.
    edge.sign_in().missed(&edge, &who, posted.address);
    let (lang, later) = (posted.lang, edge.clone());
    edge.tracker().spawn(async move {
        if send(&later, &slug, &email, lang).await.is_err() {
            tracing::warn!("a link for a new password was not sent");
        }
    });
    let body =
        Html::new().element("p", lang.words().reset_sent).link("/signin", lang.words().sign_in);
    Ok(Page::new(lang, |words| words.look_into_mail).body(body).into_response())
}

async fn send(edge: &Edge, slug: &str, email: &str, lang: Lang) -> Result<(), Failed> {
    let Some(realm) = Realm::of_slug(edge, slug) else { return Ok(()) };
    let store = edge.engine().store();
    let Some(row) = store.account_by_email(realm.id(), email).await? else { return Ok(()) };
    // Whoever signs in at an outside provider gets no second way in past it.
    let Some(row) = Some(row).filter(|row| row.password_hash.is_some()) else { return Ok(()) };
    let Some(holder) = realm.stands(row) else { return Ok(()) };
    let Some(fresh) = Opaque::fresh(realm.id()) else { return Ok(()) };
    let subject = holder.account.account.to_string();
    let row = OnceRow {
        tenant: realm.id(),
        hash: fresh.hash,
        purpose: PURPOSE.to_owned(),
        subject: subject.clone(),
        data: "{}".to_owned(),
        tries_left: 1,
        expires_at: edge.engine().clock().now().after(WITHIN),
    };
    store.drop_once(realm.id(), PURPOSE, &subject).await?;
    store.save_once(row).await?;
    let words = lang.words();
    let link = format!("{}/reset/{}?lang={}", edge.sign_in().issuer(), fresh.text, lang.code());
    edge.sign_in().mail(
        &holder.account.email,
        words.forgot,
        &format!("{}\n\n{link}\n\n{}\n", words.reset_mail, words.mail_not_you),
    );
    Ok(())
}

pub(super) async fn show_new(
    State(edge): State<Edge>,
    Path(token): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    page(&edge, &headers, lang(&uri, &headers), &token, None).into_response()
}

fn page(edge: &Edge, headers: &HeaderMap, lang: Lang, token: &str, refused: Option<&str>) -> Page {
    let (words, seal) = (lang.words(), Seal::of(edge, headers));
    let address = format!("/reset/{}", crate::oauth::encode(token));
    let form = newly::fields(seal.form(&address, lang), lang).button(words.go_on).raw("</form>");
    let body = refused.map_or_else(Html::new, |why| Html::new().alert(why));
    Page::new(lang, |words| words.new_password)
        .body(body.add(&form))
        .at(address)
        .cookie(seal.cookie)
}

pub(super) async fn set_new(
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
    let words = posted.lang.words();
    let Some(realm) = Realm::of_id(&edge, tenant) else { return refuse(words.link_over) };
    let now = edge.engine().clock().now();
    let row = edge.engine().store().take_once(tenant, PURPOSE, secret, now).await?;
    let Some((row, account)) = newly::meant(row) else { return refuse(words.link_over) };
    let Some(holder) = realm.holder(&edge, account).await? else { return refuse(words.link_over) };
    if newly::is_own_address(password, &holder.account.email) {
        edge.engine().store().save_once(row).await?;
        return refuse(words.too_weak);
    }
    accounts::set_password(&edge, &realm, holder, hash, &posted.trail).await?;
    let body = Html::new().element("p", words.password_set).link("/signin", words.sign_in);
    Ok(Page::new(posted.lang, |words| words.new_password).body(body).into_response())
}
