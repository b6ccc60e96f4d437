//! Where a request came from: the address of the connection, or the one that a trusted proxy vouches for.
//!
//! Everybody who counts or records by address takes it from here: an extension of the request, or an extractor.
//! Invariant: nothing that a client writes changes its address, unless a proxy that the operator trusts passed it on.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Edge;

/// How a request reached the program: said by the connection itself, never by its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) peer: IpAddr,
    /// The connection is TLS up to this program.
    pub(crate) is_tls: bool,
}

/// The address of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

/// Whether the client speaks TLS, to this program or to a trusted proxy before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IsHttps(pub(crate) bool);

impl ClientAddress {
    /// IPv4 in the dress of IPv6 is IPv4.
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// As limits count it: of IPv6 the first half, because one household or one attacker has 2^64 of them.
    pub(crate) fn household(self) -> Self {
        match self.0 {
            IpAddr::V4(_) => self,
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self(IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
            }
        }
    }
}

impl FromRequestParts<Edge> for ClientAddress {
    type Rejection = Infallible;

    /// Without a connection, as in tests of the routes alone, everybody is one.
    async fn from_request_parts(parts: &mut Parts, _: &Edge) -> Result<Self, Infallible> {
        let nobody = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(nobody))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_one_address_however_it_is_written() {
        let of = |text: &str| ClientAddress::of(text.parse().unwrap()).household();
        assert_eq!(of("192.0.2.7"), of("::ffff:192.0.2.7"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
