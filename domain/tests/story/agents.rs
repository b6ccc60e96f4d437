//! Agents: presence, the counter, the ticket in hand, the break that is wanted and the break that is.
//!
//! A table gives every command in every presence; stories follow for what takes several steps.
//! Invariant: busy exactly while a ticket is in hand, whatever was asked; a refusal changes nothing.

use domain::{
    Agent, AgentCommand, AgentEvent, AgentProfile, CounterId, InHand, Presence, QueueId, Refusal,
    Secs, TicketId, Timestamp, agent_apply, agent_decide,
};
use uuid::Uuid;

struct Desk {
    agent: Agent,
    now: Timestamp,
    last: Result<Vec<AgentEvent>, Refusal>,
}

fn counter(number: &str) -> CounterId {
    CounterId(Uuid::from_u128(number.parse().unwrap()))
}

fn hand(number: &str) -> InHand {
    let id = Uuid::from_u128(number.parse().unwrap());
    InHand { queue: QueueId(id), ticket: TicketId(id), number: format!("A{number:0>3}") }
}

/// `signs-in 1`, `signs-out`, `is-available`, `breaks lunch`, `takes-counter 2`, `loses-counter 2`, `took 7`,
/// `released 7`, `wraps-up 60`, `ticks`.
fn command(agent: &Agent, step: &str) -> AgentCommand {
    let (verb, rest) = step.split_once(' ').unwrap_or((step, ""));
    match verb {
        "signs-in" => AgentCommand::SignIn { counter: (!rest.is_empty()).then(|| counter(rest)) },
        "signs-out" => AgentCommand::SignOut,
        "is-available" => AgentCommand::BeAvailable,
        "breaks" => AgentCommand::TakeBreak { reason: rest.to_owned() },
        "takes-counter" => AgentCommand::TakeCounter { counter: counter(rest) },
        "loses-counter" => AgentCommand::LoseCounter { counter: counter(rest) },
        "took" => AgentCommand::Took(hand(rest)),
        "released" => AgentCommand::Released { ticket: hand(rest).ticket },
        "wraps-up" => AgentCommand::Configure(AgentProfile {
            wrap_up: Secs(rest.parse().unwrap()),
            ..agent.profile().clone()
        }),
        "ticks" => AgentCommand::Tick,
        _ => panic!("not understood: {step}"),
    }
}

impl Desk {
    fn new() -> Self {
        Self {
            agent: Agent::new(AgentProfile::default()),
            now: Timestamp::from_secs(1_000),
            last: Ok(Vec::new()),
        }
    }

    #[track_caller]
    fn given(mut self, steps: &str) -> Self {
        for step in steps.split(';').map(str::trim).filter(|step| !step.is_empty()) {
            self = self.when(step);
            assert!(self.last.is_ok(), "{step}: {:?}", self.last);
        }
        self
    }

    #[track_caller]
    fn when(mut self, step: &str) -> Self {
        if let Some(secs) = step.strip_prefix("clock ") {
            self.now = Timestamp(self.now.0 + secs.parse::<i64>().unwrap() * 1_000_000);
            return self;
        }
        let before = self.agent.clone();
        self.last = agent_decide(&self.agent, &command(&self.agent, step), self.now);
        for event in self.last.iter().flatten() {
            agent_apply(&mut self.agent, event, self.now);
        }
        assert!(self.last.is_ok() || self.agent == before, "a refusal changed something");
        assert_eq!(
            self.agent.in_hand().is_some(),
            *self.agent.presence() == Presence::Busy,
            "after {step}"
        );
        assert_eq!(Agent::from_memento(self.agent.memento().clone()), self.agent);
        self
    }

    #[track_caller]
    fn then(self, expected: &str) -> Self {
        let found = match &self.last {
            Ok(events) if events.is_empty() => "nothing".to_owned(),
            Ok(events) => events
                .iter()
                .map(|event| event.name().trim_start_matches("agent."))
                .collect::<Vec<_>>()
                .join(" "),
            Err(refusal) => format!("refused {}", refusal.code()),
        };
        assert_eq!(found, expected);
        self
    }

    #[track_caller]
    fn is(self, presence: &str) -> Self {
        assert_eq!(self.agent.presence().name(), presence);
        self
    }
}

const WAYS: [(&str, &str); 5] = [
    ("offline", ""),
    ("available", "signs-in 1"),
    ("busy", "signs-in 1; took 7"),
    ("wrap_up", "signs-in 1; wraps-up 60; took 7; released 7"),
    ("on_break", "signs-in 1; breaks lunch"),
];

