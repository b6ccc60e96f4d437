//! The simulator against theory: what it measures lies within three standard errors of what must come out.
//!
//! Mean service is one second, five counters, several seeds with a warm-up of 5 %.
//! Invariant: the seeds are fixed, so a test that passes once passes always.

use domain::{
    Class, CounterPlan, Flow, Policy, Scenario, Secs, Simulated, mean_waits_by_rank,
    mean_waits_by_slope, simulate,
};

const COUNTERS: u32 = 5;
const SEEDS: std::ops::Range<u64> = 101..109;
const VISITS: usize = 20_000;
const NORMAL: usize = 0;
const HIGH: usize = 1;
const MIX: [(usize, f64); 2] = [(HIGH, 0.3), (NORMAL, 0.7)];

/// The normal class accumulates at half the slope of the high one.
fn classes() -> [Class; 2] {
    let class = |key, rank, slope| Class { slope: Some(slope), ..Class::new(key, rank, Secs(1)) };
    [class("normal", 0, 0.5), class("high", 1, 1.0)]
}

fn runs(flow: &Flow, policy: &Policy) -> Vec<Simulated> {
    let run = |seed| {
        let people = Scenario::steady(seed, VISITS, flow, &MIX).warmed_up(0.05);
        simulate(&people, &CounterPlan::always(COUNTERS), policy, &classes())
    };
    SEEDS.map(run).collect()
}

/// `expected` lies within three standard errors of the mean of `measured`.
fn agrees(what: &str, measured: impl Iterator<Item = f64>, expected: f64) {
    let measured: Vec<f64> = measured.collect();
    let count = measured.len() as f64;
    let mean = measured.iter().sum::<f64>() / count;
    let squares: f64 = measured.iter().map(|found| (found - mean).powi(2)).sum();
    let error = (squares / (count - 1.0) / count).sqrt();
    assert!((mean - expected).abs() <= 3.0 * error, "{what}: {mean} ± {error}, not {expected}");
}

fn mean_wait(run: &Simulated, class: usize) -> f64 {
    run.of(class).wait.unwrap().mean
}

#[test]
fn first_come_first_served_waits_as_erlang_says() {
    for (arrival_rate, leave_rate) in [(3.5, 0.0), (4.5, 0.1), (5.5, 0.5)] {
        let flow = Flow { arrival_rate, service_rate: 1.0, leave_rate };
        let theory = flow.stationary(COUNTERS).unwrap();
        let runs = runs(&flow, &Policy::Fifo);
        let all = || runs.iter().map(Simulated::all);
        agrees("wait", all().map(|all| all.wait.unwrap().mean), theory.mean_wait_served);
        let left = all().map(|all| all.abandoned as f64 / all.visits as f64);
        if leave_rate > 0.0 {
            agrees("left", left, theory.abandon_share);
        }
        agrees("busy", all().map(|all| all.utilisation.unwrap()), theory.utilisation);
        let level = flow.service_level(COUNTERS, 1.0);
        agrees("within", all().map(|all| all.within_target.unwrap()), level);
    }
}

#[test]
fn classes_wait_as_cobham_and_kleinrock_say() {
    let flow = Flow { arrival_rate: 3.5, service_rate: 1.0, leave_rate: 0.0 };
    let (high, normal) = (0.3 * flow.arrival_rate, 0.7 * flow.arrival_rate);
    let ranked = mean_waits_by_rank(&[high, normal], 1.0, COUNTERS).unwrap();
    let strict = runs(&flow, &Policy::Priority);
    agrees("high, strict", strict.iter().map(|run| mean_wait(run, HIGH)), ranked[0]);
    agrees("normal, strict", strict.iter().map(|run| mean_wait(run, NORMAL)), ranked[1]);
    let sloped = mean_waits_by_slope(&[(normal, 0.5), (high, 1.0)], 1.0, COUNTERS).unwrap();
    let growing = runs(&flow, &Policy::Accumulating);
    agrees("high, growing", growing.iter().map(|run| mean_wait(run, HIGH)), sloped[1]);
    agrees("normal, growing", growing.iter().map(|run| mean_wait(run, NORMAL)), sloped[0]);
}
