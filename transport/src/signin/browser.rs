//! How a browser is named to whoever used it: its family, its system, and the network it was in.
//!
//! Only words of ours are kept, chosen by what the browser says of itself, and the address without its last part.
//! Invariant: nothing that a browser sent is kept as it was sent.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, header};

/// What is in the text of a browser, and how it is called; the first that fits counts, because each names its forebears.
const FAMILIES: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Such as `Firefox, Linux`; none when the browser says nothing that is known.
pub(super) fn named(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(header::USER_AGENT)?.to_str().ok()?;
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(part, _)| said.contains(part)).map(|(_, name)| *name)
    };
    let parts: Vec<&str> = [find(&FAMILIES), find(&SYSTEMS)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The network that `address` is in.
pub(super) fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(said: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, said.parse().unwrap());
        named(&headers)
    }

    #[test]
    fn a_browser_is_named_in_words_of_ours() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
        assert_eq!(of(firefox).as_deref(), Some("Firefox, Linux"));
        let edge =
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0";
        assert_eq!(of(edge).as_deref(), Some("Edge, Windows"));
        assert_eq!(of("<b>curl</b>"), None);
        assert_eq!(named(&HeaderMap::new()), None);
    }

    #[test]
    fn an_address_is_shortened_to_its_network() {
        assert_eq!(network("203.0.113.77".parse().unwrap()), "203.0.113.0/24");
        assert_eq!(network("2001:db8:1:2:3::4".parse().unwrap()), "2001:db8:1::/48");
    }
}
