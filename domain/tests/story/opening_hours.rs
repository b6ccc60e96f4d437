//! Opening hours: a queue takes people only while its site is open, in the site's own time.
//!
//! Special days go before the week; a weekday that is not listed is closed.
//! Invariant: hours stop joins and nothing else.

use domain::{Interval, OpeningHours, QueueConfig};
use jiff::civil::Time;

use crate::story::Story;

fn interval(open: i8, close: i8) -> Interval {
    Interval { open: Time::constant(open, 0, 0, 0), close: Time::constant(close, 0, 0, 0) }
}

fn in_zone(zone: &'static str, hours: OpeningHours) -> impl FnOnce(&mut QueueConfig) {
    move |config| (config.zone, config.hours) = (zone.parse().unwrap(), hours)
}

fn weekdays() -> OpeningHours {
    OpeningHours {
        weekly: vec![vec![interval(8, 12), interval(14, 17)]; 5],
        ..OpeningHours::default()
    }
}

#[test]
fn nobody_joins_outside_the_hours() {
    let instants = [
        ("2026-03-02T07:59:59Z", "refused outside_opening_hours"),
        ("2026-03-02T08:00:00Z", "issued ama"),
        ("2026-03-02T11:59:59Z", "issued ama"),
        ("2026-03-02T12:00:00Z", "refused outside_opening_hours"),
        ("2026-03-02T14:00:00Z", "issued ama"),
        ("2026-03-02T17:00:00Z", "refused outside_opening_hours"),
        ("2026-03-07T09:00:00Z", "refused outside_opening_hours"),
        ("2026-03-08T09:00:00Z", "refused outside_opening_hours"),
    ];
    for (instant, answer) in instants {
        let story =
            Story::with(in_zone("Africa/Dakar", weekdays())).given(&format!("clock {instant}"));
        story.when("ama joins").then(answer);
    }
}

#[test]
fn the_hours_are_those_of_the_site() {
    let paris = || Story::with(in_zone("Europe/Paris", weekdays()));
    paris().given("clock 2026-03-27T07:30:00Z").when("ama joins").then("issued ama");
    paris()
        .given("clock 2026-03-27T06:59:59Z")
        .when("ama joins")
        .then("refused outside_opening_hours");
    // Two days later the clocks have gone forward.
    paris().given("clock 2026-03-30T06:00:00Z").when("ama joins").then("issued ama");
    paris()
        .given("clock 2026-03-30T15:00:00Z")
        .when("ama joins")
        .then("refused outside_opening_hours");
}

#[test]
fn a_special_day_goes_before_the_week() {
    let mut hours = weekdays();
    hours.special.insert("2026-03-02".parse().unwrap(), Vec::new());
    hours.special.insert("2026-03-07".parse().unwrap(), vec![interval(9, 0)]);
    let story = Story::with(in_zone("Africa/Dakar", hours));
    let story = story.when("ama joins").then("refused outside_opening_hours");
    let story = story.given("clock 2026-03-07T23:59:59Z").when("ama joins").then("issued ama");
    story
        .given("clock 2026-03-08T00:00:00Z")
        .when("bob joins")
        .then("refused outside_opening_hours");
}

#[test]
fn after_hours_those_inside_are_still_called_and_a_paused_queue_says_paused() {
    let story = Story::with(in_zone("Africa/Dakar", weekdays()))
        .given("ama joins; bob joins remote; clock 20:00");
    let story = story.given("bob checks-in; awa calls; awa starts ama; awa finishes ama");
    story.given("queue pauses").when("eva joins").then("refused queue_paused");
}

#[test]
fn no_hours_at_all_means_always_open() {
    Story::new().given("clock 2026-03-08T03:00:00Z").when("ama joins").then("issued ama");
}

#[test]
fn the_end_of_the_hours_is_known_in_advance() {
    let (hours, zone) = (weekdays(), "Europe/Paris".parse().unwrap());
    let at = |text: &str| crate::words::clock_time(domain::Timestamp(0), text);
    assert_eq!(
        hours.closes_at(at("2026-03-30T12:30:00Z"), &zone),
        Some(at("2026-03-30T15:00:00Z"))
    );
    assert_eq!(hours.closes_at(at("2026-03-29T12:30:00Z"), &zone), None);
}
