//! The first start: a one-time link makes the first administrator of the platform, and a first organisation if wished.
//!
//! The link comes from the terminal of whoever started the program and holds for minutes. Whoever names an organisation
//! becomes its administrator too, with the same password.
//! Invariant: without a link that was just made nobody becomes an administrator here.

use actors::{AgentBody, Ask, Tenant};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::{Role, Secs, Timestamp};
use persistence::{OnceRow, StoreError};
use serde_json::json;

use super::accounts::{new_account, shown_or_platform};
use super::failed::Failed;
use super::guard::{Posted, Seal};
use super::html::{Field, Html};
use super::lang::Lang;
use super::newly;
use super::page::{Page, go};
use super::session::Session;
use crate::edge::Edge;
use crate::oauth::{Form, Opaque, PLATFORM, Realm};

const PURPOSE: &str = "setup";

/// Time from the start of the program to the first administrator.
const WITHIN: Secs = Secs::minutes(15);

/// A new link for the first administrator; none when there is one. Earlier links stop working.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn link(edge: &Edge) -> Result<Option<String>, StoreError> {
    let store = edge.engine().store();
    if !store.accounts(PLATFORM).await?.is_empty() {
        return Ok(None);
    }
    let (issuer, now) = (edge.sign_in().issuer(), edge.engine().clock().now());
    let Some(fresh) = SetUpLink::fresh(issuer, now) else { return Ok(None) };
    store.drop_once(PLATFORM, PURPOSE, &fresh.row.subject).await?;
    store.save_once(fresh.row).await?;
    Ok(Some(fresh.address))
}

/// A link that makes an administrator of the platform, and the row that makes it work.
#[derive(Debug)]
pub struct SetUpLink {
    /// Where whoever is to be administrator goes.
    pub address: String,
    /// To be kept in the place of earlier ones.
    pub row: OnceRow,
}

impl SetUpLink {
    /// One for the program that is reached at `public_url`; none when the system gives no randomness.
    pub fn fresh(public_url: &str, now: Timestamp) -> Option<Self> {
        let fresh = Opaque::fresh(PLATFORM)?;
        let row = OnceRow {
            tenant: PLATFORM,
            hash: fresh.hash,
            purpose: PURPOSE.to_owned(),
            subject: "first administrator".to_owned(),
            data: "{}".to_owned(),
            tries_left: 1,
            expires_at: now.after(WITHIN),
        };
        Some(Self { address: format!("{public_url}/setup/{}", fresh.text), row })
    }
}

pub(super) async fn show(
    State(edge): State<Edge>,
    Path(token): Path<String>,
    axum::extract::OriginalUri(uri): axum::extract::OriginalUri,
    headers: HeaderMap,
) -> Response {
    let query = uri.query().and_then(Form::parse).unwrap_or_default();
    let lang = Lang::choose(query.get("lang"), &headers);
    page(&edge, &headers, lang, &token, &Form::default(), None).into_response()
}

fn page(
    edge: &Edge,
    headers: &HeaderMap,
    lang: Lang,
    token: &str,
    filled: &Form,
    refused: Option<&str>,
) -> Page {
    let (words, seal) = (lang.words(), Seal::of(edge, headers));
    let address = format!("/setup/{}", crate::oauth::encode(token));
    let value = |name: &str| filled.get(name).unwrap_or_default().to_owned();
    let email = Field {
        name: "email",
        label: words.email,
        kind: "email",
        fill: "username",
        value: &value("email"),
        ..Field::default()
    };
    let name = Field {
        name: "name",
        label: words.tenant_name,
        kind: "text",
        fill: "organization",
        value: &value("name"),
        hint: words.tenant_hint,
        optional: true,
    };
    let slug = Field {
        name: "tenant",
        label: words.organisation,
        kind: "text",
        fill: "off",
        value: &value("tenant"),
        hint: words.slug_hint,
        optional: true,
    };
    let form = newly::fields(seal.form(&address, lang).field(&email), lang);
    let form = form.field(&name).field(&slug).button(words.make).raw("</form>");
    let body = refused.map_or_else(Html::new, |why| Html::new().alert(why));
    Page::new(lang, |words| words.setup)
        .body(body.element("p", words.setup_intro).add(&form))
        .at(address)
        .cookie(seal.cookie)
}

pub(super) async fn make(
    State(edge): State<Edge>,
    Path(token): Path<String>,
    posted: Posted,
) -> Result<Response, Failed> {
    let refuse = |why| {
        let page = page(&edge, &posted.headers, posted.lang, &token, &posted.form, Some(why));
        Ok(page.status(StatusCode::BAD_REQUEST).into_response())
    };
    let words = posted.lang.words();
    let email = posted.form.get("email").unwrap_or_default().trim().to_lowercase();
    let slug = posted.form.get("tenant").unwrap_or_default().trim().to_lowercase();
    let password = match newly::chosen(&posted, &email) {
        Ok(password) => password,
        Err(why) => return refuse(why),
    };
    if !super::accounts::is_email(&email) {
        return refuse(words.email_wrong);
    }
    if !slug.is_empty() && (edge.engine().tenant(&slug).is_some() || !is_slug(&slug)) {
        return refuse(words.slug_taken);
    }
    let store = edge.engine().store();
    if store.account_by_email(PLATFORM, &email).await?.is_some() {
        return refuse(words.email_taken);
    }
    let hash = edge.sign_in().passwords().hash(password).await?;
    let (_, secret) = shown_or_platform(&token);
    let now = edge.engine().clock().now();
    if store.take_once(PLATFORM, PURPOSE, secret, now).await?.is_none() {
        return refuse(words.link_over);
    }
    let id = edge.engine().clock().new_id();
    store.save_account(new_account(PLATFORM, id, &email, Some(hash.clone()), now), None).await?;
    if !slug.is_empty() {
        let name = posted.form.get("name").unwrap_or(&slug);
        first_tenant(&edge, &slug, name, &email, hash).await?;
    }
    let session = Session::begin(&edge, &Realm::Platform, id, "pwd", posted.browser()).await?;
    Ok(go("/account", session))
}

fn is_slug(slug: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    slug.len() <= 64 && slug.bytes().all(plain)
}

async fn first_tenant(
    edge: &Edge,
    slug: &str,
    name: &str,
    email: &str,
    hash: String,
) -> Result<(), Failed> {
    let problem = crate::problem::Problem::from;
    let tenant: Tenant = edge.engine().create_tenant(slug, name).await.map_err(problem)?;
    let person = email.split('@').next().unwrap_or(email);
    let body = json!({ "name": person, "email": email, "role": Role::Admin });
    let body: AgentBody =
        serde_json::from_value(body).map_err(|_| problem(actors::AskError::OutcomeUnknown))?;
    let kept = tenant.create(body, Ask::system()).await.map_err(problem)?;
    let now = edge.engine().clock().now();
    let account = new_account(tenant.id(), kept.id, email, Some(hash), now);
    edge.engine().store().save_account(account, None).await?;
    Ok(())
}
