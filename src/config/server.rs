//! `[server]`: where the program listens, who may call it from a browser, and how it stops.
//!
//! Plain values with their defaults and one check. Invariant: an origin that passed the check is a
//! scheme, a host and perhaps a port, exactly as a browser sends it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use super::bounds::within;
use super::error::Problem;

/// Where the program listens and how it stops.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port of HTTP and WebSocket. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// How customers reach the program from outside, for links to tickets. `None`: the listen address.
    pub public_url: Option<String>,
    /// Origins, beside the program's own, whose pages may call the API and open sockets.
    pub allowed_origins: Vec<String>,
    /// Folder of the embedded database and of the keys, relative to the working directory.
    pub data_dir: PathBuf,
    /// How long requests in hand may take to finish once the program was asked to stop.
    pub shutdown_drain_seconds: u64,
}

impl Default for ServerConfig {
    fn default() -> ServerConfig {
        ServerConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            allowed_origins: Vec::new(),
            data_dir: PathBuf::from("data"),
            shutdown_drain_seconds: 10,
        }
    }
}

impl ServerConfig {
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        if let Some(url) = &self.public_url
            && (host_of(url).is_none() || url.ends_with('/'))
        {
            let remedy = "give it like https://queue.example.org, without a slash at the end";
            problems.push(Problem::new("server.public_url", "is not a web address", remedy));
        }
        for origin in self.allowed_origins.iter().filter(|origin| !is_origin(origin)) {
            problems.push(Problem::new(
                "server.allowed_origins",
                format!("{origin:?} is not an origin"),
                "name each one like https://app.example.org, without a path and without *",
            ));
        }
        if self.data_dir.as_os_str().is_empty() {
            problems.push(Problem::new("server.data_dir", "is empty", "name a folder"));
        }
        within(problems, "server.shutdown_drain_seconds", self.shutdown_drain_seconds, 0..=600);
    }
}

/// What follows the scheme, if the scheme is one of the web's.
fn host_of(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let plain = rest.bytes().all(|byte| byte.is_ascii_graphic());
    (plain && !rest.is_empty() && !rest.contains('@')).then_some(rest)
}

fn is_origin(text: &str) -> bool {
    host_of(text).is_some_and(|host| {
        !host.contains(['/', '?', '#', '*']) && host.bytes().all(|byte| !byte.is_ascii_uppercase())
    })
}

#[cfg(test)]
mod tests {
    use super::is_origin;

    #[test]
    fn an_origin_is_scheme_host_and_port_only() {
        assert!(is_origin("https://app.example.org"));
        assert!(is_origin("http://localhost:5173"));
        for wrong in ["*", "app.example.org", "https://a.org/", "https://*.a.org", "https://A.org"]
        {
            assert!(!is_origin(wrong), "{wrong}");
        }
    }
}
