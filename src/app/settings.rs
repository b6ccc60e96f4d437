//! The configuration in the words of the crates below: store, engine and edge.
//!
//! Each takes only its share, so none of them knows a file or a flag.
//! Invariant: every option of `[limits]`, `[journal]` and `[metrics]` ends up in exactly one of the three.

use std::time::Duration;

use actors::Settings;
use persistence::{MasterKey, Options};
use transport::{ForwardedBy, Limits, Proxies, RateLimits, Web};

use crate::config::{Config, ForwardedHeader};

const SECONDS_PER_HOUR: u64 = 3_600;

/// How the store is opened.
pub(super) fn of_store(config: &Config, vault: MasterKey) -> Options {
    let database = &config.database;
    Options {
        read_connections_max: database.read_connections_max,
        migrate_url: database.migrate_url.as_ref().map(|url| url.expose().to_owned()),
        vault: Some(vault),
        erasures: Some(config.erasures_file()),
    }
}

/// Limits and intervals of the engine.
pub(super) fn of_engine(config: &Config) -> Settings {
    let (journal, limits) = (&config.journal, &config.limits);
    Settings {
        batch_events_max: journal.batch_events_max,
        batch_bytes_max: journal.batch_bytes_max,
        snapshot_every_events: journal.snapshot_every_events,
        waiting_per_queue_max: limits.waiting_per_queue_max,
        in_flight_per_queue_max: limits.commands_per_queue_max,
        in_flight_per_tenant_max: limits.commands_per_tenant_max,
        idempotency_ttl: Duration::from_secs(
            u64::from(limits.idempotency_hours) * SECONDS_PER_HOUR,
        ),
        sample_every: Duration::from_secs(config.metrics.sample_seconds),
        ..Settings::default()
    }
}

/// What one client can ask of the edge at most.
pub(super) fn of_edge(config: &Config) -> Limits {
    let limits = &config.limits;
    Limits {
        body_bytes_max: limits.body_bytes_max,
        headers_within: Duration::from_secs(limits.headers_seconds_max),
        body_within: Duration::from_secs(limits.body_seconds_max),
        page_rows_max: limits.page_rows_max,
        frame_bytes_max: limits.frame_bytes_max,
        outbox_bytes_max: limits.outbox_bytes_max,
        topics_max: limits.topics_per_connection_max,
        strangers_per_address_max: limits.unauthenticated_per_address_max,
        write_stall: Duration::from_secs(limits.write_stall_seconds_max),
        rates: rates(config),
        authenticate_within: Duration::from_secs(limits.authenticate_seconds_max),
        drain: drain(config),
        ..Limits::default()
    }
}

fn rates(config: &Config) -> RateLimits {
    let limits = &config.rate_limits;
    RateLimits {
        sign_in_per_minute: limits.sign_in_per_minute,
        public_per_minute: limits.public_per_minute,
        anonymous_per_minute: limits.anonymous_per_minute,
        caller_per_minute: limits.caller_per_minute,
    }
}

/// What stands between the browsers and the program. Networks that are none did not pass the configuration's check.
pub(super) fn web(config: &Config) -> Web {
    let server = &config.server;
    let by = match server.forwarded_header {
        ForwardedHeader::XForwardedFor => ForwardedBy::XForwarded,
        ForwardedHeader::Forwarded => ForwardedBy::Forwarded,
    };
    let trusted = server.trusted_proxies.iter().filter_map(|text| text.parse().ok()).collect();
    let called = config.outgoing.allowed_networks.iter();
    Web {
        proxies: Proxies { trusted, by },
        hsts_seconds: server.hsts_seconds,
        hsts_include_subdomains: server.hsts_include_subdomains,
        allowed_networks: called.filter_map(|text| text.parse().ok()).collect(),
    }
}

/// What may be in hand for that long once the program was asked to stop.
pub(super) fn drain(config: &Config) -> Duration {
    Duration::from_secs(config.server.shutdown_drain_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_the_configuration_are_those_of_the_engine_and_of_the_edge() {
        let config = Config::default();
        let (ours, theirs) = (of_engine(&config), Settings::default());
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
        let (ours, theirs) = (of_edge(&config), Limits::default());
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
        assert_eq!(format!("{:?}", web(&config)), format!("{:?}", Web::default()));
    }
}
