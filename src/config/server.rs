//! `[server]`: where the program listens, who may call it from a browser, and how it stops.
//!
//! Plain values with their defaults and one check. Invariant: an origin that passed the check is a
//! scheme, a host and perhaps a port, exactly as a browser sends it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;
use transport::Network;

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
    /// Networks of the proxies that are believed about who asked, for which host, and whether by TLS.
    pub trusted_proxies: Vec<String>,
    /// The header in which those proxies name the client.
    pub forwarded_header: ForwardedHeader,
    /// PEM file of the certificate, followed by its chain. Set with `tls_key`: the program speaks TLS.
    pub tls_cert: Option<PathBuf>,
    /// PEM file of the certificate's private key.
    pub tls_key: Option<PathBuf>,
    /// How long a browser that has seen TLS here keeps to it; 0: it is not told to.
    pub hsts_seconds: u64,
    /// Whether names below the server's own are kept to TLS too.
    pub hsts_include_subdomains: bool,
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
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::default(),
            tls_cert: None,
            tls_key: None,
            hsts_seconds: 63_072_000,
            hsts_include_subdomains: true,
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
        self.check_proxies(problems);
        self.check_tls(problems);
        if self.data_dir.as_os_str().is_empty() {
            problems.push(Problem::new("server.data_dir", "is empty", "name a folder"));
        }
        within(problems, "server.shutdown_drain_seconds", self.shutdown_drain_seconds, 0..=600);
    }

    fn check_proxies(&self, problems: &mut Vec<Problem>) {
        check_networks("server.trusted_proxies", &self.trusted_proxies, problems);
        if self.trusted_proxies.iter().any(|network| network.ends_with("/0")) {
            problems.push(Problem::new(
                "server.trusted_proxies",
                "would believe everybody about where they come from",
                "name the networks of your proxies only",
            ));
        }
    }

    fn check_tls(&self, problems: &mut Vec<Problem>) {
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            let key = if self.tls_cert.is_some() { "server.tls_cert" } else { "server.tls_key" };
            let remedy = "give both server.tls_cert and server.tls_key, or neither";
            problems.push(Problem::new(key, "is only half of what TLS needs", remedy));
        }
        within(problems, "server.hsts_seconds", self.hsts_seconds, 0..=315_360_000);
    }
}

/// The header in which a proxy names the client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum ForwardedHeader {
    /// With X-Forwarded-Proto and X-Forwarded-Host.
    #[default]
    #[serde(rename = "x-forwarded-for")]
    XForwardedFor,
    /// Of RFC 7239.
    #[serde(rename = "forwarded")]
    Forwarded,
}

/// Adds a problem for each text that names no network.
pub(super) fn check_networks(key: &str, listed: &[String], problems: &mut Vec<Problem>) {
    for text in listed {
        if let Err(error) = text.parse::<Network>() {
            let what = format!("{text:?} is not a network");
            problems.push(Problem::new(key, what, error.to_string()));
        }
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
