//! Forecasts by half-hours: examples worked out by hand, and what holds for every history.
//!
//! One half-hour, 10:00, stands for the day in most of them. Invariant: the future never changes a forecast.
#![allow(clippy::unwrap_used, reason = "a test without a figure has failed")]

use domain::{Accuracy, Arrivals, DayForecast, HALF_HOURS, Holidays};
use jiff::civil::Date;
use proptest::prelude::*;

const TEN: usize = 20;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn holidays(kind: &str, factor: f64, dates: &[&str]) -> Holidays {
    let listed: Vec<String> = dates.iter().map(|date| format!(r#"{{"date":"{date}"}}"#)).collect();
    let text = format!(
        r#"{{"holiday":[{{"kind":"{kind}","name":"{kind}","factor":{factor},"dates":[{}]}}]}}"#,
        listed.join(",")
    );
    serde_json::from_str(&text).unwrap()
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 1e-9
}

/// So many at ten o'clock.
fn at_ten(count: f64) -> [f64; HALF_HOURS] {
    let mut counts = [0.0; HALF_HOURS];
    counts[TEN] = count;
    counts
}

/// `counts` on the Mondays before 2 March 2026, the latest last.
fn mondays(counts: &[Option<f64>]) -> Arrivals {
    let weeks = (1..).zip(counts.iter().rev());
    weeks
        .filter_map(|(weeks, count)| {
            let date = day("2026-03-02").saturating_sub(jiff::Span::new().weeks(weeks));
            Some((date, at_ten((*count)?)))
        })
        .collect()
}

fn ten_of(date: &str, history: &Arrivals, holidays: &Holidays) -> f64 {
    DayForecast::of(day(date), history, holidays).half_hours[TEN].mean
}

#[test]
fn recent_weeks_weigh_more_and_missing_ones_nothing() {
    let none = Holidays::default();
    let history = mondays(&[Some(10.0), None, Some(20.0)]);
    let expected = (0.8 * 20.0 + 0.8_f64.powi(3) * 10.0) / (0.8 + 0.8_f64.powi(3));
    assert!((ten_of("2026-03-02", &history, &none) - expected).abs() < 1e-12);
    let tuesday = DayForecast::of(day("2026-03-03"), &history, &none);
    assert_eq!((tuesday.total(), tuesday.days_used), (0.0, 0), "nothing is known of Tuesdays");
}

#[test]
fn an_interval_is_at_least_as_wide_as_chance() {
    let history = mondays(&[Some(100.0); 8]);
    let ten = DayForecast::of(day("2026-03-02"), &history, &Holidays::default()).half_hours[TEN];
    assert!(close(ten.mean, 100.0));
    assert!(ten.low <= 87.0 && ten.high >= 113.0, "{ten:?}");
    assert!(ten.low >= 80.0 && ten.high <= 120.0, "{ten:?}");
    let unsteady: Vec<Option<f64>> =
        (0..8).map(|week| Some(100.0 + 60.0 * f64::from(week % 2))).collect();
    let wide = DayForecast::of(day("2026-03-02"), &mondays(&unsteady), &Holidays::default());
    let wide = wide.half_hours[TEN];
    assert!(wide.high - wide.low > 2.0 * (ten.high - ten.low), "{wide:?}");
}

#[test]
fn a_holiday_follows_earlier_ones_of_its_kind_and_else_the_calendar() {
    let mut history = mondays(&[Some(40.0); 8]);
    let unseen = holidays("tabaski", 0.25, &["2026-03-02"]);
    assert!(close(ten_of("2026-03-02", &history, &unseen), 10.0));
    // Seven weeks ago was one too, with three times as many people; it is no ordinary Monday.
    for weeks in 8..=15 {
        let date = day("2026-03-02").saturating_sub(jiff::Span::new().weeks(weeks));
        history.insert(date, at_ten(40.0));
    }
    let seen = holidays("tabaski", 0.25, &["2026-01-12", "2026-03-02"]);
    history.insert(day("2026-01-12"), at_ten(120.0));
    let forecast = DayForecast::of(day("2026-03-02"), &history, &seen);
    assert!(close(forecast.factor.unwrap(), 3.0) && close(forecast.total(), 120.0));
    assert!(
        close(ten_of("2026-02-23", &history, &seen), 40.0),
        "ordinary Mondays are as they were"
    );
    history.remove(&day("2026-01-12"));
    assert_eq!(ten_of("2026-03-02", &history, &seen), 0.0, "it was closed then");
}

#[test]
fn months_ahead_the_last_known_weeks_stand_in() {
    let (none, history) = (Holidays::default(), mondays(&[Some(10.0), Some(20.0)]));
    let next = DayForecast::of(day("2026-03-02"), &history, &none);
    assert_eq!(DayForecast::of(day("2026-06-08"), &history, &none), next);
    assert_eq!(next.days_used, 2);
}

#[test]
fn a_holiday_that_has_not_been_says_nothing_of_the_next() {
    let twice = holidays("korite", 0.5, &["2026-03-02", "2026-03-09"]);
    let history = mondays(&[Some(40.0); 8]);
    assert!(close(ten_of("2026-03-09", &history, &twice), 20.0));
}

#[test]
fn accuracy_compares_with_what_was_known_before() {
    let none = Holidays::default();
    let history = mondays(&[Some(10.0), Some(20.0)]);
    let days = || history.keys().copied();
    // The first Monday has nothing before it; the second was expected to bring 10 and brought 20.
    let found = Accuracy::of(days(), &history, &none).unwrap();
    assert_eq!((found.days, found.wape, found.bias), (1, 0.5, -0.5));
    assert_eq!(Accuracy::of(days().take(1), &history, &none), None);
}

proptest! {
    #[test]
    fn the_future_changes_nothing(
        counts in prop::collection::vec(prop::option::of(0.0..200.0_f64), 1..12),
        ahead in 0..60_i32,
        later in 0.0..500.0_f64,
    ) {
        let mut history = mondays(&counts);
        let date = day("2026-03-02");
        let before = DayForecast::of(date, &history, &Holidays::default());
        history.insert(date.saturating_add(jiff::Span::new().days(ahead)), at_ten(later));
        prop_assert_eq!(DayForecast::of(date, &history, &Holidays::default()), before);
    }

    #[test]
    fn what_is_expected_lies_between_what_was_seen_and_within_its_interval(
        counts in prop::collection::vec(prop::option::of(0..200_u32), 1..9),
    ) {
        let seen: Vec<Option<f64>> = counts.iter().map(|count| count.map(f64::from)).collect();
        let known = || counts.iter().flatten().copied();
        let ten = DayForecast::of(day("2026-03-02"), &mondays(&seen), &Holidays::default()).half_hours[TEN];
        let (least, most) = (known().min().unwrap_or(0), known().max().unwrap_or(0));
        prop_assert!(ten.mean >= f64::from(least) - 1e-9 && ten.mean <= f64::from(most) + 1e-9);
        prop_assert!(0.0 <= ten.low && ten.low <= ten.mean + 1e-9 && ten.mean <= ten.high + 1e-9);
    }
}
