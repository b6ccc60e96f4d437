//! What a queue learns follows from its journal alone: long random days, lived and read back.
//!
//! The living queue makes offers, which no journal holds; the other is woken from a memento half-way and hears only
//! what was journaled. Invariant: at the end both have learnt the same, to the last bit, under every policy.
#![allow(clippy::unwrap_used, reason = "a day that cannot go on is a failed test")]

use domain::{
    AgentId, Caller, Channel, Class, ClassKey, Command, CounterId, Estimator, Event, Handler,
    Happened, Issue, OfferId, Policy, Queue, QueueConfig, Secs, ServiceId, SiteId, SkillSet, Staff,
    State, TicketId, Timestamp, apply, decide,
};
use uuid::Uuid;

const AGENTS: u64 = 4;
const STEPS: u64 = 3_000;

/// Numbers that look random enough.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

struct Day {
    queue: Queue,
    learnt: Estimator,
    now: Timestamp,
    draws: Draws,
    log: Vec<Happened>,
    issued: u64,
    offers: Vec<(OfferId, TicketId, Caller)>,
    /// Offers that stood while somebody came or was called.
    offers_seen: u64,
}

fn config(policy: Policy) -> QueueConfig {
    let classes = ["normal", "senior", "vip"].into_iter().zip([0, 1, 2]);
    let classes = classes.map(|(key, rank)| Class::new(key, rank, Secs::minutes(30))).collect();
    let site = QueueConfig::new(SiteId(Uuid::nil()), ServiceId(Uuid::nil()));
    QueueConfig { policy, classes, ..site }
}

fn live_through(queue: &mut Queue, learnt: &mut Estimator, happened: &Happened) {
    let earlier = happened.event.ticket().and_then(|id| queue.ticket(id)).cloned();
    apply(queue, happened);
    learnt.learn(queue, earlier.as_ref(), happened);
}

fn caller(agent: u64) -> Caller {
    Caller {
        agent: AgentId(Uuid::from_u128(u128::from(agent) + 1)),
        counter: CounterId(Uuid::from_u128(u128::from(agent) + 100)),
        skills: SkillSet::default(),
    }
}

impl Day {
    fn new(policy: Policy) -> Self {
        let config = config(policy);
        Self {
            learnt: Estimator::expecting(config.expected_service),
            queue: Queue::new(config),
            now: Timestamp::from_secs(1_790_000_000),
            draws: Draws(7),
            log: Vec::new(),
            issued: 0,
            offers: Vec::new(),
            offers_seen: 0,
        }
    }

    fn try_to(&mut self, command: &Command) {
        let Ok(events) = decide(&self.queue, command, self.now) else { return };
        for event in events {
            let busy = u16::try_from(self.queue.tally().called + self.queue.tally().serving);
            let idle = 4_u16.saturating_sub(busy.unwrap());
            let staff = event.is_noted_with_staff().then_some(Staff { idle, on_duty: 4 });
            self.offers_seen += u64::from(staff.is_some()) * u64::from(self.queue.tally().offered);
            let happened = Happened { at: self.now, event, staff };
            live_through(&mut self.queue, &mut self.learnt, &happened);
            self.log.push(happened);
        }
    }

    fn somebody(&mut self, stands: State) -> Option<TicketId> {
        let mut found: Vec<TicketId> = self
            .queue
            .tickets()
            .filter(|ticket| ticket.state() == stands)
            .map(|ticket| ticket.id())
            .collect();
        found.sort_unstable();
        let count = u64::try_from(found.len()).unwrap();
        (count > 0).then(|| found[usize::try_from(self.draws.below(count)).unwrap()])
    }

    fn step(&mut self) {
        self.now = self.now.after(Secs(u32::try_from(self.draws.below(90)).unwrap()));
        let agent = caller(self.draws.below(AGENTS));
        match self.draws.below(12) {
            0..=2 => self.issue(),
            3 => self.try_to(&Command::CallNext { caller: agent }),
            4 | 5 => self.offer(agent),
            6 => {
                if let Some((offer, ticket, caller)) = self.offers.pop() {
                    self.try_to(&Command::AcceptOffer { offer, ticket, caller });
                }
            }
            7 => {
                if let Some((offer, ticket, _)) = self.offers.pop() {
                    self.try_to(&Command::WithdrawOffer { offer, ticket });
                }
            }
            8 | 9 => {
                let by = Handler::Supervisor;
                if let Some(ticket) = self.somebody(State::Serving) {
                    self.try_to(&Command::Finish { ticket, by, outcomes: Vec::new() });
                }
                if let Some(ticket) = self.somebody(State::Called) {
                    self.try_to(&Command::Start { ticket, by });
                }
            }
            10 => {
                if let Some(ticket) = self.somebody(State::Called) {
                    self.try_to(&Command::Requeue { ticket, by: Handler::Supervisor });
                }
            }
            _ => {
                if let Some(ticket) = self.somebody(State::Waiting) {
                    self.try_to(&Command::Delay { ticket, people: 2 });
                }
            }
        }
    }

    fn offer(&mut self, agent: Caller) {
        let offer = OfferId(Uuid::from_u128(u128::from(self.draws.below(u64::MAX >> 33))));
        let before = self.log.len();
        self.try_to(&Command::Offer { caller: agent.clone(), offer });
        if let Some(Event::Offered { ticket, .. }) =
            self.log[before..].first().map(|happened| &happened.event)
        {
            self.offers.push((offer, *ticket, agent));
        }
    }

    fn issue(&mut self) {
        self.issued += 1;
        let class = ["normal", "normal", "senior", "vip"];
        let class = class[usize::try_from(self.draws.below(4)).unwrap()];
        let issue = Issue {
            ticket: TicketId(Uuid::from_u128(u128::from(self.issued) << 64)),
            channel: Channel::Kiosk,
            class: Some(ClassKey::new(class)),
            self_service: false,
            customer: None,
            language: None,
            needs: SkillSet::default(),
            slot: None,
            remote: false,
            tags: Vec::new(),
        };
        self.try_to(&Command::Issue(Box::new(issue)));
    }
}

#[test]
fn a_journal_read_back_teaches_what_the_day_taught() {
    for policy in
        [Policy::Fifo, Policy::Priority, Policy::default(), Policy::Accumulating, Policy::Ratio]
    {
        let mut day = Day::new(policy.clone());
        let (mut queue, mut learnt) = (day.queue.clone(), day.learnt.clone());
        let mut heard = 0;
        for step in 0..STEPS {
            day.step();
            for happened in &day.log[heard..] {
                if happened.event.is_journaled() {
                    live_through(&mut queue, &mut learnt, happened);
                }
            }
            heard = day.log.len();
            if step == STEPS / 2 {
                queue = Queue::from_memento(queue.memento());
            }
        }
        assert!(day.offers_seen > 100, "{policy:?}: offers stood {} times", day.offers_seen);
        assert!(day.learnt.calibration().promised() > 100, "{policy:?}: too little was learnt");
        assert!(day.learnt == learnt, "{policy:?}: what was read back taught something else");
    }
}
