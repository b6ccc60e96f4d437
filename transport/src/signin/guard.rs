//! What every form passes before it is looked at: it was sent from a page of ours, and that page was shown to this
//! very browser.
//!
//! The first is said by `Origin`, which a page cannot forge; the second by a token made from a cookie of the browser's.
//! Invariant: a form without both does nothing at all.

use std::net::IpAddr;

use aws_lc_rs::hmac;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::html::Html;
use super::lang::Lang;
use super::page::Page;
use super::session::cookie;
use crate::edge::{ClientAddress, Edge, Trail};
use crate::oauth::{Form, hex, random, same};

/// Ties forms to a browser; holds nothing about a person.
const FORM_COOKIE: &str = "sq_form";

/// A form of ours, filled in.
pub(crate) struct Posted {
    pub(crate) headers: HeaderMap,
    pub(crate) form: Form,
    pub(super) lang: Lang,
    /// Whom the form came from, as far as the server knows.
    pub(super) address: Option<IpAddr>,
    /// The same for the audit log.
    pub(super) trail: Trail,
}

impl Posted {
    /// The browser that it came from.
    pub(super) const fn browser(&self) -> Browser<'_> {
        Browser { headers: &self.headers, trail: &self.trail }
    }
}

/// A browser that asks, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Browser<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) trail: &'a Trail,
}

/// The token for forms of a page, and the cookie to set when the browser has none yet.
pub(super) struct Seal {
    token: String,
    pub(super) cookie: Option<HeaderValue>,
}

impl Seal {
    pub(super) fn of(edge: &Edge, headers: &HeaderMap) -> Self {
        let known = cookie::read(edge, headers, FORM_COOKIE);
        match known.filter(|known| known.len() == 43) {
            Some(known) => Self { token: token(edge, known), cookie: None },
            None => {
                let fresh = random().unwrap_or_default();
                let set = cookie::set(edge, FORM_COOKIE, &fresh, None);
                Self { token: token(edge, &fresh), cookie: set }
            }
        }
    }

    /// The beginning of a form; the language goes along.
    pub(super) fn form(&self, action: &str, lang: Lang) -> Html {
        Html::new()
            .raw("<form method=\"post\" action=\"")
            .text(action)
            .raw("\">")
            .hidden("csrf", &self.token)
            .hidden("lang", lang.code())
    }
}

fn token(edge: &Edge, cookie: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, edge.sign_in().form_secret());
    hex(hmac::sign(&key, cookie.as_bytes()).as_ref())
}

impl FromRequest<Edge> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let address = parts.extensions.get::<ClientAddress>().map(|address| address.household().0);
        let trail = Trail::of(&parts.extensions);
        let headers = parts.headers;
        let limits = edge.limits();
        let raw = crate::extract::read(body, limits.body_bytes_max, limits.body_within).await;
        let raw = raw.map_err(IntoResponse::into_response)?;
        let form = std::str::from_utf8(&raw).ok().and_then(Form::parse).unwrap_or_default();
        let lang = Lang::choose(form.get("lang"), &headers);
        if is_from_here(edge, &headers) && is_sealed(edge, &headers, &form) {
            return Ok(Self { headers, form, lang, address, trail });
        }
        let words = lang.words();
        let body = Html::new().alert(words.form_stale).link("/signin", words.sign_in);
        Err(Page::new(lang, |words| words.not_done)
            .body(body)
            .status(StatusCode::FORBIDDEN)
            .into_response())
    }
}

/// A browser says with every form which page it came from; one that does not is no browser of ours.
fn is_from_here(edge: &Edge, headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
    let ours = edge.sign_in().origin().as_bytes();
    origin.as_bytes() == ours || crate::ws::check_origin(headers, &[]).is_ok()
}

fn is_sealed(edge: &Edge, headers: &HeaderMap, form: &Form) -> bool {
    let Some(known) = cookie::read(edge, headers, FORM_COOKIE) else { return false };
    let given = form.get("csrf").unwrap_or_default();
    known.len() == 43 && same(token(edge, known).as_bytes(), given.as_bytes())
}
