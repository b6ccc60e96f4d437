//! `[limits]`: the most of everything that a caller can ask for.
//!
//! Plain numbers with their unit in the name, their defaults and one check. Invariant: a frame fits an
//! outbox, and a queue never has more commands in flight than its tenant.

use persistence::PAGE_ROWS_MAX;
use serde::Deserialize;

use super::bounds::within;
use super::error::Problem;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// The most of everything.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Bytes of one request body.
    pub body_bytes_max: usize,
    /// Time in which a request's headers must have arrived.
    pub headers_seconds_max: u64,
    /// Time in which a request's body must have arrived.
    pub body_seconds_max: u64,
    /// Bytes of one WebSocket frame from a client.
    pub frame_bytes_max: usize,
    /// Bytes that may wait for one connection before it counts as too slow.
    pub outbox_bytes_max: usize,
    /// Topics that one connection may follow.
    pub topics_per_connection_max: usize,
    /// Time in which a new connection must have authenticated.
    pub authenticate_seconds_max: u64,
    /// Connections of one address that have not authenticated yet.
    pub unauthenticated_per_address_max: usize,
    /// Time for which a client may read nothing of what is being sent to it.
    pub write_stall_seconds_max: u64,
    /// Rows of one page of a list.
    pub page_rows_max: u32,
    /// Tickets that may wait in one queue, whatever the queue's own capacity.
    pub waiting_per_queue_max: u32,
    /// Commands of one queue that may be under way at once.
    pub commands_per_queue_max: usize,
    /// Commands of one tenant that may be under way at once.
    pub commands_per_tenant_max: usize,
    /// How long the answer to an idempotency key is kept.
    pub idempotency_hours: u32,
}

impl Default for LimitsConfig {
    fn default() -> LimitsConfig {
        LimitsConfig {
            body_bytes_max: 64 * KIB,
            headers_seconds_max: 10,
            body_seconds_max: 30,
            frame_bytes_max: 64 * KIB,
            outbox_bytes_max: MIB,
            topics_per_connection_max: 200,
            authenticate_seconds_max: 5,
            unauthenticated_per_address_max: 64,
            write_stall_seconds_max: 30,
            page_rows_max: 200,
            waiting_per_queue_max: 10_000,
            commands_per_queue_max: 256,
            commands_per_tenant_max: 2_048,
            idempotency_hours: 72,
        }
    }
}

impl LimitsConfig {
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        self.check_requests(problems);
        self.check_sockets(problems);
        self.check_work(problems);
    }

    fn check_requests(&self, problems: &mut Vec<Problem>) {
        within(problems, "limits.body_bytes_max", self.body_bytes_max, KIB..=16 * MIB);
        within(problems, "limits.headers_seconds_max", self.headers_seconds_max, 1..=300);
        within(problems, "limits.body_seconds_max", self.body_seconds_max, 1..=600);
        within(problems, "limits.page_rows_max", self.page_rows_max, 1..=PAGE_ROWS_MAX);
        within(problems, "limits.idempotency_hours", self.idempotency_hours, 1..=24 * 90);
    }

    fn check_sockets(&self, problems: &mut Vec<Problem>) {
        within(problems, "limits.frame_bytes_max", self.frame_bytes_max, KIB..=16 * MIB);
        within(problems, "limits.outbox_bytes_max", self.outbox_bytes_max, 16 * KIB..=64 * MIB);
        let topics = "limits.topics_per_connection_max";
        within(problems, topics, self.topics_per_connection_max, 1..=10_000);
        within(problems, "limits.authenticate_seconds_max", self.authenticate_seconds_max, 1..=60);
        let unauthenticated = "limits.unauthenticated_per_address_max";
        within(problems, unauthenticated, self.unauthenticated_per_address_max, 1..=2_048);
        within(problems, "limits.write_stall_seconds_max", self.write_stall_seconds_max, 1..=600);
        if self.frame_bytes_max > self.outbox_bytes_max {
            problems.push(Problem::new(
                "limits.frame_bytes_max",
                "is more than limits.outbox_bytes_max, so an answer as long might never fit",
                format!("give at most {}", self.outbox_bytes_max),
            ));
        }
    }

    fn check_work(&self, problems: &mut Vec<Problem>) {
        within(problems, "limits.waiting_per_queue_max", self.waiting_per_queue_max, 1..=2_000_000);
        within(problems, "limits.commands_per_queue_max", self.commands_per_queue_max, 1..=65_536);
        let tenant = "limits.commands_per_tenant_max";
        within(problems, tenant, self.commands_per_tenant_max, 1..=1_048_576);
        if self.commands_per_queue_max > self.commands_per_tenant_max {
            problems.push(Problem::new(
                "limits.commands_per_queue_max",
                "is more than limits.commands_per_tenant_max, so it would never be reached",
                format!("give at most {}", self.commands_per_tenant_max),
            ));
        }
    }
}
