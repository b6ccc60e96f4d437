//! What the line costs: joining, calling, leaving and asking for one's rank, with few and with very many waiting.
//!
//! Three classes and two kinds of needs make six groups; arrivals are spread over 100 minutes whatever the number,
//! so that every band of `sla` is filled. The number waiting stays the same during a measurement.
//! Always true: what keeps the number steady is not measured.

use std::cell::RefCell;
use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use domain::{Class, ClassKey, Line, Place, Policy, Secs, SkillSet, TicketId, Timestamp, Waiter};

const WAITING: [i64; 3] = [100, 10_000, 1_000_000];
const SPREAD_MICROS: i64 = 100 * 60 * 1_000_000;
/// Repetitions between two readings of the clock; small against the fewest people waiting.
const BATCH: BatchSize = BatchSize::NumIterations(16);

fn policies() -> [(&'static str, Policy); 3] {
    [("fifo", Policy::Fifo), ("sla", Policy::default()), ("accumulating", Policy::Accumulating)]
}

fn classes() -> Vec<Class> {
    vec![
        Class::new("normal", 0, Secs::minutes(30)),
        Class::new("senior", 1, Secs::minutes(20)),
        Class::new("urgent", 2, Secs::minutes(10)),
    ]
}

/// A line in a steady state: whoever joins is the youngest.
struct Hall {
    line: Line,
    classes: Vec<Class>,
    needs: [SkillSet; 2],
    agent: SkillSet,
    /// Those waiting, in no particular order.
    tickets: Vec<TicketId>,
    joined: u64,
    step_micros: i64,
    random: u64,
}

impl Hall {
    fn with(policy: &Policy, waiting: i64) -> Self {
        let passports = SkillSet::from(vec!["passports".to_owned()]);
        let mut hall = Self {
            line: Line::new(policy, &classes()),
            classes: classes(),
            needs: [SkillSet::default(), passports.clone()],
            agent: passports,
            tickets: Vec::new(),
            joined: 0,
            step_micros: SPREAD_MICROS / waiting,
            random: 1,
        };
        for _ in 0..waiting {
            let waiter = hall.arrival();
            hall.join(waiter);
        }
        hall
    }

    fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(self.joined).unwrap_or(i64::MAX) * self.step_micros)
    }

    fn random(&mut self, below: usize) -> usize {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.random >> 33).unwrap_or(0) % below
    }

    fn arrival(&mut self) -> Waiter {
        self.joined += 1;
        let (class, needs) = (self.random(3), self.random(2));
        let class: ClassKey = self.classes[class].key.clone();
        let needs = self.needs[needs].clone();
        let ticket = TicketId(uuid::Uuid::from_u64_pair(self.joined, self.random));
        self.tickets.push(ticket);
        Waiter { ticket, class, needs, arrived_at: self.now(), slot: None }
    }

    fn join(&mut self, waiter: Waiter) {
        self.line.insert(waiter, Place::InOrder);
    }

    fn call(&mut self) -> Option<Waiter> {
        let choice = self.line.best(&self.agent, self.now())?;
        self.line.took(choice.turn);
        self.line.remove(choice.ticket)
    }

    /// Where in `tickets` somebody is listed who still waits. Those already called are dropped on the way.
    fn somebody(&mut self) -> usize {
        loop {
            let at = self.random(self.tickets.len());
            if self.line.contains(self.tickets[at]) {
                return at;
            }
            self.tickets.swap_remove(at);
        }
    }
}

fn each(
    criterion: &mut Criterion,
    what: &str,
    measure: impl Fn(&mut criterion::Bencher<'_>, &RefCell<Hall>),
) {
    for (name, policy) in policies() {
        let mut group = criterion.benchmark_group(format!("domain/line/{what}/{name}/waiting"));
        for waiting in WAITING {
            let hall = RefCell::new(Hall::with(&policy, waiting));
            group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
                measure(bencher, &hall)
            });
        }
        group.finish();
    }
}

fn insert(criterion: &mut Criterion) {
    each(criterion, "insert", |bencher, hall| {
        let make_room = || {
            let mut hall = hall.borrow_mut();
            hall.call();
            hall.arrival()
        };
        bencher.iter_batched(make_room, |waiter| hall.borrow_mut().join(waiter), BATCH);
    });
}

fn call(criterion: &mut Criterion) {
    each(criterion, "call", |bencher, hall| {
        let fill_up = || {
            let mut hall = hall.borrow_mut();
            let waiter = hall.arrival();
            hall.join(waiter);
        };
        bencher.iter_batched(fill_up, |()| hall.borrow_mut().call(), BATCH);
    });
}

fn leave(criterion: &mut Criterion) {
    each(criterion, "leave", |bencher, hall| {
        let fill_up = || {
            let mut hall = hall.borrow_mut();
            let waiter = hall.arrival();
            hall.join(waiter);
            let at = hall.somebody();
            hall.tickets.swap_remove(at)
        };
        bencher.iter_batched(fill_up, |ticket| hall.borrow_mut().line.remove(ticket), BATCH);
    });
}

fn ahead_of(criterion: &mut Criterion) {
    each(criterion, "ahead_of", |bencher, hall| {
        let ask = |ticket| {
            let hall = hall.borrow();
            black_box(hall.line.ahead_of(ticket, hall.now()))
        };
        let anybody = || {
            let mut hall = hall.borrow_mut();
            let at = hall.somebody();
            hall.tickets[at]
        };
        bencher.iter_batched(anybody, ask, BATCH);
    });
}

criterion_group!(benches, insert, call, leave, ahead_of);
criterion_main!(benches);
