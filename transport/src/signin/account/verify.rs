//! The e-mail address is proved by a code of six digits that was sent to it.
//!
//! The code is kept as a hash under a secret of the installation, bound to the account; five wrong ones use it up.
//! Invariant: a code proves the address it was sent to, for ten minutes, once.

use aws_lc_rs::{hmac, rand};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Secs;
use persistence::OnceRow;
use uuid::Uuid;

use super::super::accounts;
use super::super::failed::Failed;
use super::super::guard::{Posted, Seal};
use super::super::html::{Field, Html};
use super::super::page::{Page, go};
use super::super::session::Session;
use super::super::sign_in::too_many;
use crate::edge::Edge;
use crate::problem::{Code, Problem};

const PURPOSE: &str = "verify";
const WITHIN: Secs = Secs::minutes(10);
const TRIES: u32 = 5;

fn kept(edge: &Edge, account: Uuid, email: &str, code: &str) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, edge.sign_in().form_secret());
    let tag = hmac::sign(&key, format!("verify {account} {email} {code}").as_bytes());
    let mut hash = [0; 32];
    hash.copy_from_slice(tag.as_ref());
    hash
}

/// Evenly among the million: what would favour the small ones is drawn again.
fn six_digits() -> Option<String> {
    const EVEN: u32 = u32::MAX - u32::MAX % 1_000_000;
    loop {
        let mut bytes = [0; 4];
        rand::fill(&mut bytes).ok()?;
        let drawn = u32::from_be_bytes(bytes);
        if drawn < EVEN {
            return Some(format!("{:06}", drawn % 1_000_000));
        }
    }
}

pub(in crate::signin) async fn send_code(
    State(edge): State<Edge>,
    posted: Posted,
) -> Result<Response, Failed> {
    let Some(session) = Session::current(&edge, &posted.headers).await? else {
        return Ok(go(super::SIGN_IN, None));
    };
    let (tenant, account) = (session.realm.id(), &session.holder.account);
    let who = format!("verify {tenant} {}", account.account);
    if let Err(secs) = edge.sign_in().may_try(&edge, &who, posted.address) {
        return Ok(too_many(posted.lang, secs));
    }
    edge.sign_in().missed(&edge, &who, posted.address);
    let code = six_digits().ok_or(Problem::of(Code::Internal))?;
    let subject = account.account.to_string();
    let row = OnceRow {
        tenant,
        hash: kept(&edge, account.account, &account.email, &code),
        purpose: PURPOSE.to_owned(),
        subject: subject.clone(),
        data: "{}".to_owned(),
        tries_left: TRIES,
        expires_at: edge.engine().clock().now().after(WITHIN),
    };
    let (store, words) = (edge.engine().store(), posted.lang.words());
    store.drop_once(tenant, PURPOSE, &subject).await?;
    store.save_once(row).await?;
    edge.sign_in().mail(
        &account.email,
        words.verify_email,
        &format!("{}\n\n{code}\n\n{}\n", words.verify_mail, words.mail_not_you),
    );
    Ok(page(&edge, &posted, None).into_response())
}

fn page(edge: &Edge, posted: &Posted, refused: Option<&str>) -> Page {
    let (lang, seal) = (posted.lang, Seal::of(edge, &posted.headers));
    let words = lang.words();
    let field = Field {
        name: "code",
        label: words.code,
        kind: "text",
        fill: "one-time-code",
        ..Field::default()
    };
    let body = refused.map_or_else(Html::new, |why| Html::new().alert(why));
    let form =
        seal.form("/account/verify/confirm", lang).field(&field).button(words.go_on).raw("</form>");
    Page::new(lang, |words| words.look_into_mail)
        .body(body.element("p", words.code_sent).add(&form).link("/account", words.account))
        .cookie(seal.cookie)
}

pub(in crate::signin) async fn confirm_code(
    State(edge): State<Edge>,
    posted: Posted,
) -> Result<Response, Failed> {
    let Some(session) = Session::current(&edge, &posted.headers).await? else {
        return Ok(go(super::SIGN_IN, None));
    };
    let tenant = session.realm.id();
    let mut account = session.holder.account;
    let code = posted.form.get("code").unwrap_or_default().trim();
    let hash = kept(&edge, account.account, &account.email, code);
    let (store, now) = (edge.engine().store(), edge.engine().clock().now());
    if store.take_once(tenant, PURPOSE, hash, now).await?.is_none() {
        let left = store.miss_once(tenant, PURPOSE, &account.account.to_string()).await?;
        let words = posted.lang.words();
        let refused = if left == 0 { words.link_over } else { words.code_wrong };
        return Ok(page(&edge, &posted, Some(refused))
            .status(StatusCode::BAD_REQUEST)
            .into_response());
    }
    account.verified_at = Some(now);
    accounts::save(&edge, account).await?;
    Ok(go("/account", None))
}
