//! Cookies of the pages: set for this host alone, unseen by scripts, not sent along from other sites' forms.
//!
//! Over TLS the name begins with `__Host-`, which browsers hold to these rules; over plain HTTP it cannot.
//! Invariant: no cookie of ours is read by the API or by a socket.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::edge::Edge;

fn name(edge: &Edge, bare: &str) -> String {
    if edge.sign_in().is_https() { format!("__Host-{bare}") } else { bare.to_owned() }
}

/// The one value of the cookie; none when there is none, or two.
pub(in crate::signin) fn read<'h>(
    edge: &Edge,
    headers: &'h HeaderMap,
    bare: &str,
) -> Option<&'h str> {
    let wanted = name(edge, bare);
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs =
        texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(value), None) => Some(value),
        (None | Some(_), _) => None,
    }
}

/// Without an age it ends with the browser; an age of 0 takes it away.
pub(in crate::signin) fn set(
    edge: &Edge,
    bare: &str,
    value: &str,
    age_secs: Option<u32>,
) -> Option<HeaderValue> {
    let age = age_secs.map(|secs| format!("; Max-Age={secs}")).unwrap_or_default();
    let secure = if edge.sign_in().is_https() { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", name(edge, bare));
    HeaderValue::try_from(text).ok()
}
