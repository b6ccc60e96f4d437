//! The second step of a sign-in: a code of the authenticator app, or one of the recovery codes.
//!
//! Who gave the right password holds a short-lived secret in a cookie; five wrong codes use it up.
//! Invariant: a code of the app counts once, and so does a recovery code.

use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::{Secs, TenantId};
use persistence::OnceRow;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::failed::Failed;
use super::guard::{Posted, Seal};
use super::html::{Field, Html};
use super::lang::Lang;
use super::page::{Page, go};
use super::record;
use super::session::{Session, cookie};
use super::sign_in::{sound, too_many};
use crate::edge::Edge;
use crate::oauth::{Form, Holder, Opaque, Realm, destination, hash, hex};
use crate::problem::{Code, Problem};

const PURPOSE: &str = "mfa";
const COOKIE: &str = "sq_second";
/// Time to find the telephone.
const WITHIN: Secs = Secs::minutes(5);
const TRIES: u32 = 5;

/// What is remembered between the two steps.
#[derive(Serialize, Deserialize)]
struct Pending {
    account: Uuid,
    next: String,
}

/// The first step was passed.
struct Begun {
    realm: Realm,
    holder: Holder,
    next: String,
    hash: [u8; 32],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    App,
    Recovery,
}

pub(super) async fn begin(
    edge: &Edge,
    realm: &Realm,
    holder: &Holder,
    next: &str,
) -> Result<Response, Failed> {
    let fresh = Opaque::fresh(realm.id()).ok_or(Problem::of(Code::Internal))?;
    let pending = Pending { account: holder.account.account, next: next.to_owned() };
    let row = OnceRow {
        tenant: realm.id(),
        hash: fresh.hash,
        purpose: PURPOSE.to_owned(),
        subject: hex(&fresh.hash),
        data: serde_json::to_string(&pending).unwrap_or_default(),
        tries_left: TRIES,
        expires_at: edge.engine().clock().now().after(WITHIN),
    };
    edge.engine().store().save_once(row).await?;
    Ok(go("/signin/code", cookie::set(edge, COOKIE, &fresh.text, Some(WITHIN.0))))
}

impl Begun {
    async fn of(edge: &Edge, headers: &HeaderMap) -> Result<Option<Self>, Failed> {
        let shown = cookie::read(edge, headers, COOKIE).and_then(Opaque::shown);
        let Some((tenant, hash)) = shown else { return Ok(None) };
        let Some(realm) = Realm::of_id(edge, tenant) else { return Ok(None) };
        let row = edge.engine().store().once_of(tenant, PURPOSE, &hex(&hash)).await?;
        let now = edge.engine().clock().now();
        let row = row.filter(|row| row.expires_at > now && row.tries_left > 0 && row.hash == hash);
        let pending = row.and_then(|row| serde_json::from_str::<Pending>(&row.data).ok());
        let Some(Pending { account, next }) = pending else { return Ok(None) };
        let holder = realm.holder(edge, account).await?;
        Ok(holder.map(|holder| Self { realm, holder, next, hash }))
    }

    fn tenant(&self) -> TenantId {
        self.realm.id()
    }
}

pub(super) async fn show(
    State(edge): State<Edge>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    shown(&edge, &headers, uri.query(), Kind::App).await
}

pub(super) async fn show_recovery(
    State(edge): State<Edge>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    shown(&edge, &headers, uri.query(), Kind::Recovery).await
}

async fn shown(
    edge: &Edge,
    headers: &HeaderMap,
    query: Option<&str>,
    kind: Kind,
) -> Result<Response, Failed> {
    let Some(begun) = Begun::of(edge, headers).await? else { return Ok(go("/signin", None)) };
    let query = query.and_then(Form::parse).unwrap_or_default();
    let lang = Lang::choose(query.get("lang"), headers);
    Ok(page(edge, headers, lang, kind, &begun.next, None).await.into_response())
}

