//! How many issues a second the journal keeps: event, ticket row and idempotency key, 64 to a commit.
//!
//! On SQLite in a temporary file and, when it is installed, on PostgreSQL in a throw-away cluster; both durable at each
//! commit. Criterion prints elements per second: one element is one issue.
//!
//! `JOURNAL_ROW_SECURITY=compare` says instead what the policies of PostgreSQL cost: three databases of one cluster, opened
//! alike, of which one has row-level security taken off its tables, are appended to in turn (see `support/paired.rs`).
//! `JOURNAL_ROUNDS` says how many rounds, 400 if it does not. The two databases that differ in nothing are the control:
//! what they differ by is what this machine can tell apart.
//!
//! Always true: nothing is answered before its commit, so the figures are of durable issues.

#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use domain::{QueueId, Secs, ServiceId, SiteId, TenantId, TicketId, Timestamp};
use persistence::testing::TestDatabase;
use persistence::{Batch, KeyRow, NewEvent, Store, TicketRow};
use tokio::time::Instant;
use uuid::Uuid;

#[path = "support/paired.rs"]
mod paired;

use paired::compare;

const PAYLOAD: &str = r#"{"ticket":"01890a5d-ac96-774b-bcce-b302099a8057","number":"A042","class":"normal","channel":"kiosk","skills":[],"arrived_at":1700000000000000}"#;
const BODY: &str = r#"{"id":"01890a5d-ac96-774b-bcce-b302099a8057","number":"A042","state":"waiting","queue":"01890a5d-ac96-774b-bcce-b302099a8058","position":12,"issued_at":"2026-01-05T08:00:00Z"}"#;

/// Queues that the issues of one batch go to in turn, as at a busy branch.
const QUEUES: usize = 16;

/// Makes batches that continue the streams of the batches made before.
struct Issues {
    tenant: TenantId,
    queues: Vec<QueueId>,
    class: Arc<str>,
    actor: Arc<str>,
    made: AtomicU64,
}

impl Issues {
    fn new() -> Self {
        let id = Uuid::now_v7;
        Self {
            tenant: TenantId(id()),
            queues: (0..QUEUES).map(|_| QueueId(id())).collect(),
            class: "normal".into(),
            actor: "device:01890a5d-ac96-774b-bcce-b302099a8059".into(),
            made: AtomicU64::new(0),
        }
    }

    fn batch(&self, issues: u64) -> Batch {
        let first = self.made.fetch_add(issues, Ordering::Relaxed);
        let mut batch = Batch::default();
        for number in first..first + issues {
            self.issue(number, &mut batch);
        }
        batch
    }

    fn issue(&self, number: u64, batch: &mut Batch) {
        let queues = u64::try_from(QUEUES).unwrap_or(1);
        let queue = self.queues[usize::try_from(number % queues).unwrap_or(0)];
        let version = number / queues + 1;
        let at = Timestamp::from_secs(1_700_000_000);
        batch.events.push(NewEvent {
            tenant: self.tenant,
            stream: queue.into(),
            version,
            kind: "ticket.issued",
            format: 1,
            at,
            actor: Arc::clone(&self.actor),
            cause: Some("01890a5d-ac96-774b-bcce-b302099a8060".to_owned()),
            payload: PAYLOAD.to_owned(),
        });
        batch.issued.push(self.ticket(queue, version, at));
        batch.keys.push(KeyRow {
            tenant: self.tenant,
            seq: number + 1,
            key_hash: [7; 32],
            fingerprint: [9; 32],
            status: 201,
            body: BODY.to_owned(),
            at,
        });
    }

