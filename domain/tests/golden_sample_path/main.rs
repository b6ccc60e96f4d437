//! The golden sample path: one simulated world whose every figure is known digit for digit.
//!
//! The streams, the order of events and the figures are those of the reference simulator in the design notes;
//! here the real `Line` decides whom to call. Instants are rounded to microseconds for the line only.
//! Invariant: all figures match as printed; a line that decides once otherwise fails.

mod simulate;
mod streams;
mod world;

use domain::{Class, ClassKey, Policy, Secs, SlaSettings};
use simulate::{Outcome, simulate};
use streams::uniform;
use world::World;

const SEED: u64 = 1;
const TICKETS: usize = 20_000;

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
fn steady_row(outcome: &Outcome) -> String {
    let (high, normal) = (outcome.of("high"), outcome.of("normal"));
    format!(
        "{:.6} {:.6} {:.4} {:.4} {:.4} {:.4}",
        high.mean(),
        normal.mean(),
        high.max(),
        normal.max(),
        high.percent_within(10.0),
        normal.percent_within(30.0)
    )
}

fn check(policy: &Policy, classes: &[Class], steady: &str, overloaded: &str) {
    let world = World::steady(SEED, TICKETS, 0.9, 0.0);
    assert_eq!(steady_row(&simulate(&world, policy, classes)), steady, "load 0.9 under {policy:?}");
    let world = World::steady(SEED, TICKETS, 1.1, 1.0 / 60.0);
    let outcome = simulate(&world, policy, classes);
    let (high, normal) = (outcome.of("high"), outcome.of("normal"));
    let row = format!("{} {:.6} {:.6}", outcome.all().count(), high.mean(), normal.mean());
    assert_eq!(row, overloaded, "load 1.1 under {policy:?}");
}

#[test]
fn the_streams_begin_as_published() {
    // Both sides are whole numbers below 2^53, so that floating point holds them exactly.
    let published = [0x0007_730b_1783_c51e_u64, 0x0000_0497_7ea1_23df, 0x0016_17df_3d1f_ac44];
    assert!(
        uniform(1_000_004)
            .map(|u| u * 2f64.powi(53))
            .zip(published)
            .all(|(ours, word)| ours == word as f64)
    );
    let world = World::steady(SEED, TICKETS, 0.9, 0.0);
    let last = world.tickets.last().map(|ticket| ticket.arrives);
    assert!((last.unwrap() - 22_076.634_383_414_9).abs() < 1e-7);
    assert_eq!(world.tickets.iter().filter(|ticket| ticket.high).count(), 6_047);
    let services: f64 = world.tickets.iter().map(|ticket| ticket.service).sum();
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
    let world = World::peak_day(SEED);
    assert_eq!(world.tickets.len(), 471);
    assert_eq!(world.tickets.iter().filter(|ticket| ticket.high).count(), 157);
    assert!((world.tickets[0].arrives - 0.331_248_900_103_003_95).abs() < 1e-12);
    // The notes print 479.738…; their definition gives 479.748…, with every other digit as printed.
    assert!((world.tickets[470].arrives - 479.748_395_467_112_46).abs() < 1e-9);
}

#[test]
fn the_peak_day_comes_out_as_published() {
    let row = |policy: &Policy| {
        let outcome = simulate(&World::peak_day(SEED), policy, &classes());
        format!(
            "{:.6} {:.6} {:.6}",
            outcome.all().mean(),
            outcome.of("high").mean(),
            outcome.all().max()
        )
    };
    assert_eq!(row(&Policy::Fifo), "15.626391 15.524669 51.775128");
    assert_eq!(row(&Policy::Deadline), "15.693943 7.580057 59.137353");
    assert_eq!(row(&sla()), "15.254517 5.475446 65.966561");
}

#[test]
fn the_default_class_serves_a_class_nobody_configured() {
    let high_unknown =
        [Class::new("normal", 0, Secs::minutes(30)), Class::new("other", 1, Secs::minutes(10))];
    let outcome = simulate(&World::steady(SEED, 2_000, 0.9, 0.0), &Policy::Priority, &high_unknown);
    let fifo = simulate(&World::steady(SEED, 2_000, 0.9, 0.0), &Policy::Fifo, &classes());
    assert_eq!(steady_row(&outcome), steady_row(&fifo));
    assert!(!high_unknown.iter().any(|class| class.key == ClassKey::new("high")));
}
