//! At the counter: start, park, go on, finish; and what counts as service.
//!
//! Service is from start to end without the time away: parked, or walking back.
//! Invariant: only the agent who has the ticket in hand does these, or a supervisor.

use crate::story::Story;

fn serving() -> Story {
    Story::new().given("ama joins needs=cash; clock 09:05; awa calls; clock 09:06; awa starts ama")
}

#[test]
fn a_service_starts_and_ends() {
    let story =
        serving().and("ama is serving; ama started 09:06:00; awa has ama").given("clock 09:10");
    let story = story.when("awa finishes ama with=paid,receipt").then("served ama");
    story.and(
        "ama is served; ama outcomes paid,receipt; awa has nobody; ama served 240; ama held 0",
    );
}

#[test]
fn only_the_agent_at_the_counter_or_a_supervisor_ends_a_service() {
    for verb in ["finishes", "holds", "transfers"] {
        serving().when(&format!("binta {verb} ama")).then("refused not_assigned");
        serving().given(&format!("boss {verb} ama"));
    }
}

#[test]
fn a_parked_service_goes_on_where_it_was() {
    let story = serving().given("clock 09:08").when("awa holds ama why=copies").then("held ama");
    let story = story
        .and("ama is held; awa has nobody")
        .given("clock 09:18")
        .when("awa resumes ama")
        .then("resumed ama");
    let story = story.and("ama is serving; ama started 09:06:00; ama held 600; awa has ama");
    story.given("clock 09:20").and("ama served 240").given("awa finishes ama");
}

#[test]
fn a_parked_call_goes_on_as_a_call() {
    let story = Story::new().given("ama joins; awa calls; clock +60s; awa holds ama; clock +60s");
    let story = story.when("awa resumes ama").then("resumed ama").and("ama is called; ama calls 1");
    story.when("awa recalls ama").then("refused too_soon");
}

#[test]
fn time_parked_before_the_service_is_not_taken_from_it() {
    let story =
        Story::new().given("ama joins; awa calls; awa holds ama; clock 09:10; awa resumes ama");
    story.given("clock 09:11; awa starts ama; clock 09:14").and("ama held 0; ama served 180");
    let story =
        Story::new().given("ama joins; awa calls; awa holds ama; clock 09:10; awa calls ama");
    story.given("clock 09:11; awa starts ama; clock 09:14").and("ama held 0; ama served 180");
}

#[test]
fn the_walk_back_after_being_parked_is_not_service() {
    let story = serving().given(
        "clock 09:08; awa holds ama; clock 09:18; awa calls ama; clock 09:19; awa recalls ama",
    );
    let story = story.given("clock 09:20; awa starts ama; clock 09:23");
    story.and("ama started 09:06:00; ama held 720; ama served 300");
}

#[test]
fn a_walk_back_that_is_parked_again_is_not_service_either() {
    let story = serving().given(
        "clock 09:08; awa holds ama; clock 09:10; awa calls ama; clock 09:12; awa holds ama",
    );
    story
        .given("clock 09:15; awa resumes ama; clock 09:16; awa starts ama; clock 09:17")
        .and("ama served 180");
}

#[test]
fn a_parked_ticket_is_resumed_by_its_keeper_only() {
    let story =
        serving().given("awa holds ama").when("binta resumes ama").then("refused not_assigned");
    story.when("awa resumes ama").then("resumed ama");
}

#[test]
fn a_supervisor_parks_for_the_agent() {
    serving()
        .given("boss holds ama")
        .when("awa resumes ama")
        .then("resumed ama")
        .and("awa has ama");
}

#[test]
fn a_ticket_in_the_pool_is_resumed_by_anybody_who_can_serve_it() {
    let pool = || serving().given("awa holds ama pool");
    pool()
        .when("binta resumes ama")
        .then("resumed ama")
        .and("binta has ama; awa has nobody; ama is serving");
    pool().when("cheikh resumes ama").then("refused skill_missing");
    pool().when("awa resumes ama").then("resumed ama");
}

#[test]
fn nobody_resumes_with_a_ticket_in_hand() {
    let story = serving().given("bob joins; awa holds ama pool; binta calls bob");
    story.when("binta resumes ama").then("refused agent_busy");
}

#[test]
fn a_parked_ticket_may_go_back_to_the_line() {
    let story = serving()
        .given("bob joins; awa holds ama")
        .when("binta requeues ama")
        .then("refused not_assigned");
    let story = story.when("awa requeues ama").then("requeued ama");
    story.and(
        "ama is waiting; ama arrived 09:00:00; ama requeues 0; line is bob ama; ama started never",
    );
}

#[test]
fn a_parked_ticket_in_the_pool_is_put_back_by_anybody() {
    serving().given("awa holds ama pool").when("binta requeues ama").then("requeued ama");
    serving().given("awa holds ama").when("boss requeues ama").then("requeued ama");
}

#[test]
fn a_service_that_was_put_back_begins_again() {
    let story = serving()
        .given("clock 09:10; awa holds ama; awa requeues ama; clock 09:30; awa calls; clock 09:31");
    story
        .given("awa starts ama; clock 09:33")
        .and("ama started 09:31:00; ama held 0; ama served 120");
}

#[test]
fn a_clock_that_steps_back_gives_no_negative_durations() {
    let story = serving()
        .given("clock 09:10; awa holds ama; clock 08:00; awa resumes ama")
        .and("ama held 0");
    let story = story
        .given("clock 07:00; awa holds ama; clock 07:30; awa resumes ama")
        .and("ama held 1800");
    story.given("clock 06:00; awa finishes ama").and("ama is served; ama waited 300");
}
