//! What a story may say about the queue as it stands.
//!
//! `ama is held`, `line is ama bob`, `queue is paused`, `awa has ama`, `ama ahead 2`, `ama held 60`, `due 09:00:30`.
//! Invariant: a fact changes nothing, and one that is not understood fails the story.

use domain::{AgentId, Command, CounterId, Event, Happened, SkillSet, Ticket, apply, decide};
use uuid::Uuid;

use crate::names;
use crate::story::Story;

#[track_caller]
pub(crate) fn check(story: &mut Story, fact: &str) {
    let (who, rest) = fact.split_once(' ').unwrap_or((fact, ""));
    let (what, expected) = rest.split_once(' ').unwrap_or((rest, ""));
    let found = match (who, what) {
        ("queue", "is") => story.queue.state().as_str().to_owned(),
        ("queue", "holds") => story.queue.joined().to_string(),
        ("line", "is") => line(story).join(" "),
        ("due", at) => {
            let due = story.queue.next_due(story.now).map_or_else(|| "never".to_owned(), clock);
            assert_eq!(due, at, "{fact}");
            return;
        }
        (agent, "has") => in_hand(story, agent),
        (person, "ahead") => {
            let ticket = story.names.ticket(person);
            format!("{:?}", story.queue.ahead_of(ticket, story.now).unwrap())
        }
        (person, what) => {
            let ticket = story.names.ticket(person);
            let ticket = story.queue.ticket(ticket);
            ticket.map_or_else(|| "unknown".to_owned(), |ticket| of_ticket(ticket, what, story))
        }
    };
    assert_eq!(found, expected, "{fact}");
}

fn of_ticket(ticket: &Ticket, what: &str, story: &Story) -> String {
    let at = |instant: Option<domain::Timestamp>| instant.map_or_else(|| "never".to_owned(), clock);
    match what {
        "is" => ticket.state().to_string(),
        "number" => ticket.visit.number.to_string(),
        "class" => ticket.visit.class.to_string(),
        "arrived" => at(ticket.arrived_at),
        "first-called" => at(ticket.first_called_at),
        "last-called" => at(ticket.last_called_at),
        "announced" => at(ticket.announced_at),
        "started" => at(ticket.started_at),
        "waited" => ticket.wait(story.now).0.to_string(),
        "held" => ticket.held_total.0.to_string(),
        "served" => {
            let started = ticket.started_at.unwrap();
            (story.now.since(started).0 - ticket.held_total.0).to_string()
        }
        "calls" => ticket.call().map_or(0, |call| call.calls).to_string(),
        "calls-total" => ticket.calls_total.to_string(),
        "requeues" => ticket.requeues.to_string(),
        "shown" => ticket.shown.to_string(),
        "heard" => ticket.heard.to_string(),
        "tags" => ticket.tags.join(","),
        "outcomes" => ticket.outcomes.join(","),
        "leg" => ticket.visit.leg.to_string(),
        "why" => ticket.call().map_or_else(String::new, |call| call.reason.text()),
        _ => panic!("not understood: {what}"),
    }
}

fn in_hand(story: &Story, agent: &str) -> String {
    let agent = names::agent(agent).unwrap();
    let ticket = story.queue.in_hand_of(agent);
    ticket.map_or("nobody", |ticket| story.names.name_of(ticket.id())).to_owned()
}

/// The people in the order in which agents who can do everything would call them now.
fn line(story: &Story) -> Vec<String> {
    let mut queue = story.queue.clone();
    let mut called = Vec::new();
    for number in 1_000.. {
        let id = Uuid::from_u128(number);
        let skills = SkillSet::from(vec!["cash".to_owned(), "credit".to_owned()]);
        let caller = domain::Caller { agent: AgentId(id), counter: CounterId(id), skills };
        let Ok(events) = decide(&queue, &Command::CallNext { caller }, story.now) else { break };
        for event in events {
            called.extend(event.ticket().filter(|_| matches!(event, Event::Called { .. })));
            apply(&mut queue, &Happened::new(story.now, event));
        }
    }
    called.into_iter().map(|ticket| story.names.name_of(ticket).to_owned()).collect()
}

fn clock(instant: domain::Timestamp) -> String {
    instant.to_jiff().strftime("%H:%M:%S").to_string()
}
