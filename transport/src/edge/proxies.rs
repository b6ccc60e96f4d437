//! What proxies say of a request: who asked, for which host, and whether by TLS. Only listed proxies are believed.
//!
//! Each proxy adds the address that it saw at the right end, so the list is read from there: the first address that is
//! no proxy of ours is the client, and what stands left of it was written by the client. One family of headers is
//! read, the one the operator says their proxy writes: the other would come through from the client unchanged.
//! Invariant: after [`Proxies::judge`] no such header is left for anybody else to believe.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, header};

use super::address::{Arrival, ClientAddress, IsHttps};
use crate::network::Network;

const FORWARDED: HeaderName = header::FORWARDED;
const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const OTHERS: [HeaderName; 3] = [
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-prefix"),
    HeaderName::from_static("x-real-ip"),
];
/// Proxies in a row: more is a list that somebody made up.
const HOPS_MAX: usize = 32;

/// Which headers the operator's proxy writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ForwardedBy {
    /// `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`.
    #[default]
    XForwarded,
    /// `Forwarded` of RFC 7239.
    Forwarded,
}

/// The proxies that are believed, and in which headers.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    pub trusted: Vec<Network>,
    pub by: ForwardedBy,
}

/// What the trusted proxies say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    /// Client first.
    addresses: Vec<Option<IpAddr>>,
    is_https: Option<bool>,
    host: Option<HeaderValue>,
}

impl Proxies {
    /// Puts the client's address and scheme among the request's extensions, and the host it asked for in `Host`.
    pub(super) fn judge(&self, request: &mut Request<Body>) {
        let Some(arrival) = request.extensions().get::<Arrival>().copied() else { return };
        let said =
            if self.trusts(arrival.peer) { self.heard(request.headers()) } else { Said::default() };
        forget(request.headers_mut());
        let client = self.client(arrival.peer, &said.addresses);
        request.extensions_mut().insert(ClientAddress::of(client));
        request.extensions_mut().insert(IsHttps(said.is_https.unwrap_or(arrival.is_tls)));
        if let Some(host) = said.host {
            request.headers_mut().insert(header::HOST, host);
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// The rightmost address that is not a proxy of ours. What cannot be read ends the search: nobody vouches further.
    fn client(&self, peer: IpAddr, addresses: &[Option<IpAddr>]) -> IpAddr {
        let mut client = peer;
        for address in addresses.iter().rev().take(HOPS_MAX) {
            if !self.trusts(client) {
                break;
            }
            let Some(address) = address else { break };
            client = *address;
        }
        client
    }

    fn heard(&self, headers: &HeaderMap) -> Said {
        match self.by {
            ForwardedBy::XForwarded => Said {
                addresses: parts(headers, &FOR, b',').map(|part| address(&part)).collect(),
                is_https: parts(headers, &PROTO, b',').last().as_deref().and_then(is_https),
                host: parts(headers, &HOST, b',').last().as_deref().and_then(host),
            },
            ForwardedBy::Forwarded => {
                let hops: Vec<String> = parts(headers, &FORWARDED, b',').collect();
                let last = |name| hops.last().and_then(|hop| pair(hop, name));
                Said {
                    addresses: hops.iter().map(|hop| address(&pair(hop, "for")?)).collect(),
                    is_https: last("proto").as_deref().and_then(is_https),
                    host: last("host").as_deref().and_then(host),
                }
            }
        }
    }
}

fn forget(headers: &mut HeaderMap) {
    for name in [FORWARDED, FOR, PROTO, HOST].iter().chain(&OTHERS) {
        headers.remove(name);
    }
}

/// The parts of all lines of a header, in order. A line that is no text is one part that means nothing.
fn parts(headers: &HeaderMap, name: &HeaderName, end: u8) -> impl Iterator<Item = String> {
    let lines = headers.get_all(name).into_iter().cloned().collect::<Vec<_>>();
    lines.into_iter().flat_map(move |line| {
        let text = line.to_str().unwrap_or("?").to_owned();
        text.split(char::from(end)).map(|part| part.trim().to_owned()).collect::<Vec<_>>()
    })
}

/// The value of `name` in one hop of `Forwarded`, without its quotes.
fn pair(hop: &str, name: &str) -> Option<String> {
    hop.split(';').find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let whole = bare.parse().ok();
    whole.or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

fn is_https(text: &str) -> Option<bool> {
    let is = |scheme| text.eq_ignore_ascii_case(scheme);
    if is("https") || is("wss") { Some(true) } else { (is("http") || is("ws")).then_some(false) }
}

fn host(text: &str) -> Option<HeaderValue> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let is_sane = (1..=255).contains(&text.len()) && text.bytes().all(plain);
    is_sane.then(|| HeaderValue::try_from(text).ok()).flatten()
}

#[cfg(test)]
mod tests;
