//! The language of the stories: given, when, then.
//!
//! ```text
//! Story::new().given("ama joins; awa calls").when("awa starts ama").then("started ama").and("ama is serving");
//! ```
//! Steps of `given` are all granted; `then` names the events that follow, or `refused` and the code.
//! Invariant: after every step the queue is sound, its journal replays, and a refusal has changed nothing.

use domain::{
    Command, Event, Happened, Policy, Queue, QueueConfig, Refusal, ServiceId, SiteId, Timestamp,
    apply, decide,
};
use uuid::Uuid;

use crate::fact;
use crate::log::Audit;
use crate::names::{self, Names};
use crate::state::{View, arrival_faults, duration_faults, replay_faults};
use crate::words::{Line, clock_time};

/// A Monday, nine o'clock in Dakar and in UTC.
const NINE: Timestamp = Timestamp::from_secs(1_772_442_000);

pub(crate) struct Story {
    pub(crate) queue: Queue,
    pub(crate) names: Names,
    pub(crate) now: Timestamp,
    first: QueueConfig,
    log: Vec<Happened>,
    last: Result<Vec<Event>, Refusal>,
}

/// First come, first served; two classes for everybody and one that only staff may give; nobody expires.
pub(crate) fn config() -> QueueConfig {
    let minutes = domain::Secs::minutes;
    let vip = domain::Class { self_service: false, ..domain::Class::new("vip", 2, minutes(5)) };
    QueueConfig {
        policy: Policy::Fifo,
        classes: vec![
            domain::Class::new("normal", 0, minutes(20)),
            domain::Class::new("senior", 1, minutes(10)),
            vip,
        ],
        expire_at_close_of_day: false,
        ..QueueConfig::new(SiteId(Uuid::from_u128(1)), ServiceId(Uuid::from_u128(1)))
    }
}

impl Story {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut QueueConfig)) -> Self {
        let mut first = config();
        change(&mut first);
        assert_eq!(first.faults(), []);
        let queue = Queue::new(first.clone());
        Self {
            queue,
            names: Names::default(),
            now: NINE,
            first,
            log: Vec::new(),
            last: Ok(Vec::new()),
        }
    }

    /// What was before: every step is granted.
    #[track_caller]
    pub(crate) fn given(mut self, steps: &str) -> Self {
        for step in steps.split(';').map(str::trim) {
            self.ask(step);
            assert!(self.last.is_ok(), "{step}: {:?}", self.last);
        }
        self
    }

    /// What somebody asks.
    #[track_caller]
    pub(crate) fn when(mut self, step: &str) -> Self {
        self.ask(step);
        self
    }

    /// An administrator changes the settings.
    #[track_caller]
    pub(crate) fn configured(mut self, change: impl FnOnce(&mut QueueConfig)) -> Self {
        let mut config = self.queue.config().clone();
        change(&mut config);
        self.command(&Command::Configure(Box::new(config)));
        self
    }

    /// The events that followed, or `refused` and the code, or `nothing`.
    #[track_caller]
    pub(crate) fn then(self, expected: &str) -> Self {
        let found = match &self.last {
            Ok(events) if events.is_empty() => "nothing".to_owned(),
            Ok(events) => {
                events.iter().map(|event| self.told(event)).collect::<Vec<_>>().join("; ")
            }
            Err(refusal) => format!("refused {}", refusal.code()),
        };
        assert_eq!(found, expected);
        self
    }

    /// The refusal itself, with its facts.
    #[track_caller]
    pub(crate) fn refusal(&self) -> &Refusal {
        self.last.as_ref().expect_err("it was granted")
    }

    pub(crate) fn events(&self) -> &[Event] {
        self.last.as_deref().unwrap_or_default()
    }

    /// What is true now.
    #[track_caller]
    pub(crate) fn and(mut self, facts: &str) -> Self {
        for fact in facts.split(';').map(str::trim) {
            fact::check(&mut self, fact);
        }
        self
    }

    /// The program ends and starts again: what the journal does not hold is gone.
    pub(crate) fn restarted(mut self) -> Self {
        self.queue = Queue::from_memento(self.queue.memento());
        self
    }

    fn told(&self, event: &Event) -> String {
        let name = event.name();
        match event.ticket() {
            Some(ticket) => {
                format!("{} {}", name.trim_start_matches("ticket."), self.names.name_of(ticket))
            }
            None => name.to_owned(),
        }
    }

    #[track_caller]
    fn ask(&mut self, step: &str) {
        if let Some(clock) = step.strip_prefix("clock ") {
            self.now = clock_time(self.now, clock);
            self.last = Ok(Vec::new());
            return;
        }
        let command = Line::read(step).command(&mut self.names, self.queue.config(), self.now);
        self.command(&command);
    }

    #[track_caller]
    pub(crate) fn command(&mut self, command: &Command) {
        let before = self.queue.memento();
        self.last = decide(&self.queue, command, self.now);
        for event in self.last.clone().unwrap_or_default() {
            let happened = Happened::new(self.now, event);
            apply(&mut self.queue, &happened);
            self.log.push(happened);
        }
        let after = self.queue.memento();
        let audit = Audit {
            capacity: self.first.capacity,
            min_calls: self.first.ladder.min_calls,
            skills: names::skills_of,
        };
        let faults = [
            View::of(&self.queue).faults(),
            arrival_faults(&before, &after),
            duration_faults(&after, self.now, |later, earlier| later.micros_since(earlier)),
            audit.faults(&self.log),
            replay_faults(&self.queue, &self.first, &self.log, (self.log.len(), &after)),
        ]
        .concat();
        assert_eq!(faults, Vec::<String>::new(), "after {command:?}");
        assert!(self.last.is_ok() || before == after, "a refusal changed something");
    }
}
