//! Stories about asking what would be: `simulate` with rates, with a log, and with what cannot be meant.
//!
//! Figures are those of the golden sample path of the design notes. Invariant: nothing is left in the folder.

use serde_json::Value;

use crate::program::Place;

const GOLDEN: &str = "simulate --lambda 0.9 --mu 0.2 --theta 0 --high-share 0.3 --targets 10,30 --tickets 20000 \
                      --seed 1 --counters 5 --hard-bound 90";

fn minutes(run: &Value, class: usize, what: &str) -> String {
    format!("{:.6}", run["classes"][class]["wait_seconds"][what].as_f64().unwrap() / 60.0)
}

#[test]
fn the_golden_path_is_reached_with_flags() {
    let place = Place::new();
    let report = place.run(&format!("{GOLDEN} --policy fifo --policy sla --json")).must(0).json();
    let [fifo, sla] = [&report["runs"][0], &report["runs"][1]];
    assert_eq!((&fifo["policy"], &sla["policy"]), (&"fifo".into(), &"sla".into()));
    assert_eq!(sla["classes"][0]["class"], "high");
    assert_eq!(minutes(fifo, 0, "mean"), "8.626973");
    assert_eq!([minutes(sla, 0, "mean"), minutes(sla, 1, "mean")], ["2.669074", "11.195787"]);
    let within = sla["classes"][0]["within_target"].as_f64().unwrap();
    assert_eq!(format!("{:.4}", 100.0 * within), "93.7490");
    assert_eq!((&report["seed"], &report["source"]["kind"]), (&1.into(), &"synthetic".into()));
    let theory = report["theory"][0]["mean_wait_seconds"].as_f64().unwrap() / 60.0;
    assert_eq!(format!("{theory:.5}"), "7.62493");
    let table = place.run(&format!("{GOLDEN} --policy sla")).must(0);
    assert!(
        table.stdout.contains(" 2.669074 ") && table.stdout.contains(" 93.7490 "),
        "{table:#?}"
    );
    assert!(!place.holds("data"), "no database was opened");
}

#[test]
fn numbers_of_counters_are_compared() {
    let place = Place::new();
    let line = "simulate --policy priority --counters 4..5 --counters 8 --tickets 2000 --theta 0.02 --json";
    let report = place.run(line).must(0).json();
    let runs = report["runs"].as_array().unwrap();
    let counters: Vec<&Value> = runs.iter().map(|run| &run["counters"]).collect();
    assert_eq!(counters, [4, 5, 8]);
    let left = |run: usize| runs[run]["all"]["abandoned"].as_u64().unwrap();
    assert!(left(0) > left(1) && left(1) > left(2), "{runs:#?}");
}

const LOG: &str =
    "queue_id,customer_id,class,priority,arrival_ts,called_ts,end_ts,outcome,server_id
q,c1,T,normal,2025-01-06T09:00:00,2025-01-06T09:00:00,2025-01-06T09:10:00,served,K0
q,c2,T,normal,2025-01-06T09:01:00,2025-01-06T09:10:00,2025-01-06T09:12:00,served,K0
q,c3,T,normal,2025-01-06T09:02:00,,2025-01-06T09:05:00,abandoned,
q,c4,T,high,2025-01-06T09:03:00,2025-01-06T09:12:00,2025-01-06T09:14:00,served,K0
q,c5,T,high,2025-01-07T09:03:00,2025-01-07T09:03:00,2025-01-07T09:14:00,served,K0
";

#[test]
fn the_people_of_a_log_come_again() {
    let place = Place::new();
    place.write("log.csv", LOG);
    let line = "simulate --log log.csv --counters 1 --policy fifo --policy priority --json";
    let report = place.run(line).must(0).json();
    assert_eq!((&report["source"]["queue"], &report["source"]["days"]), (&"q".into(), &2.into()));
    let (recorded, fifo) = (&report["source"]["recorded"], &report["runs"][0]["all"]);
    for what in ["visits", "abandoned", "wait_seconds"] {
        assert_eq!(recorded[what], fifo[what], "the log was first come, first served: {what}");
    }
    let priority = &report["runs"][1];
    assert_eq!(minutes(priority, 0, "max"), "7.000000", "high goes before c2: {priority:#}");
}

#[test]
fn what_cannot_be_simulated_is_refused_by_its_flag() {
    let place = Place::new();
    place.write("two.csv", &LOG.replace("q,c5", "other,c5"));
    place.write("none.csv", "queue_id,customer_id\n");
    for (line, says) in [
        ("simulate --policy lottery", "use one of fifo, priority"),
        ("simulate --counters 0", "--counters"),
        ("simulate --counters 7..4", "such as 4..7"),
        ("simulate --lambda -1", "--lambda"),
        ("simulate --lambda 0", "above zero"),
        ("simulate --high-share 1.5", "a share from 0 to 1"),
        ("simulate --targets 10", "--targets"),
        ("simulate --tickets 0", "--tickets"),
        ("simulate --log two.csv --lambda 1", "--lambda"),
        ("simulate --queue q", "--log"),
        ("simulate --log two.csv", "choose one with --queue: q, other"),
        ("simulate --log two.csv --queue z", "--queue: the log has no queue \"z\""),
        ("simulate --log none.csv", "--log: column class is missing"),
    ] {
        let refused = place.run(line).must(2);
        assert!(refused.stderr.contains(says) && refused.stdout.is_empty(), "{line}: {refused:#?}");
    }
    place.run("simulate --log absent.csv").must(4);
}