async fn page(
    edge: &Edge,
    headers: &HeaderMap,
    lang: Lang,
    kind: Kind,
    next: &str,
    refused: Option<&str>,
) -> Page {
    let (words, seal) = (lang.words(), Seal::of(edge, headers));
    let (action, title, label, other) = match kind {
        Kind::App => {
            ("/signin/code", words.code_title, words.code, ("/signin/recovery", words.use_recovery))
        }
        Kind::Recovery => (
            "/signin/recovery",
            words.recovery_title,
            words.recovery_code,
            ("/signin/code", words.use_app),
        ),
    };
    let fill = if kind == Kind::App { "one-time-code" } else { "off" };
    let field = Field { name: "code", label, kind: "text", fill, ..Field::default() };
    let body = refused.map_or_else(Html::new, |why| Html::new().alert(why));
    let form = seal.form(action, lang).field(&field).button(words.go_on).raw("</form>");
    let source = destination(edge, next).await.source;
    Page::new(lang, |_| title)
        .body(body.add(&form).link(other.0, other.1))
        .at(action.to_owned())
        .leads_to(source)
        .cookie(seal.cookie)
}

pub(super) async fn enter(State(edge): State<Edge>, posted: Posted) -> Result<Response, Failed> {
    judged(&edge, &posted, Kind::App).await
}

pub(super) async fn enter_recovery(
    State(edge): State<Edge>,
    posted: Posted,
) -> Result<Response, Failed> {
    judged(&edge, &posted, Kind::Recovery).await
}

async fn judged(edge: &Edge, posted: &Posted, kind: Kind) -> Result<Response, Failed> {
    let Some(begun) = Begun::of(edge, &posted.headers).await? else {
        return Ok(go("/signin", None));
    };
    let who = format!("second {} {}", begun.tenant(), begun.holder.account.account);
    if let Err(secs) = edge.sign_in().may_try(edge, &who, posted.address) {
        return Ok(too_many(posted.lang, secs));
    }
    let code = posted.form.get("code").unwrap_or_default();
    let methods = match kind {
        Kind::App => app_code(edge, &begun, code).await?.then_some("pwd otp"),
        Kind::Recovery => recovery_code(edge, &begun, code).await?.then_some("pwd rec"),
    };
    let store = edge.engine().store();
    let Some(methods) = methods else {
        edge.sign_in().missed(edge, &who, posted.address);
        let tried = Some(begun.holder.account.account);
        record::refused(edge, &begun.realm, tried, &posted.trail, "second factor");
        let left = store.miss_once(begun.tenant(), PURPOSE, &hex(&begun.hash)).await?;
        if left == 0 {
            return Ok(go("/signin", cookie::set(edge, COOKIE, "", Some(0))));
        }
        let refused = Some(posted.lang.words().code_wrong);
        let page = page(edge, &posted.headers, posted.lang, kind, &begun.next, refused).await;
        return Ok(page.status(StatusCode::BAD_REQUEST).into_response());
    };
    let now = edge.engine().clock().now();
    // Of two that come at once, one goes on.
    if store.take_once(begun.tenant(), PURPOSE, begun.hash, now).await?.is_none() {
        return Ok(go("/signin", None));
    }
    edge.sign_in().succeeded(&who, posted.address);
    let account = begun.holder.account.account;
    let session = Session::begin(edge, &begun.realm, account, methods, posted.browser()).await?;
    let gone = cookie::set(edge, COOKIE, "", Some(0));
    Ok(go(sound(Some(&begun.next)), session.into_iter().chain(gone)))
}

async fn app_code(edge: &Edge, begun: &Begun, code: &str) -> Result<bool, Failed> {
    let owner = (begun.tenant(), begun.holder.account.account);
    let sealed = begun.holder.account.totp.as_deref().unwrap_or_default();
    let Some(step) = edge.sign_in().totp_step(edge, owner, sealed, code) else { return Ok(false) };
    let store = edge.engine().store();
    Ok(store.use_totp_step(begun.tenant(), begun.holder.account.account, step).await?)
}

async fn recovery_code(edge: &Edge, begun: &Begun, code: &str) -> Result<bool, Failed> {
    let hash = hex(&hash(&plain(code)));
    let store = edge.engine().store();
    Ok(store.use_recovery_code(begun.tenant(), begun.holder.account.account, &hash).await?)
}

/// As it was made, however it was typed.
pub(super) fn plain(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}
