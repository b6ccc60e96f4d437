//! What one decision costs as the line grows: joining and calling, decided and applied.
//!
//! No disk, no actor: the rules alone, from 100 to 1,000,000 people waiting.
//! Invariant: the line is as long after a measured step as before it.

#![allow(clippy::unwrap_used, reason = "a bench stops at any failure")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use domain::{
    AgentId, Caller, Channel, Command, CounterId, Handler, Happened, Issue, Queue, QueueConfig,
    ServiceId, SiteId, SkillSet, TicketId, Timestamp, apply, decide,
};
use uuid::Uuid;

struct Bench {
    queue: Queue,
    now: Timestamp,
    issued: u128,
    caller: Caller,
}

impl Bench {
    fn with_waiting(waiting: u32) -> Self {
        let config = QueueConfig::new(SiteId(Uuid::nil()), ServiceId(Uuid::nil()));
        let caller = Caller {
            agent: AgentId(Uuid::from_u128(1)),
            counter: CounterId(Uuid::from_u128(2)),
            skills: SkillSet::default(),
        };
        let mut bench = Self {
            queue: Queue::new(config),
            now: Timestamp::from_secs(1_790_000_000),
            issued: 0,
            caller,
        };
        (0..waiting).for_each(|_| bench.issue());
        bench
    }

    fn run(&mut self, command: &Command) {
        for event in decide(&self.queue, command, self.now).unwrap() {
            apply(&mut self.queue, &Happened::new(self.now, event));
        }
    }

    fn issue(&mut self) {
        self.now = Timestamp(self.now.0 + 1_000);
        self.issued += 1;
        // As UUIDv7 does: later tickets sort after earlier ones.
        let ticket = TicketId(Uuid::from_u128(
            self.issued << 64 | self.issued.wrapping_mul(0x9E37_79B9_7F4A_7C15) & 0xFFFF_FFFF,
        ));
        let issue = Issue {
            ticket,
            channel: Channel::Kiosk,
            class: None,
            self_service: true,
            customer: None,
            language: None,
            needs: SkillSet::default(),
            slot: None,
            remote: false,
            tags: Vec::new(),
        };
        self.run(&Command::Issue(Box::new(issue)));
    }

    fn call_and_finish(&mut self) {
        self.run(&Command::CallNext { caller: self.caller.clone() });
        let ticket = self.queue.in_hand_of(self.caller.agent).unwrap().id();
        let by = Handler::Supervisor;
        self.run(&Command::Start { ticket, by });
        self.run(&Command::Finish { ticket, by, outcomes: Vec::new() });
    }
}

fn steps(c: &mut Criterion) {
    let mut group = c.benchmark_group("domain/queue");
    for waiting in [100, 10_000, 1_000_000] {
        let mut bench = Bench::with_waiting(waiting);
        group.bench_function(BenchmarkId::new("issue+call+start+finish/waiting", waiting), |b| {
            b.iter(|| {
                bench.issue();
                bench.call_and_finish();
                black_box(&bench.queue);
            });
        });
        group.bench_function(BenchmarkId::new("issue/waiting", waiting), |b| {
            b.iter_custom(|rounds| separately(&mut bench, rounds).0);
        });
        group.bench_function(BenchmarkId::new("call/waiting", waiting), |b| {
            b.iter_custom(|rounds| separately(&mut bench, rounds).1);
        });
    }
    group.finish();
}

/// The time of the joins alone and of the calls alone, alternating so that the line keeps its length.
#[expect(clippy::disallowed_types, reason = "a bench measures real time")]
fn separately(bench: &mut Bench, rounds: u64) -> (std::time::Duration, std::time::Duration) {
    use std::time::{Duration, Instant};
    let (mut issuing, mut calling) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..rounds {
        let start = Instant::now();
        bench.issue();
        issuing += start.elapsed();
        let start = Instant::now();
        bench.run(&Command::CallNext { caller: bench.caller.clone() });
        calling += start.elapsed();
        let ticket = bench.queue.in_hand_of(bench.caller.agent).unwrap().id();
        bench.run(&Command::Start { ticket, by: Handler::Supervisor });
        bench.run(&Command::Finish { ticket, by: Handler::Supervisor, outcomes: Vec::new() });
    }
    (issuing, calling)
}

criterion_group!(benches, steps);
criterion_main!(benches);
