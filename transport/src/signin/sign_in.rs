//! The sign-in page: organisation, e-mail, password.
//!
//! A password is compared with something whether or not there is an account, so that both take the same time; wrong
//! tries are slowed down by name and by address. Invariant: all that can be learnt from an answer of no is that it is no.

use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use persistence::StoreError;
use uuid::Uuid;

use super::external;
use super::failed::Failed;
use super::guard::{Posted, Seal};
use super::html::{Field, Html};
use super::lang::Lang;
use super::page::{Page, go};
use super::record;
use super::second;
use super::session::Session;
use crate::edge::Edge;
use crate::oauth::{Destination, Form, Holder, PLATFORM, Realm, destination};

/// Where one goes who came from nowhere.
const HOME: &str = "/account";

/// What the page shows.
struct View<'a> {
    lang: Lang,
    next: &'a str,
    tenant: &'a str,
    email: &'a str,
    refused: Option<&'static str>,
}

/// Where a sign-in may lead: back into a client's request, or to the account. Never out of here.
pub(super) fn sound(next: Option<&str>) -> &str {
    let within = |next: &&str| *next == HOME || next.starts_with("/oauth/authorize?");
    next.filter(within).filter(|next| !next.chars().any(char::is_control)).unwrap_or(HOME)
}

pub(super) async fn show(
    State(edge): State<Edge>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let query = uri.query().and_then(Form::parse).unwrap_or_default();
    let view = View {
        lang: Lang::choose(query.get("lang").or_else(|| query.get("ui_locales")), &headers),
        next: sound(query.get("next")),
        tenant: query.get("tenant").unwrap_or_default(),
        email: query.get("login_hint").unwrap_or_default(),
        refused: None,
    };
    view.page(&edge, &headers).await.into_response()
}

impl View<'_> {
    async fn page(&self, edge: &Edge, headers: &HeaderMap) -> Page {
        let Destination { client, source, tenant } = destination(edge, self.next).await;
        let seal = Seal::of(edge, headers);
        let words = self.lang.words();
        let mut body = Html::new();
        if let Some(client) = &client {
            body = body
                .raw("<p>")
                .text(words.to_go_on_to)
                .raw(" <strong>")
                .text(client)
                .raw("</strong></p>");
        }
        body = self.refused.map_or_else(|| body.clone(), |why| body.clone().alert(why));
        let organisation = tenant.as_deref().unwrap_or(self.tenant);
        body = body.add(&external::buttons(edge, organisation, self.next, self.lang).await);
        body = body.add(&self.form(&seal, tenant.as_deref())).link("/reset", words.forgot);
        if organisation.is_empty() {
            body = body.add(&external::ask_organisation(self.next, self.lang));
        }
        let address = Form::of([("next", self.next), ("tenant", self.tenant)]).onto("/signin");
        Page::new(self.lang, |words| words.sign_in)
            .body(body)
            .at(address)
            .leads_to(source)
            .cookie(seal.cookie)
    }

    /// `fixed` is the only organisation that will do.
    fn form(&self, seal: &Seal, fixed: Option<&str>) -> Html {
        let words = self.lang.words();
        let form = seal.form("/signin", self.lang).hidden("next", self.next);
        let form = match fixed {
            Some(slug) => form.hidden("tenant", slug).element("p", slug),
            None => form.field(&Field {
                name: "tenant",
                label: words.organisation,
                kind: "text",
                fill: "organization",
                value: self.tenant,
                hint: words.organisation_hint,
                optional: true,
            }),
        };
        let email = Field {
            name: "email",
            label: words.email,
            kind: "email",
            fill: "username",
            value: self.email,
            ..Field::default()
        };
        let password = Field {
            name: "password",
            label: words.password,
            kind: "password",
            fill: "current-password",
            ..Field::default()
        };
        form.field(&email).field(&password).button(words.sign_in).raw("</form>")
    }
}

pub(super) async fn enter(State(edge): State<Edge>, posted: Posted) -> Result<Response, Failed> {
    let next = sound(posted.form.get("next"));
    let fixed = destination(&edge, next).await.tenant;
    let slug = fixed
        .as_deref()
        .or_else(|| posted.form.get("tenant"))
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    let email = posted.form.get("email").unwrap_or_default().trim().to_lowercase();
    let password = posted.form.get("password").unwrap_or_default();
    let who = format!("{slug}/{email}");
    if let Err(secs) = edge.sign_in().may_try(&edge, &who, posted.address) {
        return Ok(too_many(posted.lang, secs));
    }
    let realm = Realm::of_slug(&edge, &slug);
    let (tried, holder) = proven(&edge, realm.as_ref(), &email, password).await?;
    let (Some(realm), Some(holder)) = (&realm, holder) else {
        edge.sign_in().missed(&edge, &who, posted.address);
        if let Some(realm) = &realm {
            record::refused(&edge, realm, tried, &posted.trail, "password");
        }
        let refused = Some(posted.lang.words().wrong);
        let view = View { lang: posted.lang, next, tenant: &slug, email: &email, refused };
        let page = view.page(&edge, &posted.headers).await;
        return Ok(page.status(StatusCode::BAD_REQUEST).into_response());
    };
    edge.sign_in().succeeded(&who, posted.address);
    if holder.account.totp.is_some() {
        return second::begin(&edge, realm, &holder, next).await;
    }
    let account = holder.account.account;
    let cookie = Session::begin(&edge, realm, account, "pwd", posted.browser()).await?;
    Ok(go(next, cookie))
}

/// Which account was tried, and whose password it is; the work is the same when there is nobody.
async fn proven(
    edge: &Edge,
    realm: Option<&Realm>,
    email: &str,
    password: &str,
) -> Result<(Option<Uuid>, Option<Holder>), Failed> {
    let (tenant, wanted) = realm.map_or((PLATFORM, ""), |realm| (realm.id(), email));
    let row = account(edge, tenant, wanted).await?;
    let known = row.as_ref().and_then(|row| row.password_hash.clone());
    let is_right = edge.sign_in().passwords().verify(password, known).await?;
    let tried = row.as_ref().map(|row| row.account);
    let holder = realm.zip(row).filter(|_| is_right).and_then(|(realm, row)| realm.stands(row));
    Ok((tried, holder))
}

async fn account(
    edge: &Edge,
    tenant: domain::TenantId,
    email: &str,
) -> Result<Option<persistence::AccountRow>, StoreError> {
    edge.engine().store().account_by_email(tenant, email).await
}

pub(super) fn too_many(lang: Lang, secs: u32) -> Response {
    let body = Html::new().alert(lang.words().too_many);
    let page = Page::new(lang, |words| words.not_done).body(body);
    let mut response = page.status(StatusCode::TOO_MANY_REQUESTS).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs.max(1)));
    response
}

#[cfg(test)]
mod tests {
    use super::sound;

    #[test]
    fn a_sign_in_leads_nowhere_else() {
        assert_eq!(sound(Some("/oauth/authorize?client_id=a")), "/oauth/authorize?client_id=a");
        for bad in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/oauth/authorize",
            "/account/../x",
            "",
        ] {
            assert_eq!(sound(Some(bad)), "/account", "{bad}");
        }
        assert_eq!(sound(Some("/oauth/authorize?a\r\nSet-Cookie: b")), "/account");
    }
}
