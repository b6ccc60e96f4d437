//! Open, paused, closing, closed: who may join, and that those at the counters go on.
//!
//! Only an open queue begins to close by itself, and only a closing one opens by itself.
//! Invariant: no state of the queue stops a call, a start or a finish.

use crate::story::Story;

const STATES: [(&str, &str, &str); 4] = [
    ("open", "", "issued bob"),
    ("paused", "queue pauses", "refused queue_paused"),
    ("closing", "queue is-closing", "refused queue_closed"),
    ("closed", "queue closes", "refused queue_closed"),
];

fn in_state(steps: &str) -> Story {
    let story = Story::new().given("ama joins; eva joins remote");
    if steps.is_empty() { story } else { story.given(steps) }
}

#[test]
fn only_an_open_queue_takes_people() {
    for (state, steps, answer) in STATES {
        in_state(steps).and(&format!("queue is {state}")).when("bob joins").then(answer);
    }
}

#[test]
fn every_queue_goes_on_serving_those_it_has() {
    for (_, steps, _) in STATES {
        let story = in_state(steps)
            .given("eva checks-in; awa calls; awa starts ama; awa finishes ama; binta calls");
        story.and("ama is served; eva is called");
    }
}

#[test]
fn each_command_leads_from_each_state_as_the_table_says() {
    // From: open, paused, closing, closed.
    let table = [
        ("queue opens", ["nothing", "queue.opened", "queue.opened", "queue.opened"]),
        ("queue pauses", ["queue.paused", "nothing", "queue.paused", "queue.paused"]),
        ("queue closes", ["queue.closed", "queue.closed", "queue.closed", "nothing"]),
        ("queue is-closing", ["queue.closing", "nothing", "nothing", "nothing"]),
        ("queue is-not-closing", ["nothing", "nothing", "queue.opened", "nothing"]),
    ];
    for (step, answers) in table {
        for ((_, way, _), answer) in STATES.into_iter().zip(answers) {
            in_state(way).when(step).then(answer);
        }
    }
}

#[test]
fn closing_keeps_those_who_wait_if_asked() {
    in_state("queue closes").and("ama is waiting; eva is remote; queue is closed");
}

#[test]
fn closing_expires_those_who_wait_if_asked_and_nobody_at_a_counter() {
    let story = in_state("bob joins; yao joins; awa calls; binta calls; binta starts bob");
    let story = story.when("queue closes expiring").then("queue.closed; expired eva; expired yao");
    story.and("ama is called; bob is serving; queue holds 0; queue is closed");
}

#[test]
fn a_closed_queue_may_still_expire_those_it_kept() {
    in_state("queue closes").when("queue closes expiring").then("expired ama; expired eva");
}

#[test]
fn closing_expires_the_offered_and_the_parked() {
    let story =
        Story::new().given("ama joins; bob joins; awa calls; awa holds ama; binta is-offered o1");
    story.when("queue closes expiring").then("queue.closed; expired ama; expired bob");
}
