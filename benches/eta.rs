//! What an estimate costs: a prediction, a label, and what a queue learns from an arrival and from a call.
//!
//! The queue holds as many people as said and stays so: whoever is called leaves, somebody new comes.
//! Always true: the model is warm, so that class filters exist and every view has a place to go.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use domain::{
    AgentId, Call, Channel, ClassKey, CounterId, Estimator, Event, Happened, LastNumber, Model,
    Outcome, Pool, Queue, QueueConfig, Reason, Secs, ServiceId, SiteId, SkillSet, Staff, TicketId,
    TicketNumber, Timestamp, View, Visit, apply,
};
use uuid::Uuid;

const WAITING: [u32; 3] = [10, 60, 10_000];

fn view(live: bool) -> View {
    View {
        live,
        elapsed: 300.0,
        ahead: 12,
        ahead_of_class: 7,
        others: 30,
        longest: 900.0,
        busy: 5,
        idle_short: 1,
        idle_long: 1,
        time_of_day: 40_000.0,
        priority: false,
    }
}

fn model(criterion: &mut Criterion) {
    let (class, now) = (ClassKey::new("normal"), Timestamp::from_secs(1_000_000));
    let (pool, mut model) = (Pool::expecting(Secs(300)), Model::default());
    let read = pool.read(&class, false, now);
    let seen = model.look(&class, &view(true), &read, now);
    model.label(&class, &seen, 700.0);
    criterion.bench_function("eta/predict", |bench| {
        bench.iter(|| model.predict(&class, black_box(&view(true)), black_box(&read)));
    });
    let mut wait = 1_u32;
    criterion.bench_function("eta/label", |bench| {
        bench.iter(|| {
            wait = wait % 1_800 + 7;
            model.label(&class, black_box(&seen), f64::from(wait));
        });
    });
}

/// A queue in a steady state.
struct Hall {
    queue: Queue,
    learnt: Estimator,
    now: Timestamp,
    issued: u64,
}

const STAFF: Staff = Staff { idle: 0, on_duty: 5 };

impl Hall {
    fn with(waiting: u32) -> Self {
        let config = QueueConfig::new(SiteId(Uuid::from_u128(1)), ServiceId(Uuid::from_u128(2)));
        let mut hall = Self {
            learnt: Estimator::expecting(config.expected_service),
            queue: Queue::new(config),
            now: Timestamp::from_secs(1_000_000),
            issued: 0,
        };
        (0..waiting).for_each(|_| hall.issue());
        (0..100).for_each(|_| hall.round());
        hall
    }

    fn happen(&mut self, event: Event) {
        let happened = Happened { at: self.now, event, staff: Some(STAFF) };
        let earlier = happened.event.ticket().and_then(|id| self.queue.ticket(id)).cloned();
        apply(&mut self.queue, &happened);
        self.learnt.learn(&mut self.queue, earlier.as_ref(), &happened);
    }

    fn issue(&mut self) {
        self.issued += 1;
        self.now = self.now.after(Secs(1));
        let day = self.queue.config().zone.day_of(self.now);
        let value = u32::try_from(self.issued).unwrap_or(u32::MAX);
        let visit = Visit {
            ticket: TicketId(Uuid::from_u128(u128::from(self.issued) << 64)),
            number: TicketNumber { prefix: Arc::from("A"), value },
            service: self.queue.config().service,
            class: ClassKey::new("normal"),
            channel: Channel::Kiosk,
            needs: SkillSet::default(),
            customer: None,
            language: None,
            slot: None,
            issued_at: self.now,
            leg: 1,
        };
        let drawn = LastNumber { day, value };
        self.happen(Event::Issued { visit: Arc::new(visit), remote: false, drawn, tags: vec![] });
    }

    fn round(&mut self) {
        let Some(ticket) = self.queue.line().oldest_tickets().next() else { return };
        let agent = AgentId(Uuid::from_u128(3));
        let counter = CounterId(Uuid::from_u128(4));
        let reason = Reason::PlacedFirst;
        let call = Call { agent, counter, calls: 1, at: self.now, reason };
        self.happen(Event::Called { ticket, call, turn: None });
        self.happen(Event::Served { ticket, outcomes: Vec::new() });
        debug_assert_eq!(
            self.queue.ticket(ticket).map(|ticket| ticket.state()),
            Some(Outcome::Served.into())
        );
        self.issue();
    }
}

fn queue(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("eta/queue");
    for waiting in WAITING {
        let mut hall = Hall::with(waiting);
        group.bench_function(BenchmarkId::new("estimate", waiting), |bench| {
            let last = hall.queue.line().oldest_tickets().last();
            bench.iter(|| {
                last.and_then(|last| hall.learnt.estimate(&hall.queue, last, STAFF, hall.now))
            });
        });
        group.bench_function(BenchmarkId::new("called-served-issued", waiting), |bench| {
            bench.iter(|| hall.round());
        });
    }
    group.finish();
}

criterion_group!(benches, model, queue);
criterion_main!(benches);
