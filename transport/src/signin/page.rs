//! What every page looks like: one column, one heading, the three languages; and the headers that guard it.
//!
//! A page names the one stylesheet and nothing else; it may be framed by nobody and kept by nobody.
//! Invariant: the policy allows no script at all.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html as Answer, IntoResponse, Response};

use super::html::Html;
use super::lang::Lang;
use super::words::Words;

/// A page in the making.
pub(super) struct Page {
    lang: Lang,
    title: &'static str,
    body: Html,
    status: StatusCode,
    /// Where its address is, to offer it in the other languages; none when it is the answer to a form.
    address: Option<String>,
    /// Where its forms may end up, beside here.
    leads_to: Option<String>,
    cookies: Vec<HeaderValue>,
}

impl Page {
    pub(super) fn new(lang: Lang, title: impl FnOnce(&'static Words) -> &'static str) -> Self {
        Self {
            lang,
            title: title(lang.words()),
            body: Html::new(),
            status: StatusCode::OK,
            address: None,
            leads_to: None,
            cookies: Vec::new(),
        }
    }

    #[must_use]
    pub(super) fn body(mut self, body: Html) -> Self {
        self.body = body;
        self
    }

    #[must_use]
    pub(super) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// `address` without a language of its own.
    #[must_use]
    pub(super) fn at(mut self, address: String) -> Self {
        self.address = Some(address);
        self
    }

    #[must_use]
    pub(super) fn leads_to(mut self, source: Option<String>) -> Self {
        self.leads_to = source;
        self
    }

    #[must_use]
    pub(super) fn cookie(mut self, cookie: Option<HeaderValue>) -> Self {
        self.cookies.extend(cookie);
        self
    }

    fn html(&self) -> Html {
        Html::new()
            .raw("<!doctype html><html lang=\"")
            .text(self.lang.code())
            .raw("\" dir=\"")
            .text(self.lang.direction())
            .raw("\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .element("title", &format!("{} – SmartQueue", self.title))
            .raw("<link rel=\"icon\" href=\"/favicon.svg\"><link rel=\"stylesheet\" href=\"/signin/style.css\"></head><body><main>")
            .raw("<p class=\"mark\">SmartQueue</p>")
            .element("h1", self.title)
            .add(&self.body)
            .add(&self.languages())
            .raw("</main></body></html>")
    }

    fn languages(&self) -> Html {
        let Some(address) = &self.address else { return Html::new() };
        let joint = if address.contains('?') { '&' } else { '?' };
        let mut nav = Html::new().raw("<nav aria-label=\"Languages\">");
        for lang in Lang::ALL {
            let code = lang.code();
            nav =
                nav.raw("<a lang=\"").text(code).raw("\" hreflang=\"").text(code).raw("\" href=\"");
            nav = nav.text(&format!("{address}{joint}lang={code}")).raw("\"");
            nav = if lang == self.lang { nav.raw(" aria-current=\"true\"") } else { nav };
            nav = nav.raw(">").text(lang.name()).raw("</a> ");
        }
        nav.raw("</nav>")
    }

    fn policy(&self) -> HeaderValue {
        let source =
            self.leads_to.as_deref().map(|source| format!(" {source}")).unwrap_or_default();
        let text = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'{source}; base-uri 'none'; \
             frame-ancestors 'none'"
        );
        let strict = HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
        );
        HeaderValue::try_from(text).unwrap_or(strict)
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let (status, policy) = (self.status, self.policy());
        let html = self.html().into_string();
        let mut response = (status, Answer(html)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert(
            HeaderName::from_static("referrer-policy"),
            HeaderValue::from_static("same-origin"),
        );
        set(headers, self.cookies);
        response
    }
}

pub(super) fn set(headers: &mut HeaderMap, cookies: impl IntoIterator<Item = HeaderValue>) {
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// To `address` of ours, by GET, with `cookies`.
pub(super) fn go(address: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    let mut response = axum::response::Redirect::to(address).into_response();
    set(response.headers_mut(), cookies);
    response
}
