//! What ends by itself: the longest wait, and the close of day at the site's midnight.
//!
//! `due` says when the next of these is; a tick does what is due by then and nothing else.
//! Invariant: nobody at a counter is expired, nor anybody who was there at midnight.

use domain::{Policy, Secs, SlaSettings};

use crate::story::Story;

fn daily(zone: &str) -> Story {
    Story::with(|config| {
        (config.expire_at_close_of_day, config.zone) = (true, zone.parse().unwrap())
    })
}

#[test]
fn those_still_waiting_at_midnight_are_expired() {
    let story = daily("UTC")
        .given("ama joins; bob joins remote; eva joins; yao joins; awa calls ama; awa holds ama");
    let story = story
        .given("awa calls eva; clock 2026-03-02T23:59:59Z")
        .when("queue ticks")
        .then("nothing");
    let story =
        story.given("clock +1s").when("queue ticks").then("expired ama; expired bob; expired yao");
    story.and("eva is called; queue holds 0").when("queue ticks").then("nothing");
}

#[test]
fn midnight_is_that_of_the_site() {
    let story = daily("Europe/Paris").given("ama joins").and("due 23:00:00");
    let story = story.given("clock 2026-03-02T22:59:59Z").when("queue ticks").then("nothing");
    story.given("clock 2026-03-02T23:00:00Z").when("queue ticks").then("expired ama");
}

#[test]
fn midnight_is_right_on_the_days_when_the_clocks_change() {
    let paris =
        daily("Europe/Paris").given("clock 2026-03-29T10:00:00Z; ama joins").and("due 22:00:00");
    paris.given("clock 2026-03-29T22:00:00Z").when("queue ticks").then("expired ama");
    let paris =
        daily("Europe/Paris").given("clock 2026-10-25T10:00:00Z; ama joins").and("due 23:00:00");
    paris.given("clock 2026-10-25T23:00:00Z").when("queue ticks").then("expired ama");
    // In Cairo the clocks go forward at midnight: the day of 24 April 2026 begins at one o'clock.
    let cairo =
        daily("Africa/Cairo").given("clock 2026-04-23T10:00:00Z; ama joins").and("due 22:00:00");
    cairo.given("clock 2026-04-23T22:00:00Z").when("queue ticks").then("expired ama");
}

#[test]
fn a_late_tick_expires_as_well_and_a_clock_set_back_expires_nobody() {
    daily("UTC").given("ama joins; clock +345600s").when("queue ticks").then("expired ama");
    daily("UTC").given("ama joins; clock -345600s").when("queue ticks").then("nothing");
}

#[test]
fn a_queue_that_never_sleeps_expires_nobody_at_midnight() {
    Story::new()
        .given("ama joins")
        .and("due never")
        .given("clock +864000s")
        .when("queue ticks")
        .then("nothing");
}

#[test]
fn an_empty_queue_is_never_due() {
    daily("UTC").and("due never").given("ama joins; awa calls").and("due never");
}

#[test]
fn who_was_at_a_counter_at_midnight_is_not_expired_afterwards() {
    let late =
        || daily("UTC").given("clock 23:59; ama joins; awa calls; clock 2026-03-03T00:01:00Z");
    late().given("awa requeues ama").when("queue ticks").then("nothing").and("due 00:00:00");
    late().given("awa starts ama; awa holds ama").when("queue ticks").then("nothing");
    let story =
        daily("UTC").given("clock 2026-03-03T00:01:00Z; eva arrives at=2026-03-02T23:00:00Z");
    story.when("queue ticks").then("nothing");
    let story = daily("UTC").given(
        "clock 23:59; ama joins; ama cancels; clock 2026-03-03T00:01:00Z; boss reinstates ama",
    );
    story.when("queue ticks").then("nothing");
}

#[test]
fn who_waits_longer_than_the_longest_wait_is_expired() {
    let story = Story::with(|config| config.longest_wait = Some(Secs(600)))
        .given("ama joins; bob joins remote");
    let story = story
        .and("due 09:10:00")
        .given("clock 09:05; eva joins; clock 09:09")
        .when("queue ticks")
        .then("nothing");
    let story = story.given("clock 09:10").when("queue ticks").then("expired ama");
    story.and("bob is remote; eva is waiting; due 09:15:00");
}

#[test]
fn a_tick_when_due_always_does_something() {
    let story = Story::with(|config| config.longest_wait = Some(Secs(600)));
    let mut story = story.given("clock 2026-03-02T09:00:00.900000Z; ama joins; clock 2026-03-02T09:03:00.100000Z; bob joins");
    for person in ["ama", "bob"] {
        story.now = story.queue.next_due(story.now).unwrap();
        story = story.when("queue ticks").then(&format!("expired {person}"));
    }
}

#[test]
fn who_is_called_in_time_is_not_expired() {
    let story = Story::with(|config| config.longest_wait = Some(Secs(600)))
        .given("ama joins; clock 09:09; awa calls");
    story.given("clock 09:30").when("queue ticks").then("nothing").and("due never");
}

#[test]
fn an_appointment_does_not_wait_before_its_slot() {
    let story = Story::with(|config| {
        (config.policy, config.longest_wait) =
            (Policy::Sla(SlaSettings::default()), Some(Secs(600)));
    });
    let story =
        story.given("ama joins slot=10:00; clock 09:30").when("queue ticks").then("nothing");
    let story = story.given("clock 10:05").and("due 10:10:00").when("queue ticks").then("nothing");
    story.given("clock 10:10").when("queue ticks").then("expired ama");
}

#[test]
fn where_slots_are_not_honoured_the_wait_is_from_the_arrival() {
    let story =
        Story::with(|config| config.longest_wait = Some(Secs(600))).given("ama joins slot=10:00");
    story.and("due 09:10:00").given("clock 09:10").when("queue ticks").then("expired ama");
}
