//! Durable issuing over HTTP, beside the same server's hello-world route: what the durable path costs.
//!
//! 64 keep-alive clients on the same two cores as the server: raw sockets, one request in flight each. The figure
//! is the time per request over all of them, so its inverse is requests a second.
//! Invariant: every answer is checked to be the expected status; a refusal fails the bench.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a bench measures real time and stops at any failure"
)]

mod support;

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use support::branch::Server;
use support::load::Clients;
use tokio::runtime::Runtime;

const CLIENTS: usize = 64;

fn issue(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = c.benchmark_group("http/issue");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_secs(2))
        .measurement_time(Duration::from_secs(8));
    group.throughput(Throughput::Elements(1));
    for (name, server) in runtime.block_on(servers()) {
        let hello = runtime.block_on(Clients::connect(server.address, CLIENTS, server.hello()));
        group.bench_function(BenchmarkId::new("hello", name), |b| {
            b.iter_custom(|requests| timed(&runtime, &hello, requests));
        });
        let issuing = runtime.block_on(Clients::connect(server.address, CLIENTS, server.issuing()));
        group.bench_function(BenchmarkId::new("durable", name), |b| {
            b.iter_custom(|requests| timed(&runtime, &issuing, requests));
        });
        runtime.block_on(server.stop());
    }
    group.finish();
}

async fn servers() -> Vec<(&'static str, Server)> {
    let mut servers =
        vec![("sqlite", Server::start(persistence::testing::TestDatabase::sqlite()).await)];
    match persistence::testing::TestDatabase::postgres().await {
        Some(database) => servers.push(("postgres", Server::start(database).await)),
        None => eprintln!("no PostgreSQL on this machine: measured on SQLite only"),
    }
    servers
}

/// The time of that many requests; the processor time of this process is told on stderr, for it does not depend on
/// what else the machine does.
fn timed(runtime: &Runtime, clients: &Clients, requests: u64) -> Duration {
    let (start, used) = (Instant::now(), processor_time());
    runtime.block_on(clients.send(requests));
    let elapsed = start.elapsed();
    if requests > 1_000 {
        let micros = (processor_time() - used).as_secs_f64() * 1e6 / requests as f64;
        eprintln!("    {requests} requests, {micros:.1} µs of processor time each");
    }
    elapsed
}

/// User and system time of this process, in ticks of 10 ms.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

criterion_group!(benches, issue);
criterion_main!(benches);
