//! Calling: the next, a chosen one, never two at once, never without the skill.
//!
//! The order of each policy has tests of its own beside the line; here stands what a call does to a ticket.
//! Invariant: an agent holds at most one ticket called or serving.

use domain::{Policy, Refusal};

use crate::story::Story;

#[test]
fn the_next_is_called_to_the_counter_of_the_agent() {
    let story =
        Story::new().given("ama joins; bob joins; clock +65s").when("awa calls").then("called ama");
    let story =
        story.and("ama is called; awa has ama; line is bob; ama calls 1; ama calls-total 1");
    story.and("ama first-called 09:01:05; ama last-called 09:01:05; ama waited 65; ama why first in line, waited 65 s");
}

#[test]
fn with_nobody_waiting_the_answer_is_nobody_waiting() {
    Story::new().when("awa calls").then("refused nobody_waiting");
}

#[test]
fn ten_asks_by_one_agent_call_one_ticket() {
    let mut story = Story::new().given("ama joins; bob joins; eva joins");
    let ticket = story.names.ticket("ama");
    let mut granted = 0;
    for _ in 0..10 {
        story = story.when("awa calls");
        match story.events() {
            [] => assert_eq!(
                story.refusal(),
                &Refusal::AgentBusy { ticket, number: "A001".to_owned() }
            ),
            _ => granted += 1,
        }
    }
    assert_eq!(granted, 1);
    story.and("awa has ama; line is bob eva");
}

#[test]
fn an_agent_who_serves_cannot_call() {
    let story = Story::new().given("ama joins; bob joins; awa calls; awa starts ama");
    let story = story.when("awa calls bob").then("refused agent_busy");
    story.when("awa is-offered o1").then("refused agent_busy");
}

#[test]
fn a_parked_ticket_leaves_the_hands_free() {
    let story =
        Story::new().given("ama joins; bob joins; awa calls; awa starts ama; awa holds ama");
    let story = story.when("awa calls").then("called bob");
    story.when("awa resumes ama").then("refused agent_busy");
}

#[test]
fn two_agents_never_get_the_same_ticket() {
    let story = Story::new().given("ama joins; bob joins; awa calls; binta calls");
    story.and("awa has ama; binta has bob").when("cheikh calls").then("refused nobody_waiting");
}

#[test]
fn an_agent_is_called_only_tickets_it_can_serve() {
    let story = Story::new().given("ama joins needs=credit; bob joins needs=cash; eva joins");
    let story =
        story.when("binta calls").then("called bob").when("cheikh calls").then("called eva");
    story.when("awa calls").then("called ama");
}

#[test]
fn with_nobody_eligible_the_answer_is_nobody_waiting() {
    Story::new().given("ama joins needs=credit").when("binta calls").then("refused nobody_waiting");
}

#[test]
fn the_skills_of_the_queue_are_asked_of_every_ticket() {
    let with =
        || Story::with(|config| config.needs = crate::names::skills(&["cash"])).given("ama joins");
    with().when("cheikh calls").then("refused nobody_waiting");
    with().when("cheikh calls ama").then("refused skill_missing");
    with().when("binta calls").then("called ama");
}

#[test]
fn a_chosen_ticket_needs_the_skill_too() {
    Story::new()
        .given("ama joins needs=credit")
        .when("binta calls ama")
        .then("refused skill_missing");
}

#[test]
fn a_chosen_ticket_is_out_of_order_and_says_why() {
    let story = Story::new()
        .given("ama joins; bob joins")
        .when("awa calls bob why=elderly_person_standing");
    story.then("called bob").and("bob why out of order: elderly person standing; line is ama");
}

#[test]
fn a_chosen_ticket_without_a_reason_says_so() {
    let story = Story::new().given("ama joins; bob joins").when("awa calls bob");
    story.then("called bob").and("bob why out of order: no reason given");
}

#[test]
fn a_chosen_ticket_that_was_next_is_in_order() {
    let story = Story::new().given("ama joins; bob joins").when("awa calls ama why=known");
    story.then("called ama").and("ama why first in line, waited 0 s");
}

#[test]
fn a_parked_ticket_can_be_called_back_by_its_agent_only() {
    let story = Story::new().given("ama joins; awa calls; awa starts ama; awa holds ama");
    let story = story.when("binta calls ama").then("refused not_assigned");
    story
        .when("awa calls ama")
        .then("called ama")
        .and("ama why called back; ama is called; awa has ama");
}

#[test]
fn a_ticket_in_the_pool_can_be_called_by_anybody_who_can_serve_it() {
    let pool = || {
        Story::new().given("ama joins needs=cash; awa calls; awa starts ama; awa holds ama pool")
    };
    pool().when("binta calls ama").then("called ama").and("binta has ama; awa has nobody");
    pool().when("cheikh calls ama").then("refused skill_missing");
}

#[test]
fn higher_classes_go_first_under_priority() {
    let story = Story::with(|config| config.policy = Policy::Priority);
    let story = story
        .given("ama joins; bob joins class=senior; clock +10s; eva joins class=vip; yao joins");
    let story = story.and("line is eva bob ama yao; yao ahead 3; bob ahead 1");
    story.when("awa calls").then("called eva").and("eva why class vip goes first");
}

#[test]
fn a_second_call_of_the_same_visit_keeps_the_first() {
    let story = Story::new()
        .given("ama joins; clock 09:01; awa calls; awa requeues ama; clock 09:05; awa calls");
    let story = story
        .and("ama first-called 09:01:00; ama last-called 09:05:00; ama waited 60; ama calls 1");
    story.and("ama calls-total 2; awa has ama");
}

#[test]
fn an_announcement_counts_while_the_person_is_called() {
    let story = Story::new().given("ama joins; awa calls; clock +2s");
    let story = story
        .when("screen shows ama")
        .then("announced ama")
        .given("screen speaks ama; clock +5s; screen speaks ama");
    let story = story.and("ama shown 1; ama heard 2; ama announced 09:00:02");
    let story = story.given("awa starts ama; awa finishes ama");
    story.when("screen shows ama").then("nothing").and("ama shown 1");
}
