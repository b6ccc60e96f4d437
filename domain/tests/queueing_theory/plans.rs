//! Counters that open and close, people who leave, and days drawn from a history: examples worked out by hand.
//!
//! Seconds on the clock of the day. Invariant: nobody is lost: visits = served + left + still waiting.

use domain::{
    Class, CounterPlan, Demand, DemandClass, Policy, Recorded, Scenario, ScenarioVisit, Secs,
    Simulated, simulate,
};

fn classes() -> [Class; 2] {
    [Class::new("normal", 0, Secs(60)), Class::new("high", 1, Secs(30))]
}

fn visit(arrives: f64, service: f64, patience: f64) -> ScenarioVisit {
    ScenarioVisit { arrives, class: 0, service, patience }
}

fn run(visits: Vec<ScenarioVisit>, plan: &CounterPlan) -> Simulated {
    simulate(&Scenario { visits, warm_up: 0 }, plan, &Policy::Fifo, &classes())
}

#[test]
fn a_counter_that_closes_finishes_whom_it_serves() {
    let people = vec![visit(0.0, 100.0, f64::INFINITY), visit(10.0, 5.0, f64::INFINITY)];
    let plan = CounterPlan::by_span(0.0, 50.0, &[1, 0, 0, 1]);
    let all = run(people, &plan).all();
    assert_eq!((all.served, all.still_waiting), (2, 0));
    // Called when the counter opens again at 150.
    assert_eq!(all.wait.map(|wait| wait.max), Some(140.0));
    // Open for 50, serving for another 50, then the last five.
    assert!((all.utilisation.unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn counters_that_open_call_everybody_they_can() {
    let people = (0..4).map(|at| visit(f64::from(at), 10.0, f64::INFINITY)).collect();
    let all = run(people, &CounterPlan::by_span(30.0, 60.0, &[3])).all();
    assert_eq!(all.wait.map(|wait| (wait.p50, wait.max)), Some((29.0, 37.0)));
}

#[test]
fn those_whom_nobody_will_call_are_still_waiting_or_have_left() {
    let people = vec![visit(0.0, 1.0, 20.0), visit(0.0, 1.0, f64::INFINITY)];
    let all = run(people, &CounterPlan::always(0)).all();
    assert_eq!((all.visits, all.served, all.abandoned, all.still_waiting), (2, 0, 1, 1));
    assert_eq!((all.within_target, all.wait), (Some(0.0), None));
}

#[test]
fn recorded_days_come_out_as_recorded_under_the_same_order() {
    let record = |arrives, waited, service| Recorded { arrives, class: 0, waited, service };
    let day = [
        record(0.0, 0.0, Some(50.0)),
        record(10.0, 40.0, Some(20.0)),
        record(15.0, 30.0, None),
        record(20.0, 50.0, Some(5.0)),
    ];
    let mut class = DemandClass::default();
    day.iter().for_each(|visit| class.take(visit));
    assert_eq!(class.leave_rate(), 1.0 / 120.0);
    let people = Scenario::recorded(1, &day, &[class, DemandClass::default()]);
    let all = run(people.visits, &CounterPlan::always(1)).all();
    assert_eq!((all.served, all.abandoned), (3, 1));
    assert_eq!(all.wait.map(|wait| (wait.mean, wait.max)), Some((30.0, 50.0)));
}

#[test]
fn drawn_days_have_the_rates_and_the_services_of_the_history() {
    let class =
        |services: &[f64]| DemandClass { services: services.to_vec(), left: 1.0, waited: 300.0 };
    let demand = Demand {
        classes: vec![class(&[10.0, 20.0]), class(&[])],
        begins: 3_600.0,
        span: 1_800.0,
        arrivals: vec![vec![30.0, 10.0], vec![0.0, 0.0], vec![0.0, 20.0]],
    };
    let days: Vec<Scenario> = (1..=100).map(|seed| Scenario::drawn(seed, &demand)).collect();
    let people: Vec<&ScenarioVisit> = days.iter().flat_map(|day| &day.visits).collect();
    let between = |from: f64, to: f64, class: usize| {
        let those = people.iter().filter(|one| one.class == class);
        those.filter(|one| (from..to).contains(&one.arrives)).count() as f64 / 100.0
    };
    // A hundred Poisson days: the mean of 30 has a standard error of 0.55.
    assert!((between(3_600.0, 5_400.0, 0) - 30.0).abs() < 1.7);
    assert!((between(3_600.0, 5_400.0, 1) - 10.0).abs() < 1.0);
    assert_eq!(between(5_400.0, 7_200.0, 0) + between(5_400.0, 7_200.0, 1), 0.0);
    assert!((between(7_200.0, 9_000.0, 1) - 20.0).abs() < 1.4);
    assert!(people.iter().all(|one| [10.0, 20.0].contains(&one.service)));
    let patience = people.iter().map(|one| one.patience).sum::<f64>() / people.len() as f64;
    assert!((patience - 300.0).abs() < 15.0, "{patience}");
}