#[test]
fn every_command_is_answered_as_the_table_says_in_every_presence() {
    let (out, busy) = ("refused agent_not_available", "refused agent_busy");
    let table = [
        ("signs-in 1", ["counter_taken available", "nothing", "nothing", "nothing", "nothing"]),
        (
            "signs-in 2",
            ["counter_taken available", "counter_taken", busy, "counter_taken", "counter_taken"],
        ),
        ("signs-in", ["available", "nothing", "nothing", "nothing", "nothing"]),
        (
            "signs-out",
            [
                "nothing",
                "counter_left offline",
                busy,
                "counter_left offline",
                "counter_left offline",
            ],
        ),
        ("is-available", [out, "nothing", "nothing", "available", "available"]),
        ("breaks tea", [out, "on_break", "break_wanted", "on_break", "on_break"]),
        ("takes-counter 1", [out, "nothing", busy, "nothing", "nothing"]),
        ("takes-counter 2", [out, "counter_taken", busy, "counter_taken", "counter_taken"]),
        (
            "loses-counter 1",
            ["nothing", "counter_left", "counter_left", "counter_left", "counter_left"],
        ),
        ("loses-counter 2", ["nothing"; 5]),
        ("took 8", ["busy"; 5]),
        ("released 7", ["nothing", "nothing", "released available", "nothing", "nothing"]),
        ("released 8", ["nothing"; 5]),
        ("ticks", ["nothing"; 5]),
    ];
    for (step, answers) in table {
        for ((presence, way), answer) in WAYS.into_iter().zip(answers) {
            Desk::new().given(way).is(presence).when(step).then(answer);
        }
    }
}

#[test]
fn the_end_of_a_ticket_makes_the_agent_available_again() {
    Desk::new().given("signs-in 1; took 7").is("busy").given("released 7").is("available");
}

#[test]
fn a_wrap_up_begins_with_the_end_of_a_ticket_and_ends_by_itself() {
    let desk = Desk::new()
        .given("signs-in 1; wraps-up 60; took 7")
        .when("released 7")
        .then("released wrap_up");
    let desk = desk
        .given("clock 59; ticks")
        .is("wrap_up")
        .given("clock 1")
        .when("ticks")
        .then("available");
    desk.is("available").when("ticks").then("nothing");
}

#[test]
fn a_wrap_up_outlasts_a_clock_that_steps_back_and_can_be_cut_short() {
    let desk = Desk::new()
        .given("signs-in 1; wraps-up 60; took 7; released 7; clock -3600; ticks")
        .is("wrap_up");
    desk.when("is-available").then("available");
}

#[test]
fn an_agent_in_wrap_up_may_ask_for_the_next() {
    let desk = Desk::new().given("signs-in 1; wraps-up 60; took 7; released 7");
    assert_eq!(desk.agent.ready(), Ok(counter("1")));
    desk.given("took 8").is("busy");
}

#[test]
fn a_break_wanted_while_busy_begins_when_the_ticket_is_done() {
    let desk = Desk::new().given("signs-in 1; wraps-up 60; took 7; breaks lunch").is("busy");
    let desk = desk.when("released 7").then("released break_wanted on_break");
    assert_eq!(desk.agent.presence(), &Presence::OnBreak { reason: "lunch".to_owned() });
    desk.given("is-available; took 8; released 8").is("wrap_up");
}

#[test]
fn a_break_wanted_can_be_taken_back() {
    let desk = Desk::new()
        .given("signs-in 1; took 7; breaks lunch")
        .when("is-available")
        .then("break_wanted");
    desk.when("is-available").then("nothing").given("released 7").is("available");
}

#[test]
fn the_same_ticket_is_taken_once_and_another_takes_its_place() {
    let desk = Desk::new().given("signs-in 1; took 7").when("took 7").then("nothing");
    let desk = desk.given("took 8").when("released 7").then("nothing").is("busy");
    desk.when("released 8").then("released available");
}

#[test]
fn who_is_ready_depends_on_presence_hands_and_counter() {
    let ready = |steps: &str| Desk::new().given(steps).agent.ready();
    assert_eq!(ready("signs-in 1"), Ok(counter("1")));
    assert_eq!(ready(""), Err(Refusal::AgentNotAvailable { why: "sign in first" }));
    assert_eq!(
        ready("signs-in 1; breaks tea"),
        Err(Refusal::AgentNotAvailable { why: "end the break first" })
    );
    assert_eq!(ready("signs-in"), Err(Refusal::AgentNotAvailable { why: "take a counter first" }));
    assert_eq!(
        ready("signs-in 1; loses-counter 1"),
        Err(Refusal::AgentNotAvailable { why: "take a counter first" })
    );
    let busy = Refusal::AgentBusy { ticket: hand("7").ticket, number: "A007".to_owned() };
    assert_eq!(ready("signs-in 1; took 7"), Err(busy));
}

#[test]
fn the_usual_counter_is_taken_when_none_is_named() {
    let profile = AgentProfile { counter: Some(counter("4")), ..AgentProfile::default() };
    let desk = Desk { agent: Agent::new(profile), ..Desk::new() };
    let desk = desk.given("signs-in");
    assert_eq!(desk.agent.counter(), Some(counter("4")));
    let desk = desk.given("takes-counter 5; breaks tea").when("signs-in").then("nothing");
    assert_eq!(desk.agent.counter(), Some(counter("5")));
}

#[test]
fn the_longest_idle_is_known_by_since_when_they_are_available() {
    let desk = Desk::new().given("signs-in 1; clock 100; took 7; clock 60; released 7");
    assert_eq!(desk.agent.presence(), &Presence::Available { since: Timestamp::from_secs(1_160) });
}

#[test]
fn the_same_profile_again_leads_to_nothing() {
    Desk::new()
        .given("wraps-up 60")
        .when("wraps-up 60")
        .then("nothing")
        .when("wraps-up 30")
        .then("configured");
}
