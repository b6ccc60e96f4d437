//! The golden sample path: one simulated world whose every figure is known digit for digit.
//!
//! The streams, the order of events and the figures are those of the reference simulator in the design notes;
//! here the product's own simulator runs, in which the real `Line` decides whom to call. Figures in minutes.
//! Invariant: all figures match as printed; a line that decides once otherwise fails.
#![allow(clippy::unwrap_used, reason = "a test without a figure has failed")]

use domain::{
    Class, CounterPlan, Flow, Policy, Scenario, Secs, Simulated, SlaSettings, WaitFigures, simulate,
};

const SEED: u64 = 1;
const TICKETS: usize = 20_000;
const COUNTERS: CounterPlan = CounterPlan::always(5);
const NORMAL: usize = 0;
const HIGH: usize = 1;
/// Classes in the order in which they are drawn.
const MIX: [(usize, f64); 2] = [(HIGH, 0.3), (NORMAL, 0.7)];
/// Arrivals per minute of a peak day, by two hours.
const PEAK_RATES: [f64; 4] = [0.8, 1.3, 0.7, 1.0];

fn flow(arrivals_per_minute: f64, leaving_per_minute: f64) -> Flow {
    Flow {
        arrival_rate: arrivals_per_minute / 60.0,
        service_rate: 0.2 / 60.0,
        leave_rate: leaving_per_minute / 60.0,
    }
}

fn steady(arrivals_per_minute: f64, leaving_per_minute: f64) -> Scenario {
    Scenario::steady(SEED, TICKETS, &flow(arrivals_per_minute, leaving_per_minute), &MIX)
}

fn peak_day() -> Scenario {
    let spans = PEAK_RATES.map(|rate| (120.0 * 60.0, rate / 60.0));
    Scenario::changing(SEED, &spans, &flow(0.0, 0.0), &MIX)
}

fn minutes(seconds: f64) -> f64 {
    seconds / 60.0
}

fn waits(outcome: &Simulated, class: usize) -> WaitFigures {
    outcome.of(class).wait.unwrap()
}

fn percent_within(outcome: &Simulated, class: usize) -> f64 {
    100.0 * outcome.of(class).within_target.unwrap()
}

/// High class first in rank, normal first in the list: the default class is the normal one.
fn classes() -> Vec<Class> {
    vec![Class::new("normal", 0, Secs::minutes(30)), Class::new("high", 1, Secs::minutes(10))]
}

fn weighted(high: u32, normal: u32) -> Vec<Class> {
    let weigh = |class: Class, weight| Class { weight, ..class };
    classes().into_iter().zip([normal, high]).map(|(class, weight)| weigh(class, weight)).collect()
}

fn sloped(high: f64, normal: f64) -> Vec<Class> {
    let slope = |class: Class, slope| Class { slope: Some(slope), ..class };
    classes().into_iter().zip([normal, high]).map(|(class, growth)| slope(class, growth)).collect()
}

fn sla() -> Policy {
    Policy::Sla(SlaSettings { hard_bound: Some(Secs::minutes(90)), ..SlaSettings::default() })
}

/// Means to six decimals, maxima and shares within target (per cent) to four.
fn steady_row(outcome: &Simulated) -> String {
    let (high, normal) = (waits(outcome, HIGH), waits(outcome, NORMAL));
    format!(
        "{:.6} {:.6} {:.4} {:.4} {:.4} {:.4}",
        minutes(high.mean),
        minutes(normal.mean),
        minutes(high.max),
        minutes(normal.max),
        percent_within(outcome, HIGH),
        percent_within(outcome, NORMAL)
    )
}

