//! Queueing theory against the tables of the design notes, and staffing against theory.
//!
//! Mean service is one unit of time in this file. Invariant: every row is reproduced to the digits printed.
#![allow(clippy::unwrap_used, reason = "a test without a figure has failed")]

mod plans;
mod simulated;

use domain::{Flow, mean_waits_by_rank, mean_waits_by_slope, square_root_staffing};

fn flow(arrival_rate: f64, leave_rate: f64) -> Flow {
    Flow { arrival_rate, service_rate: 1.0, leave_rate }
}

/// λ, counters, P(wait), mean wait, people in line, 95th percentile of the wait.
const PATIENT: [(f64, u32, &str); 7] = [
    (0.7, 1, "0.700000 2.333333 1.633333 8.796858"),
    (0.9, 1, "0.900000 9.000000 8.100000 28.903718"),
    (2.1, 3, "0.492344 0.547049 1.148804 2.541284"),
    (2.7, 3, "0.817061 2.723537 7.353549 9.312303"),
    (3.5, 5, "0.377838 0.251892 0.881623 1.348295"),
    (4.5, 5, "0.762493 1.524986 6.862439 5.449141"),
    (9.0, 10, "0.668732 0.668732 6.018584 2.593360"),
];

#[test]
fn erlang_c_is_as_published() {
    for (rate, counters, expected) in PATIENT {
        let flow = flow(rate, 0.0);
        let found = flow.stationary(counters).unwrap();
        let late = flow.wait_quantile(counters, 0.95).unwrap();
        let row = format!(
            "{:.6} {:.6} {:.6} {late:.6}",
            found.wait_share, found.mean_wait, found.in_line
        );
        assert_eq!(row, expected, "{rate} with {counters}");
        assert!((found.utilisation - rate / f64::from(counters)).abs() < 1e-12);
    }
}

/// λ, counters, θ, P(wait), people in line, share who leave, mean wait of the served, utilisation.
const LEAVING: [(f64, u32, f64, &str); 6] = [
    (3.5, 5, 0.1, "0.351356 0.638470 0.018242 0.176753 0.687231"),
    (4.5, 5, 0.1, "0.647778 2.414990 0.053666 0.526364 0.851700"),
    (5.5, 5, 0.1, "0.892035 7.048203 0.128149 1.309932 0.959036"),
    (4.5, 5, 0.5, "0.527642 0.988817 0.109869 0.202030 0.801118"),
    (5.5, 5, 0.5, "0.725914 2.039933 0.185448 0.359021 0.896007"),
    (11.0, 10, 0.2, "0.857994 6.779237 0.123259 0.626458 0.964415"),
];

#[test]
fn erlang_a_is_as_published() {
    for (rate, counters, leave_rate, expected) in LEAVING {
        let found = flow(rate, leave_rate).stationary(counters).unwrap();
        let row = format!(
            "{:.6} {:.6} {:.6} {:.6} {:.6}",
            found.wait_share,
            found.in_line,
            found.abandon_share,
            found.mean_wait_served,
            found.utilisation
        );
        assert_eq!(row, expected, "{rate} with {counters}, leaving at {leave_rate}");
    }
}

#[test]
fn mean_waits_by_class_are_as_published() {
    let pair = |waits: Vec<f64>, high: usize| format!("{:.5} {:.5}", waits[high], waits[1 - high]);
    for (rate, strict, third, half, fifo) in [
        (3.5, "0.09566 0.31885", "0.15621 0.29290", "0.18294 0.28144", "0.25189 0.25189"),
        (4.5, "0.20890 2.08902", "0.74390 1.85974", "0.96964 1.76299", "1.52499 1.52499"),
    ] {
        let (high, normal) = (0.3 * rate, 0.7 * rate);
        let ranked = mean_waits_by_rank(&[high, normal], 1.0, 5).unwrap();
        assert_eq!(pair(ranked, 0), strict);
        let sloped = |ratio: f64| {
            pair(mean_waits_by_slope(&[(normal, ratio), (high, 1.0)], 1.0, 5).unwrap(), 1)
        };
        assert_eq!([sloped(1.0 / 3.0), sloped(0.5), sloped(1.0)], [third, half, fifo]);
        assert_eq!(sloped(1e-12), strict, "a slope of nothing is strict priority");
    }
}

#[test]
fn hardly_leaving_is_not_leaving() {
    for (rate, counters, _) in PATIENT {
        let (never, hardly) = (flow(rate, 0.0), flow(rate, 1e-7));
        let (mean, nearly) =
            (never.stationary(counters).unwrap(), hardly.stationary(counters).unwrap());
        assert!((mean.mean_wait - nearly.mean_wait).abs() < 1e-3);
        for target in [0.0, 0.3, 2.0, 12.0] {
            let (level, near) =
                (never.service_level(counters, target), hardly.service_level(counters, target));
            assert!((level - near).abs() < 1e-5, "{rate} within {target}: {level} {near}");
        }
    }
}

#[test]
fn everybody_who_is_served_is_served_in_the_end() {
    for (rate, counters, leave_rate, _) in LEAVING {
        let flow = flow(rate, leave_rate);
        let found = flow.stationary(counters).unwrap();
        assert!((flow.service_level(counters, 1e3) - (1.0 - found.abandon_share)).abs() < 1e-9);
        assert!((flow.service_level(counters, 0.0) - (1.0 - found.wait_share)).abs() < 1e-9);
    }
}

#[test]
fn a_line_that_grows_without_end_has_no_figures() {
    assert_eq!(flow(5.0, 0.0).stationary(5), None);
    assert_eq!(flow(5.0, 0.0).service_level(5, 100.0), 0.0);
    assert_eq!(flow(5.0, 0.0).wait_quantile(5, 0.9), None);
    assert_eq!(mean_waits_by_rank(&[2.0, 3.0], 1.0, 5), None);
}

#[test]
fn counters_are_as_few_as_the_target_allows() {
    for rate in [0.2, 3.5, 18.0, 140.0] {
        for leave_rate in [0.0, 0.2] {
            let flow = flow(rate, leave_rate);
            let needed = flow.counters_for(0.8, 0.5, 1_000).unwrap();
            assert!(flow.service_level(needed, 0.5) >= 0.8);
            assert!(needed == 1 || flow.service_level(needed - 1, 0.5) < 0.8);
        }
    }
    assert_eq!(flow(0.0, 0.0).counters_for(0.8, 0.5, 10), Some(0));
    assert_eq!(flow(20.0, 0.0).counters_for(0.8, 0.5, 10), None);
}

#[test]
fn square_roots_agree_with_erlang_within_one_counter() {
    for load in [2.0, 9.0, 30.0, 120.0] {
        for share in [0.5, 0.2, 0.1] {
            let rough = square_root_staffing(load, share);
            let exact = flow(load, 0.0).counters_for(1.0 - share, 0.0, 1_000).unwrap();
            assert!(rough.abs_diff(exact) <= 1, "load {load}, share {share}: {rough} {exact}");
        }
    }
}
