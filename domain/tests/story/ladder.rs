//! The recall ladder: two calls at least, half a minute apart, then behind three people, then gone.
//!
//! A missed call does not cost the whole place, and the arrival time is kept throughout.
//! Invariant: nobody becomes a no-show with fewer calls than the ladder's minimum.

use domain::{Refusal, Timestamp};

use crate::story::Story;

fn missed_once() -> Story {
    Story::new()
        .given("ama joins; bob joins; eva joins; yao joins; efe joins; awa calls; clock +30s; awa recalls ama")
        .given("awa no-shows ama")
}

#[test]
fn a_recall_counts_and_keeps_the_agent() {
    let story = Story::new().given("ama joins; awa calls; screen shows ama; clock +30s");
    let story = story
        .when("awa recalls ama")
        .then("recalled ama")
        .and("ama is called; ama calls 2; awa has ama");
    story
        .and("ama first-called 09:00:00; ama last-called 09:00:30; ama calls-total 2; ama shown 0");
}

#[test]
fn a_recall_too_soon_says_when_to_try_again() {
    let story = Story::new().given("ama joins; awa calls; clock +29s").when("awa recalls ama");
    let retry_at = Timestamp(story.now.0 + 1_000_000);
    assert_eq!(story.refusal(), &Refusal::TooSoon { retry_at });
    let story = story.given("clock +1s; awa recalls ama");
    story.when("awa recalls ama").then("refused too_soon");
}

#[test]
fn a_clock_that_steps_back_makes_a_recall_wait_and_breaks_nothing() {
    let story = Story::new().given("ama joins; awa calls; clock -7200s");
    let story = story.when("awa recalls ama").then("refused too_soon").and("ama waited 0");
    story.given("awa starts ama; awa finishes ama").and("ama is served");
}

#[test]
fn there_is_a_most_number_of_calls() {
    let story = Story::new()
        .given("ama joins; awa calls; clock +30s; awa recalls ama; clock +30s; awa recalls ama");
    let story = story
        .given("clock +30s")
        .when("awa recalls ama")
        .then("refused quota_exceeded")
        .and("ama calls 3");
    assert_eq!(story.refusal(), &Refusal::QuotaExceeded { what: "calls", limit: 3 });
}

#[test]
fn a_no_show_needs_enough_calls() {
    let story = Story::new().given("ama joins; awa calls; clock +300s").when("awa no-shows ama");
    assert_eq!(story.refusal(), &Refusal::TooFewCalls { calls: 1, min_calls: 2 });
}

#[test]
fn a_missed_call_puts_the_person_behind_three_and_keeps_the_arrival() {
    let story = missed_once().then("requeued ama");
    story.and("ama is waiting; ama requeues 1; ama arrived 09:00:00; line is bob eva yao ama efe; ama ahead 3; awa has nobody");
}

#[test]
fn a_missed_call_with_fewer_people_waiting_costs_only_these() {
    let story = Story::new()
        .given("ama joins; bob joins; awa calls; clock +30s; awa recalls ama; awa no-shows ama");
    story.and("line is bob ama; ama ahead 1");
}

#[test]
fn who_is_held_behind_is_called_when_nobody_else_can_be() {
    let story =
        Story::new().given("ama joins; bob joins needs=credit; awa calls; awa requeues ama");
    story.when("cheikh calls").then("called ama");
}

#[test]
fn the_second_missed_call_is_a_no_show() {
    let story = missed_once().given("awa calls ama; clock +30s; awa recalls ama");
    story.when("awa no-shows ama").then("no_show ama").and("ama is no_show; awa has nobody");
}

#[test]
fn calls_count_anew_in_each_invitation() {
    missed_once()
        .given("awa calls ama")
        .and("ama calls 1")
        .when("awa no-shows ama")
        .then("refused too_few_calls");
}

#[test]
fn an_agent_may_put_somebody_back_without_a_missed_call() {
    let story = Story::new()
        .given("ama joins; bob joins; awa calls")
        .when("awa requeues ama")
        .then("requeued ama");
    story.and("ama requeues 0; line is bob ama");
}

#[test]
fn who_wishes_to_come_later_lets_that_many_others_go_first() {
    let story = Story::new().given("ama joins; bob joins; eva joins; yao joins; efe joins");
    let story = story.when("bob delays 2").then("requeued bob");
    let story = story.and("bob is waiting; bob requeues 0; bob arrived 09:00:00; bob ahead 3");
    story.and("line is ama eva yao bob efe");
}

#[test]
fn a_second_wish_counts_from_the_place_that_the_first_one_gave() {
    let story = Story::new().given("ama joins; bob joins; eva joins; yao joins; ama delays 1");
    let story = story.and("line is bob ama eva yao").given("ama delays 1");
    story.and("line is bob eva ama yao");
}

#[test]
fn a_smaller_wish_brings_nobody_forward() {
    let story = Story::new().given("ama joins; bob joins; ama delays 9; ama delays 1; eva joins");
    story.given("yao joins; efe joins").and("line is bob eva yao efe ama");
}

#[test]
fn only_who_waits_can_wish_to_come_later() {
    let story = Story::new().given("ama joins; bob joins; awa calls");
    let story = story.when("ama delays 1").then("refused invalid_transition");
    story.given("bob cancels").when("bob delays 1").then("refused ticket_ended");
}

#[test]
fn only_the_agent_who_called_or_a_supervisor_climbs_the_ladder() {
    for verb in ["recalls", "no-shows", "requeues", "starts", "holds"] {
        let called =
            || Story::new().given("ama joins; awa calls; clock +30s; awa recalls ama; clock +30s");
        called().when(&format!("binta {verb} ama")).then("refused not_assigned");
        called().given(&format!("boss {verb} ama"));
    }
}

#[test]
fn a_ladder_that_climbs_by_itself_does_so_at_each_gap() {
    let story = Story::with(|config| config.ladder.automatic = true)
        .given("ama joins; bob joins; awa calls");
    let story = story.and("due 09:00:30").given("clock +29s").when("queue ticks").then("nothing");
    let story =
        story.given("clock +1s").when("queue ticks").then("recalled ama").and("due 09:01:00");
    let story = story
        .when("queue ticks")
        .then("nothing")
        .given("clock +30s")
        .when("queue ticks")
        .then("recalled ama");
    let story = story
        .given("clock +30s")
        .when("queue ticks")
        .then("requeued ama")
        .and("line is bob ama; due never");
    let story =
        story.given("awa calls ama; clock +30s; queue ticks; clock +30s; queue ticks; clock +30s");
    story.when("queue ticks").then("no_show ama").and("ama calls-total 6");
}

#[test]
fn several_ladders_climb_in_one_tick() {
    let story = Story::with(|config| config.ladder.automatic = true);
    let story =
        story.given("ama joins; bob joins; awa calls; binta calls; binta starts bob; clock +40s");
    let story = story.when("queue ticks").then("recalled ama").and("bob is serving");
    story
        .given("binta finishes bob; eva joins; binta calls; clock +30s")
        .when("queue ticks")
        .then("recalled ama; recalled eva");
}

#[test]
fn a_ladder_that_does_not_climb_by_itself_is_never_due() {
    Story::new()
        .given("ama joins; awa calls; clock +3600s")
        .and("due never")
        .when("queue ticks")
        .then("nothing");
}