    fn ticket(&self, queue: QueueId, version: u64, at: Timestamp) -> TicketRow {
        TicketRow {
            tenant: self.tenant,
            ticket: TicketId(Uuid::now_v7()),
            queue,
            site: SiteId(queue.0),
            service: ServiceId(queue.0),
            customer: None,
            agent: None,
            counter: None,
            number: format!("A{version:03}"),
            class: Arc::clone(&self.class),
            channel: "kiosk".into(),
            language: None,
            state: "waiting".into(),
            outcome: None,
            leg: 1,
            calls: 0,
            requeues: 0,
            issued_at: at,
            arrived_at: Some(at),
            first_called_at: None,
            last_called_at: None,
            started_at: None,
            ended_at: None,
            held: Secs(0),
            version,
            tags: "[]".to_owned(),
        }
    }
}

fn append(
    c: &mut Criterion,
    name: &str,
    store: &Arc<dyn Store>,
    runtime: &tokio::runtime::Runtime,
) {
    let issues = Issues::new();
    let mut group = c.benchmark_group(format!("journal/{name}"));
    for size in [1, 64, 256] {
        group.throughput(Throughput::Elements(size));
        group.bench_with_input(BenchmarkId::new("issue", size), &size, |bencher, size| {
            bencher.to_async(runtime).iter_batched(
                || issues.batch(*size),
                |batch| async move { store.append(&batch).await.expect("the batch is kept") },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// Rounds, unless the environment says how many.
const ROUNDS: usize = 400;
/// Issues of an append, and appends of a block: short, so that both sides of a round see the same machine.
const ISSUES: u64 = 64;
const APPENDS: usize = 4;
/// What the policies may cost.
const LIMIT: f64 = 1.05;

/// One database of the comparison.
struct Side<'r> {
    runtime: &'r tokio::runtime::Runtime,
    _database: TestDatabase,
    store: Arc<dyn Store>,
    issues: Issues,
}

impl<'r> Side<'r> {
    /// None where PostgreSQL is not installed.
    fn new(runtime: &'r tokio::runtime::Runtime, is_open: bool) -> Option<Self> {
        let database = runtime.block_on(TestDatabase::postgres())?;
        if is_open {
            runtime.block_on(database.without_row_security());
        }
        let store = runtime.block_on(database.open());
        Some(Self { runtime, _database: database, store, issues: Issues::new() })
    }

    /// The time of a block of appends, without the making of them.
    fn block(&self) -> Duration {
        let batches: Vec<Batch> = (0..APPENDS).map(|_| self.issues.batch(ISSUES)).collect();
        let begun = Instant::now();
        self.runtime.block_on(async {
            for batch in &batches {
                self.store.append(batch).await.expect("the batch is kept");
            }
        });
        begun.elapsed()
    }
}

fn row_security(runtime: &tokio::runtime::Runtime) {
    let rounds = std::env::var("JOURNAL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let rounds = rounds.filter(|rounds| *rounds > 0).unwrap_or(ROUNDS);
    let (Some(with), Some(again), Some(without)) =
        (Side::new(runtime, false), Side::new(runtime, false), Side::new(runtime, true))
    else {
        println!("row security: PostgreSQL is not installed");
        return;
    };
    for side in [&with, &again, &without] {
        for _ in 0..10 {
            side.block();
        }
    }
    let cost = compare(rounds, || with.block(), || without.block());
    let control = compare(rounds, || with.block(), || again.block());
    let said = match cost.is_within(LIMIT) {
        Some(true) => "yes",
        Some(false) => "no",
        None => "undecided: take more rounds",
    };
    println!("row security, appends of {ISSUES}: {cost}");
    println!("control, two databases alike:  {control}");
    println!("at most 5 %: {said}");
}

fn journal(c: &mut Criterion) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if std::env::var("JOURNAL_ROW_SECURITY").is_ok_and(|value| value == "compare") {
        return row_security(&runtime);
    }
    let sqlite = TestDatabase::sqlite();
    append(c, "sqlite", &runtime.block_on(sqlite.open()), &runtime);
    if let Some(postgres) = runtime.block_on(TestDatabase::postgres()) {
        append(c, "postgres", &runtime.block_on(postgres.open()), &runtime);
    }
}

criterion_group!(benches, journal);
criterion_main!(benches);
