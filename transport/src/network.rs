//! Networks of the Internet Protocol, as an operator lists them: `10.0.0.0/8`, `2001:db8::/32`, or one address.
//!
//! Two lists are made of them: the proxies that are believed, and the private networks that may be called.
//! Invariant: an IPv4 address that is written as IPv6 is compared as IPv4.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// All addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    prefix: u32,
}

/// The text names no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "give an address and the number of bits that count, like 10.0.0.0/8, with zeros behind them"
)]
pub struct NotANetwork;

impl Network {
    /// Whether `address` lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (ours, width) = bits(self.first);
        let (theirs, other) = bits(address.to_canonical());
        width == other && kept(ours ^ theirs, width, self.prefix) == 0
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let (value, width) = bits(first);
        let prefix = prefix.map_or(Ok(width), str::parse).map_err(|_| NotANetwork)?;
        // A bit behind the prefix is a mistake in one of the two; which one, only the operator knows.
        let is_sound = prefix <= width && kept(value, width, prefix) == value;
        is_sound.then_some(Self { first, prefix }).ok_or(NotANetwork)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.first, self.prefix)
    }
}

/// The address as a number, and of how many bits.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

/// The first `prefix` bits of `value`, which has `width`.
fn kept(value: u128, width: u32, prefix: u32) -> u128 {
    let shift = width.saturating_sub(prefix);
    value.checked_shr(shift).and_then(|high| high.checked_shl(shift)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lies(address: &str, network: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_holds_what_begins_with_its_bits() {
        assert!(lies("10.255.0.1", "10.0.0.0/8") && !lies("11.0.0.1", "10.0.0.0/8"));
        assert!(lies("192.0.2.7", "192.0.2.7") && !lies("192.0.2.8", "192.0.2.7"));
        assert!(lies("2001:db8:5::1", "2001:db8::/32") && !lies("2001:db9::1", "2001:db8::/32"));
        assert!(lies("8.8.8.8", "0.0.0.0/0") && !lies("::1", "0.0.0.0/0"));
        assert!(lies("::1", "::/0") && !lies("8.8.8.8", "::/0"));
        assert!(lies("::ffff:10.0.0.1", "10.0.0.0/8"), "IPv4 in the dress of IPv6");
    }

    #[test]
    fn half_a_network_is_none() {
        for bad in
            ["", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10/8", "x", "::/129", "10.0.0.0/-1"]
        {
            assert_eq!(bad.parse::<Network>(), Err(NotANetwork), "{bad}");
        }
    }
}
