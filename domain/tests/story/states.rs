//! Every state against every command about a ticket: granted, or refused with exactly this reason.
//!
//! `ok` granted, `inv` invalid_transition naming state and command, `end` ticket_ended naming the state,
//! `busy` agent_busy, `mine` not_assigned (another agent keeps it), `few` too_few_calls.
//! Invariant: the table has one column for each state there is, so a new state fails until it has its answers.

use domain::{Command, Refusal, State};

use crate::names::Names;
use crate::story::Story;
use crate::words::Line;

/// How a ticket comes into each state, in the order of `State::ALL`.
const WAYS: [&str; 12] = [
    "ama joins remote",
    "ama joins",
    "ama joins; awa is-offered o1",
    "ama joins; awa calls",
    "ama joins; awa calls; awa starts ama",
    "ama joins; awa calls; awa starts ama; awa holds ama",
    "ama joins; awa calls; awa starts ama; awa finishes ama",
    "ama joins; awa calls; clock +30s; awa recalls ama; awa no-shows ama",
    "ama joins; ama walks-out",
    "ama joins; ama cancels",
    "ama joins; boss removes ama",
    "ama joins; queue closes expiring; queue opens",
];

/// remote waiting offered called serving held | served no_show walked_out cancelled removed expired
const ANSWERS: [(&str, &str); 20] = [
    ("ama checks-in             ", "ok  inv inv inv  inv  inv  end end end end end end"),
    ("binta calls ama           ", "inv ok  inv inv  inv  mine end end end end end end"),
    ("awa accepts ama o1        ", "inv inv ok  busy busy inv  end end end end end end"),
    ("screen withdraws ama o1   ", "inv inv ok  inv  inv  inv  end end end end end end"),
    ("awa recalls ama           ", "inv inv inv ok   inv  inv  end end end end end end"),
    ("awa starts ama            ", "inv inv inv ok   inv  inv  end end end end end end"),
    ("awa holds ama             ", "inv inv inv ok   ok   inv  end end end end end end"),
    ("awa resumes ama           ", "inv inv inv inv  inv  ok   end end end end end end"),
    ("awa finishes ama          ", "inv inv inv inv  ok   inv  end end end end end end"),
    ("awa no-shows ama          ", "inv inv inv few  inv  inv  end end end end end end"),
    ("awa requeues ama          ", "inv inv inv ok   inv  ok   end end end end end end"),
    ("awa transfers ama         ", "inv inv inv inv  ok   inv  end end end end end end"),
    ("ama cancels               ", "ok  ok  ok  ok   inv  inv  end end end end end end"),
    ("boss removes ama          ", "inv ok  ok  inv  inv  inv  end end end end end end"),
    ("ama walks-out             ", "inv ok  ok  inv  inv  inv  end end end end end end"),
    ("boss reinstates ama       ", "inv inv inv inv  inv  inv  end ok  ok  ok  ok  end"),
    ("boss sets ama class=senior", "ok  ok  inv inv  inv  inv  end end end end end end"),
    ("boss tags ama with=x      ", "ok  ok  ok  ok   ok   ok   ok  ok  ok  ok  ok  ok"),
    ("boss notes ama            ", "ok  ok  ok  ok   ok   ok   ok  ok  ok  ok  ok  ok"),
    ("screen shows ama          ", "ok  ok  ok  ok   ok   ok   ok  ok  ok  ok  ok  ok"),
];

fn story_in(state: usize) -> Story {
    Story::with(|config| config.ladder.requeues_max = 0).given(WAYS[state]).given("clock +31s")
}

#[test]
fn every_state_is_reached() {
    for (at, state) in State::ALL.into_iter().enumerate() {
        story_in(at).and(&format!("ama is {state}"));
    }
}

#[test]
fn every_command_is_granted_or_refused_as_the_table_says_in_every_state() {
    for (step, answers) in ANSWERS {
        let answers: Vec<&str> = answers.split_whitespace().collect();
        assert_eq!(answers.len(), State::ALL.len(), "{step}");
        for (at, state) in State::ALL.into_iter().enumerate() {
            let story = story_in(at).when(step.trim());
            let found = if story.events().is_empty() { answer(&story, step, state) } else { "ok" };
            assert_eq!(found, answers[at], "{step} when {state}");
        }
    }
}

/// The word of the table for what came back; a refusal must carry the right facts as well.
fn answer(story: &Story, step: &str, state: State) -> &'static str {
    // A late or early acknowledgement of a screen is granted and leads to nothing.
    if step.starts_with("screen shows") {
        return "ok";
    }
    let command = Line::read(step).command(&mut Names::default(), story.queue.config(), story.now);
    let refusal = story.refusal().clone();
    let number = "A001".to_owned();
    let ticket = Names::default().ticket("ama");
    let known = [
        (Refusal::InvalidTransition { from: state, command: command.name() }, "inv"),
        (Refusal::TicketEnded { state }, "end"),
        (Refusal::AgentBusy { ticket, number }, "busy"),
        (Refusal::NotAssigned, "mine"),
        (Refusal::TooFewCalls { calls: 1, min_calls: 2 }, "few"),
    ];
    let word = known.into_iter().find(|(known, _)| *known == refusal).map(|(_, word)| word);
    word.unwrap_or_else(|| panic!("{step} when {state}: {refusal:?}"))
}

#[test]
fn the_table_asks_about_a_ticket_in_every_way_there_is() {
    let named = |step: &str| {
        Line::read(step).command(
            &mut Names::default(),
            &crate::story::config(),
            domain::Timestamp(0),
        )
    };
    let asked: std::collections::BTreeSet<&str> =
        ANSWERS.iter().map(|(step, _)| named(step).name()).collect();
    assert_eq!(asked.len(), ANSWERS.len());
    // What names a ticket and is not in the table: joining, and the confirmation between queues.
    for other in [named("ama joins"), named("ama arrives"), named("screen confirms ama leg=2")] {
        assert!(other.ticket().is_some() && !asked.contains(other.name()));
    }
}

#[test]
fn an_unknown_ticket_is_not_found_whatever_is_asked() {
    for (step, _) in ANSWERS.iter().filter(|(step, _)| !step.starts_with("screen shows")) {
        Story::new().given("bob joins").when(step.trim()).then("refused not_found");
    }
    Story::new().when("screen shows ama").then("nothing");
}

#[test]
fn an_ended_ticket_that_is_long_forgotten_is_not_found() {
    let story = Story::new().given("ama joins; ama cancels; clock +3600s; bob joins");
    let story = story.when("awa calls ama").then("refused ticket_ended");
    story.given("clock +1s; eva joins").when("awa calls ama").then("refused not_found");
}

#[test]
fn a_command_says_which_ticket_it_is_about_and_so_does_its_event() {
    for (at, way) in WAYS.iter().enumerate() {
        for (step, _) in ANSWERS {
            let mut story = story_in(at).when(step.trim());
            let ama = story.names.ticket("ama");
            let about: Vec<_> = story.events().iter().map(domain::Event::ticket).collect();
            assert!(about.iter().all(|ticket| *ticket == Some(ama)), "{way}; {step}");
            let command: Command =
                Line::read(step).command(&mut story.names, &crate::story::config(), story.now);
            assert_eq!(command.ticket(), Some(ama), "{step}");
        }
    }
}
