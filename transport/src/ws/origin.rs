//! May the page that opens this socket do so?
//!
//! Browsers send `Origin` and let pages open sockets to anybody, so we look: the page must come from the host it
//! talks to or from one the operator listed. Programs send no `Origin` and are not asked for one.
//! Invariant: a comparison is of whole origins, never of a beginning or an end.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HOST, ORIGIN};

/// The page may not; 403 before the upgrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("pages of this origin may not open sockets here")]
pub(crate) struct ForbiddenOrigin;

/// The origin of a request, if a browser sent one.
pub(crate) fn origin_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(ORIGIN).and_then(|value| value.to_str().ok())
}

/// Judges the `Origin` of a request against its own host and the origins that the operator `listed`.
///
/// A cookie without an origin is a browser that hides where it comes from; no cookie of ours opens a socket or the API.
pub(crate) fn check_origin(headers: &HeaderMap, listed: &[String]) -> Result<(), ForbiddenOrigin> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return if headers.contains_key(COOKIE) { Err(ForbiddenOrigin) } else { Ok(()) };
    };
    let origin = origin.to_str().map_err(|_| ForbiddenOrigin)?;
    let is_alone = origins.next().is_none();
    if is_alone && (listed.iter().any(|known| known == origin) || is_own_host(headers, origin)) {
        Ok(())
    } else {
        Err(ForbiddenOrigin)
    }
}

fn is_own_host(headers: &HeaderMap, origin: &str) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    let (Some(host), None, Some((authority, port))) = (host, hosts.next(), split(origin)) else {
        return false;
    };
    let is_plain = |text: &str| !text.is_empty() && !text.contains(['/', '?', '#', '@', '\\', ' ']);
    let bare = |text: &str| text.strip_suffix(port).unwrap_or(text).to_ascii_lowercase();
    is_plain(authority) && is_plain(host) && bare(authority) == bare(host)
}

/// What follows the scheme, and the port that the scheme means when none is written.
fn split(origin: &str) -> Option<(&str, &'static str)> {
    let https = origin.strip_prefix("https://").map(|authority| (authority, ":443"));
    https.or_else(|| origin.strip_prefix("http://").map(|authority| (authority, ":80")))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn judged(headers: &[(HeaderName, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value.parse().unwrap());
        }
        check_origin(&map, &["https://app.example.org".to_owned()]).is_ok()
    }

    #[test]
    fn the_own_host_and_the_named_origins_may() {
        for (origin, host) in [
            ("https://queue.example.org", "queue.example.org"),
            ("https://queue.example.org", "queue.example.org:443"),
            ("http://localhost:8080", "localhost:8080"),
            ("http://LOCALHOST:80", "localhost"),
            ("http://[::1]:8080", "[::1]:8080"),
            ("https://app.example.org", "queue.example.org"),
        ] {
            assert!(judged(&[(ORIGIN, origin), (HOST, host)]), "{origin} at {host}");
        }
    }

    #[test]
    fn look_alikes_null_and_doubled_origins_may_not() {
        for origin in [
            "null",
            "",
            "https://queue.example.org.evil.com",
            "https://evil.com/queue.example.org",
            "https://evil.com?queue.example.org",
            "https://queue.example.org@evil.com",
            "https://evilqueue.example.org",
            "https://queue.example.org:8443",
            "https://app.example.org.evil.com",
            "http://app.example.org",
            "file://queue.example.org",
            "*",
        ] {
            assert!(!judged(&[(ORIGIN, origin), (HOST, "queue.example.org")]), "{origin:?}");
        }
        let twice = [(ORIGIN, "https://app.example.org"), (ORIGIN, "https://evil.com")];
        assert!(!judged(&twice));
        let hosts = [(ORIGIN, "http://a"), (HOST, "a"), (HOST, "b")];
        assert!(!judged(&hosts));
    }

    #[test]
    fn a_program_without_origin_may_but_not_with_a_cookie() {
        assert!(judged(&[(HOST, "queue.example.org")]));
        assert!(!judged(&[(HOST, "queue.example.org"), (COOKIE, "session=1")]));
    }
}
