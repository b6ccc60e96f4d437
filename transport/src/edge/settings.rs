//! How the edge is set up: what one client may ask of it, and what stands between the browsers and the program.
//!
//! The defaults are those of config/smartqueue.toml. Invariant: nothing here changes while the program runs.

use std::time::Duration;

use super::{Proxies, RateLimits};
use crate::auth::{AuthSettings, MasterKey};
use crate::network::Network;

/// The most of everything that one client can ask of the edge.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of one request body.
    pub body_bytes_max: usize,
    /// Time in which a request's headers must have arrived.
    pub headers_within: Duration,
    /// Time in which a request's body must have arrived.
    pub body_within: Duration,
    /// Connections at once; more wait in the listener's backlog.
    pub connections_max: usize,
    /// Rows of one page of a list.
    pub page_rows_max: u32,
    /// Bytes of one WebSocket frame from a client.
    pub frame_bytes_max: usize,
    /// Bytes that may wait for one connection before it counts as too slow.
    pub outbox_bytes_max: usize,
    /// Topics that one connection may follow.
    pub topics_max: usize,
    /// Time in which a new socket must have authenticated.
    pub authenticate_within: Duration,
    /// Sockets of one address that have not said who they are.
    pub strangers_per_address_max: usize,
    /// Time between two pings of the server on a socket.
    pub heartbeat: Duration,
    /// Time for which a client may read nothing of what is being sent to it.
    pub write_stall: Duration,
    /// Requests a minute.
    pub rates: RateLimits,
    /// Time that requests in hand may take to finish once the program was asked to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 64 * 1024,
            headers_within: Duration::from_secs(10),
            body_within: Duration::from_secs(30),
            connections_max: 20_000,
            page_rows_max: 200,
            frame_bytes_max: 64 * 1024,
            outbox_bytes_max: 1024 * 1024,
            topics_max: 200,
            authenticate_within: Duration::from_secs(5),
            strangers_per_address_max: 64,
            heartbeat: Duration::from_secs(20),
            write_stall: Duration::from_secs(30),
            rates: RateLimits::default(),
            drain: Duration::from_secs(10),
        }
    }
}

/// What stands between the browsers and the program.
#[derive(Debug, Clone)]
pub struct Web {
    pub proxies: Proxies,
    /// Seconds for which a browser keeps to TLS once it has seen it; 0: it is not told to.
    pub hsts_seconds: u64,
    pub hsts_include_subdomains: bool,
    /// Networks that are not public and that the program may call for a tenant.
    pub allowed_networks: Vec<Network>,
}

impl Default for Web {
    /// No proxy; two years of TLS.
    fn default() -> Self {
        Self {
            proxies: Proxies::default(),
            hsts_seconds: 63_072_000,
            hsts_include_subdomains: true,
            allowed_networks: Vec::new(),
        }
    }
}

/// How the edge is set up.
#[derive(Debug)]
pub struct EdgeSettings {
    pub auth: AuthSettings,
    pub limits: Limits,
    /// Origins, beside the program's own, whose pages may call the API and open sockets.
    pub allowed_origins: Vec<String>,
    /// The JSON that `GET /demo/session` answers; none outside the demo.
    pub demo: Option<String>,
    /// From which the keys of ticket links are derived.
    pub master_key: MasterKey,
    pub web: Web,
}
