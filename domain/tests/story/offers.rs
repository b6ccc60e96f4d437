//! Offers: a reservation for one agent, unannounced, that becomes a call when it is taken.
//!
//! An offer is not journaled: after a restart the person simply waits where they stood.
//! Invariant: an offer never costs anybody their place, nor the policy a turn that was taken meanwhile.

use domain::{Class, Event, Policy, Secs};

use crate::story::Story;

#[test]
fn the_best_is_offered_and_nothing_is_announced() {
    let story =
        Story::new().given("ama joins; bob joins").when("awa is-offered o1").then("offered ama");
    assert!(story.events().iter().all(|event| !event.is_journaled()));
    story.and("ama is offered; awa has nobody; line is bob; queue holds 2; ama first-called never");
}

#[test]
fn an_offer_taken_is_a_call_with_the_reason_of_the_offer() {
    let story = Story::new().given("ama joins; clock 09:03; awa is-offered o1; clock 09:04");
    let story = story.when("awa accepts ama o1").then("called ama");
    story.and("ama is called; awa has ama; ama waited 240; ama why first in line, waited 3 min");
}

#[test]
fn an_offer_withdrawn_leaves_the_person_in_place() {
    let story = Story::new()
        .given("ama joins; bob joins; awa is-offered o1")
        .when("screen withdraws ama o1");
    let story = story.then("offer_withdrawn ama").and("ama is waiting; line is ama bob");
    story.when("binta is-offered o2").then("offered ama");
}

#[test]
fn somebody_offered_behind_others_returns_behind_them() {
    let story =
        Story::new().given("ama joins; bob joins needs=credit; awa calls; awa requeues ama");
    let story =
        story.given("cheikh is-offered o1").and("ama is offered").given("screen withdraws ama o1");
    story.and("line is bob ama");
}

#[test]
fn only_the_agent_asked_takes_only_the_offer_made() {
    let story = Story::new().given("ama joins; awa is-offered o1");
    let story = story.when("binta accepts ama o1").then("refused invalid_transition");
    let story = story.when("awa accepts ama o2").then("refused invalid_transition");
    let story = story.when("screen withdraws ama o2").then("refused invalid_transition");
    story.when("awa accepts ama o1").then("called ama");
}

#[test]
fn an_offer_withdrawn_cannot_be_taken() {
    let story = Story::new().given("ama joins; awa is-offered o1; screen withdraws ama o1");
    story.when("awa accepts ama o1").then("refused invalid_transition");
}

#[test]
fn two_agents_are_offered_two_people() {
    let story = Story::new().given("ama joins; bob joins; awa is-offered o1; binta is-offered o2");
    let story = story
        .and("ama is offered; bob is offered")
        .when("cheikh is-offered o3")
        .then("refused nobody_waiting");
    story.given("binta accepts bob o2; awa accepts ama o1").and("awa has ama; binta has bob");
}

#[test]
fn an_offer_asks_for_skills_and_free_hands() {
    let story = Story::new().given("ama joins needs=credit; bob joins; eva joins");
    let story = story
        .when("cheikh is-offered o1")
        .then("offered bob")
        .given("awa is-offered o2; awa calls");
    story.and("awa has eva").when("awa accepts ama o2").then("refused agent_busy");
}

#[test]
fn a_restart_forgets_offers_and_nothing_else() {
    let story = Story::new().given("ama joins; bob joins; awa is-offered o1").restarted();
    story
        .and("ama is waiting; line is ama bob")
        .when("awa accepts ama o1")
        .then("refused invalid_transition");
}

#[test]
fn an_offer_leaves_no_trace_in_what_is_remembered() {
    let story =
        Story::new().given("ama joins; ama cancels; bob joins; clock +7200s; awa is-offered o1");
    story.when("boss tags ama with=x").then("tagged ama");
}

fn ratio() -> Story {
    Story::with(|config| {
        config.policy = Policy::Ratio;
        let senior = Class { weight: 2, ..Class::new("senior", 1, Secs::minutes(10)) };
        config.classes = vec![Class::new("normal", 0, Secs::minutes(20)), senior];
    })
    .given(
        "n1 joins; n2 joins; s1 joins class=senior; s2 joins class=senior; s3 joins class=senior",
    )
}

fn turn_of(story: &Story) -> Option<u64> {
    story.events().iter().find_map(|event| {
        let Event::Called { turn, .. } = event else { return None };
        *turn
    })
}

#[test]
fn a_call_in_order_takes_a_turn_and_one_out_of_order_does_not() {
    let story = ratio().when("awa calls").then("called s1");
    assert_eq!(turn_of(&story), Some(1));
    let story = story.when("binta calls n2").then("called n2");
    assert_eq!(turn_of(&story), None);
    story.and("line is s2 n1 s3");
}

#[test]
fn an_offer_takes_its_turn_when_it_is_taken() {
    let story = ratio().given("awa is-offered o1").and("s1 is offered");
    let story = story.when("awa accepts s1 o1").then("called s1");
    assert_eq!(turn_of(&story), Some(1));
    story.and("line is s2 n1 s3 n2");
}

#[test]
fn an_offer_withdrawn_takes_no_turn() {
    ratio().given("awa is-offered o1; screen withdraws s1 o1").and("line is s1 s2 n1 s3 n2");
}

#[test]
fn turns_taken_while_an_offer_stood_stay_taken() {
    let story = ratio()
        .given("awa is-offered o1; binta calls; cheikh calls")
        .and("binta has s2; cheikh has s3");
    let story = story.when("awa accepts s1 o1").then("called s1");
    assert_eq!(turn_of(&story), Some(2));
}
