//! `[prometheus]`: where figures for operators are scraped.
//!
//! An address of its own, so that a proxy in front of the program does not show it to everybody.
//! Invariant: by default only this machine reaches it.

use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;

/// Where figures for operators are scraped.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrometheusConfig {
    /// Whether they are served at all.
    pub enabled: bool,
    /// Where `GET /metrics` answers.
    pub listen: SocketAddr,
}

impl Default for PrometheusConfig {
    fn default() -> Self {
        Self { enabled: true, listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9_464)) }
    }
}