fn check(policy: &Policy, classes: &[Class], calm: &str, overloaded: &str) {
    let outcome = simulate(&steady(0.9, 0.0), &COUNTERS, policy, classes);
    assert_eq!(steady_row(&outcome), calm, "load 0.9 under {policy:?}");
    let outcome = simulate(&steady(1.1, 1.0 / 60.0), &COUNTERS, policy, classes);
    let (high, normal) = (waits(&outcome, HIGH), waits(&outcome, NORMAL));
    let means = (minutes(high.mean), minutes(normal.mean));
    let row = format!("{} {:.6} {:.6}", outcome.all().served, means.0, means.1);
    assert_eq!(row, overloaded, "load 1.1 under {policy:?}");
    let all = outcome.all();
    assert_eq!(all.served + all.abandoned, TICKETS, "everybody was called or left");
}

#[test]
fn the_scenario_is_the_published_one() {
    let people = steady(0.9, 0.0).visits;
    let last = people.last().map(|visit| minutes(visit.arrives));
    assert!((last.unwrap() - 22_076.634_383_414_9).abs() < 1e-7);
    assert_eq!(people.iter().filter(|visit| visit.class == HIGH).count(), 6_047);
    let services: f64 = people.iter().map(|visit| minutes(visit.service)).sum();
    assert!((services - 99_446.983_966_940_96).abs() < 1e-6);
}

#[test]
fn fifo_walks_the_golden_path() {
    check(
        &Policy::Fifo,
        &classes(),
        "8.626973 8.627148 63.8637 65.8456 70.7624 93.9225",
        "17512 7.382179 7.557958",
    );
}

#[test]
fn priority_walks_the_golden_path() {
    check(
        &Policy::Priority,
        &classes(),
        "1.054360 11.903019 11.8068 99.5073 99.8842 89.2425",
        "17503 1.263635 10.690453",
    );
}

#[test]
fn deadline_walks_the_golden_path() {
    check(
        &Policy::Deadline,
        &classes(),
        "3.345899 10.867003 46.7533 71.9164 90.9377 91.0199",
        "17503 1.961970 10.366051",
    );
}

#[test]
fn accumulating_by_target_walks_the_golden_path() {
    check(
        &Policy::Accumulating,
        &classes(),
        "4.123835 10.542318 28.3100 83.9358 89.2839 91.1274",
        "17501 3.969379 9.262724",
    );
}

#[test]
fn accumulating_at_half_the_slope_walks_the_golden_path() {
    check(
        &Policy::Accumulating,
        &sloped(1.0, 0.5),
        "5.417080 9.989145 38.7318 75.9667 82.4210 91.8440",
        "17491 5.033262 8.821169",
    );
}

#[test]
fn ratio_three_to_one_walks_the_golden_path() {
    check(
        &Policy::Ratio,
        &weighted(3, 1),
        "1.503220 11.703683 14.4875 98.2082 99.7023 89.4790",
        "17509 1.832147 10.333906",
    );
}

#[test]
fn sla_walks_the_golden_path() {
    check(
        &sla(),
        &classes(),
        "2.669074 11.195787 30.0676 84.0870 93.7490 93.8938",
        "17504 1.960394 10.356410",
    );
}

#[test]
fn the_peak_day_begins_and_ends_as_published() {
    let people = peak_day().visits;
    assert_eq!(people.len(), 471);
    assert_eq!(people.iter().filter(|visit| visit.class == HIGH).count(), 157);
    assert!((minutes(people[0].arrives) - 0.331_248_900_103_003_95).abs() < 1e-12);
    // The notes print 479.738…; their definition gives 479.748…, with every other digit as printed.
    assert!((minutes(people[470].arrives) - 479.748_395_467_112_46).abs() < 1e-9);
}

#[test]
fn the_peak_day_comes_out_as_published() {
    let row = |policy: &Policy| {
        let outcome = simulate(&peak_day(), &COUNTERS, policy, &classes());
        let (all, high) = (outcome.all().wait.unwrap(), waits(&outcome, HIGH));
        format!("{:.6} {:.6} {:.6}", minutes(all.mean), minutes(high.mean), minutes(all.max))
    };
    assert_eq!(row(&Policy::Fifo), "15.626391 15.524669 51.775128");
    assert_eq!(row(&Policy::Deadline), "15.693943 7.580057 59.137353");
    assert_eq!(row(&sla()), "15.254517 5.475446 65.966561");
}
