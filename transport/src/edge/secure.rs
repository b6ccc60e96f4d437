//! The headers that tell a browser what an answer may not do.
//!
//! An answer that says nothing itself may load nothing and be framed by nobody; pages widen that for themselves.
//! `Referrer-Policy` is `same-origin`, not `no-referrer`: with the latter browsers send `Origin: null` with forms.
//! Invariant: every answer has all of them, whoever wrote it; an answer over TLS also says to stay with it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::Web;

const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
/// Sound, full screen and a screen that stays on are left: kiosks and displays use them.
const NO_SENSORS: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), bluetooth=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), \
     magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=(), \
     xr-spatial-tracking=()",
);

/// How long a browser keeps to TLS once it has seen it; none: not said at all.
#[derive(Debug, Clone)]
pub(super) struct StaySecure(Option<HeaderValue>);

impl StaySecure {
    pub(super) fn as_told(web: &Web) -> Self {
        let (seconds, below) = (web.hsts_seconds, web.hsts_include_subdomains);
        let below = if below { "; includeSubDomains" } else { "" };
        let text = format!("max-age={seconds}{below}");
        Self((seconds > 0).then(|| HeaderValue::try_from(text).ok()).flatten())
    }

    pub(super) fn say(&self, headers: &mut HeaderMap, is_https: bool) {
        if let Some(text) = self.0.as_ref().filter(|_| is_https) {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, text.clone());
        }
    }
}

pub(super) fn secure(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(CORP, SAME_ORIGIN);
    headers.entry(header::REFERRER_POLICY).or_insert(SAME_ORIGIN);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let is_page = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page {
        headers.insert(COOP, SAME_ORIGIN);
        headers.insert(PERMISSIONS, NO_SENSORS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_says_nothing_may_do_nothing() {
        let mut headers = HeaderMap::new();
        secure(&mut headers);
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], NOTHING);
        assert_eq!(headers[header::X_FRAME_OPTIONS], "DENY");
        assert!(!headers.contains_key(COOP), "no page");
    }

    #[test]
    fn a_page_keeps_its_own_policy_and_gets_the_rest() {
        let own = HeaderValue::from_static("default-src 'self'");
        let page = HeaderValue::from_static("text/html; charset=utf-8");
        let mut headers = HeaderMap::from_iter([
            (header::CONTENT_SECURITY_POLICY, own.clone()),
            (header::CONTENT_TYPE, page),
        ]);
        secure(&mut headers);
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], own);
        assert!(headers[PERMISSIONS].to_str().unwrap().contains("camera=()"));
        assert_eq!(headers[COOP], "same-origin");
    }

    #[test]
    fn only_tls_is_told_to_stay() {
        let said = |hsts_seconds, is_https| {
            let mut headers = HeaderMap::new();
            let web = Web { hsts_seconds, hsts_include_subdomains: false, ..Web::default() };
            StaySecure::as_told(&web).say(&mut headers, is_https);
            headers
                .get(header::STRICT_TRANSPORT_SECURITY)
                .map(|text| text.to_str().unwrap().to_owned())
        };
        assert_eq!(said(60, true).as_deref(), Some("max-age=60"));
        assert_eq!((said(60, false), said(0, true)), (None, None));
        let mut headers = HeaderMap::new();
        StaySecure::as_told(&Web::default()).say(&mut headers, true);
        let text = headers[header::STRICT_TRANSPORT_SECURITY].to_str().unwrap();
        assert_eq!(text, "max-age=63072000; includeSubDomains", "unless it is told otherwise");
    }
}
