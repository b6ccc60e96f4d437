//! Numbers: one after the other, anew each business day, never twice in one.
//!
//! The business day is the civil day of the site; the number is drawn in the same step as the ticket.
//! Invariant: unique in (queue, business day), also when the clock steps back or the program restarts.

use domain::{LastNumber, LocalDay, Numbering, TicketNumber};

use crate::story::Story;

fn in_zone(zone: &str) -> Story {
    Story::with(|config| config.zone = zone.parse().unwrap())
}

#[test]
fn numbers_begin_anew_at_the_local_midnight() {
    let story = in_zone("Europe/Paris")
        .given("clock 2026-03-02T22:59:59Z; ama joins; bob joins; clock +1s; eva joins");
    story.and("ama number A001; bob number A002; eva number A001");
}

#[test]
fn a_utc_midnight_in_the_middle_of_the_local_day_changes_nothing() {
    let story = in_zone("America/Bogota")
        .given("clock 2026-03-02T23:59:59Z; ama joins; clock +1s; bob joins");
    story
        .and("bob number A002")
        .given("clock 2026-03-03T05:00:00Z; eva joins")
        .and("eva number A001");
}

#[test]
fn the_hour_that_comes_twice_does_not_repeat_numbers() {
    let story = in_zone("Europe/Paris")
        .given("clock 2026-10-25T00:30:00Z; ama joins; clock 2026-10-25T01:30:00Z; bob joins");
    let story = story
        .and("ama number A001; bob number A002")
        .given("clock 2026-10-25T22:59:59Z; eva joins");
    story
        .and("eva number A003")
        .given("clock 2026-10-25T23:00:00Z; yao joins")
        .and("yao number A001");
}

#[test]
fn the_hour_that_is_missing_does_not_skip_a_day() {
    let story = in_zone("Europe/Paris")
        .given("clock 2026-03-28T22:59:59Z; ama joins; clock 2026-03-28T23:00:00Z; bob joins");
    story
        .and("bob number A001")
        .given("clock 2026-03-29T21:59:59Z; eva joins")
        .and("eva number A002");
}

#[test]
fn a_day_without_a_midnight_begins_where_it_begins() {
    let story = in_zone("Africa/Cairo")
        .given("clock 2026-04-23T21:59:59Z; ama joins; clock 2026-04-23T22:00:00Z; bob joins");
    story.and("ama number A001; bob number A001");
}

#[test]
fn a_clock_that_steps_back_over_midnight_repeats_nothing() {
    let story = in_zone("UTC")
        .given("clock 2026-03-02T23:59:59Z; ama joins; clock +1s; bob joins; eva joins");
    let story = story.given("clock -1s; yao joins").and("eva number A002; yao number A003");
    story.given("clock +1s; efe joins").and("efe number A004");
}

#[test]
fn a_restart_of_the_program_repeats_nothing() {
    Story::new()
        .given("ama joins; ama cancels")
        .restarted()
        .given("bob joins")
        .and("bob number A002");
}

#[test]
fn numbers_may_count_on_for_ever() {
    let story = Story::with(|config| config.numbering.restart_daily = false);
    story.given("ama joins; clock +864000s; bob joins").and("bob number A002");
}

#[test]
fn prefix_and_start_are_settings() {
    let story = Story::with(|config| {
        config.numbering = Numbering { prefix: "VIP".into(), start: 500, restart_daily: true }
    });
    let story = story.given("ama joins; bob joins; clock +86400s; eva joins");
    story.and("ama number VIP500; bob number VIP501; eva number VIP500");
}

#[test]
fn a_change_of_the_start_waits_for_the_next_day() {
    let story = Story::new()
        .given("ama joins; bob joins")
        .configured(|config| config.numbering.start = 1_000);
    story.given("eva joins; clock +86400s; yao joins").and("eva number A003; yao number A1000");
}

#[test]
fn a_number_keeps_three_digits_and_grows_beyond() {
    let number = |value| TicketNumber { prefix: "A".into(), value }.to_string();
    assert_eq!(
        [number(1), number(42), number(999), number(1_000)],
        ["A001", "A042", "A999", "A1000"]
    );
}

#[test]
fn the_last_number_there_is_does_not_wrap_around() {
    let day = LocalDay("2026-03-02".parse().unwrap());
    let next = Numbering::default().next(Some(LastNumber { day, value: u32::MAX }), day);
    assert_eq!(next.value, u32::MAX);
}

#[test]
fn a_day_is_counted_once_even_if_the_clock_jumped_ahead_and_returned() {
    let story =
        in_zone("UTC").given("ama joins; clock +86400s; bob joins; clock -86400s; eva joins");
    let story = story
        .and("bob number A001; eva number A002")
        .given("clock +86400s; yao joins")
        .and("yao number A003");
    story.given("clock +86400s; efe joins").and("efe number A001");
}
