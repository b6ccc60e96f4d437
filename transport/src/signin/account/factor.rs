//! The second factor: an authenticator app is set up, confirmed with a code, and turned off again.
//!
//! The app's secret is sealed before it is kept, also while it waits to be confirmed.
//! Invariant: a second factor counts only once a code of it was given.

use aws_lc_rs::rand;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Secs;
use persistence::OnceRow;

use super::super::accounts;
use super::super::failed::Failed;
use super::super::guard::{Posted, Seal};
use super::super::html::{Field, Html};
use super::super::page::{Page, go};
use super::super::record;
use super::super::second::plain;
use super::super::session::Session;
use super::super::totp;
use super::lately;
use super::sessions::others_form;
use crate::edge::Edge;
use crate::oauth::{hash, hex};
use crate::problem::{Code, Problem};

const PURPOSE: &str = "totp";
const WITHIN: Secs = Secs::minutes(10);
const TRIES: u32 = 5;
const CODES: usize = 10;
/// 50 bits each: nobody tries them out against five tries.
const CODE_CHARS: usize = 10;
/// Letters and digits that cannot be taken for each other; 32 of them.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

pub(in crate::signin) async fn begin_totp(
    State(edge): State<Edge>,
    posted: Posted,
) -> Result<Response, Failed> {
    let session = match lately(&edge, &posted).await? {
        Ok(session) => session,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let secret = totp::fresh_secret().ok_or(Problem::of(Code::Internal))?;
    let (tenant, account) = (session.realm.id(), session.holder.account.account);
    let sealed =
        edge.sign_in().seal(tenant, account, &secret).ok_or(Problem::of(Code::Internal))?;
    let subject = account.to_string();
    let row = OnceRow {
        tenant,
        hash: hash(&STANDARD.encode(&sealed)),
        purpose: PURPOSE.to_owned(),
        subject: subject.clone(),
        data: STANDARD.encode(&sealed),
        tries_left: TRIES,
        expires_at: edge.engine().clock().now().after(WITHIN),
    };
    let store = edge.engine().store();
    store.drop_once(tenant, PURPOSE, &subject).await?;
    store.save_once(row).await?;
    Ok(page(&edge, &posted, &session, &secret, None).into_response())
}

fn page(
    edge: &Edge,
    posted: &Posted,
    session: &Session,
    secret: &[u8],
    refused: Option<&str>,
) -> Page {
    let (lang, seal) = (posted.lang, Seal::of(edge, &posted.headers));
    let words = lang.words();
    let text = totp::base32(secret);
    let address = totp::address(&text, &session.holder.account.email);
    let field = Field {
        name: "code",
        label: words.code,
        kind: "text",
        fill: "one-time-code",
        ..Field::default()
    };
    let body = refused.map_or_else(Html::new, |why| Html::new().alert(why));
    let body = body
        .element("p", words.factor_how)
        .raw("<p><code dir=\"ltr\">")
        .text(&grouped(&text))
        .raw("</code></p>")
        .link(&address, words.open_app)
        .add(
            &seal
                .form("/account/totp/confirm", lang)
                .field(&field)
                .button(words.go_on)
                .raw("</form>"),
        );
    Page::new(lang, |words| words.second_factor).body(body).cookie(seal.cookie)
}

fn grouped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

pub(in crate::signin) async fn confirm_totp(
    State(edge): State<Edge>,
    posted: Posted,
) -> Result<Response, Failed> {
    let Some(session) = Session::current(&edge, &posted.headers).await? else {
        return Ok(go(super::SIGN_IN, None));
    };
    let (tenant, account) = (session.realm.id(), session.holder.account.account);
    let (store, subject) = (edge.engine().store(), account.to_string());
    let now = edge.engine().clock().now();
    let row = store.once_of(tenant, PURPOSE, &subject).await?;
    let row = row.filter(|row| row.expires_at > now && row.tries_left > 0);
    let Some(row) = row else { return Ok(go("/account", None)) };
    let sealed = STANDARD.decode(&row.data).unwrap_or_default();
    let code = posted.form.get("code").unwrap_or_default();
    let Some(step) = edge.sign_in().totp_step(&edge, (tenant, account), &sealed, code) else {
        store.miss_once(tenant, PURPOSE, &subject).await?;
        let secret = edge.sign_in().unseal(tenant, account, &sealed).unwrap_or_default();
        let refused = Some(posted.lang.words().code_wrong);
        let page = page(&edge, &posted, &session, &secret, refused);
        return Ok(page.status(StatusCode::BAD_REQUEST).into_response());
    };
    let codes = recovery_codes().ok_or(Problem::of(Code::Internal))?;
    let mut account = session.holder.account;
    account.totp = Some(sealed);
    account.totp_last_step = step;
    account.recovery_hashes = codes.iter().map(|code| hex(&hash(&plain(code)))).collect();
    let id = account.account;
    accounts::save(&edge, account).await?;
    record::done(&edge, &session.realm, id, &posted.trail, ("account.second_factor.on", None));
    store.drop_once(tenant, PURPOSE, &subject).await?;
    Ok(codes_page(&edge, &posted, &codes).into_response())
}

/// The codes, and the offer to end what was opened without the second factor.
fn codes_page(edge: &Edge, posted: &Posted, codes: &[String]) -> Page {
    let (words, seal) = (posted.lang.words(), Seal::of(edge, &posted.headers));
    let mut body = Html::new()
        .element("p", words.factor_on)
        .element("p", words.keep_codes)
        .raw("<ul class=\"codes\">");
    for code in codes {
        body = body.raw("<li><code dir=\"ltr\">").text(code).raw("</code></li>");
    }
    Page::new(posted.lang, |words| words.recovery_codes)
        .body(body.raw("</ul>").add(&others_form(&seal, posted.lang)).link("/account", words.go_on))
        .cookie(seal.cookie)
}

/// None when the system gives no randomness.
fn recovery_codes() -> Option<Vec<String>> {
    (0..CODES)
        .map(|_| {
            let mut bytes = [0_u8; CODE_CHARS];
            rand::fill(&mut bytes).ok()?;
            let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
            let text: String = bytes.iter().map(letter).collect();
            Some(format!("{}-{}", &text[..5], &text[5..]))
        })
        .collect()
}

pub(in crate::signin) async fn totp_off(
    State(edge): State<Edge>,
    posted: Posted,
) -> Result<Response, Failed> {
    let session = match lately(&edge, &posted).await? {
        Ok(session) => session,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut account = session.holder.account;
    account.totp = None;
    account.recovery_hashes.clear();
    let id = account.account;
    accounts::save(&edge, account).await?;
    record::done(&edge, &session.realm, id, &posted.trail, ("account.second_factor.off", None));
    Ok(go("/account", None))
}
