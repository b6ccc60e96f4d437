//! Stories about `smartqueue eval-eta`: the estimator against the usual formulas, on logs.
//!
//! The gate is measured on the synthetic branch of the reference, which lies beside the repository.
//! Invariant: a figure that cannot be known is null, never zero.
#![allow(clippy::unwrap_used, reason = "a story that cannot go on ends here")]
#![allow(clippy::print_stdout, reason = "whoever runs the tests must see what was not tested")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const HEADER: &str =
    "queue_id,customer_id,class,priority,arrival_ts,called_ts,end_ts,outcome,server_id\n";
const BRANCH: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/eta/synth_branch.csv.gz");

#[track_caller]
fn evaluate(log: &Path, flags: &str, code: i32) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smartqueue"));
    command.arg("eval-eta").arg(log).args(flags.split_whitespace()).env_clear();
    let Output { status, stdout, stderr } = command.output().unwrap();
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(status.code(), Some(code), "{stdout}{stderr}");
    (stdout, stderr)
}

fn log_of(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.csv");
    fs::write(&file, text).unwrap();
    (folder, file)
}

fn line<'a>(report: &'a Value, name: &str, kind: &str) -> &'a Value {
    let lines = report["predictors"].as_array().unwrap();
    lines.iter().find(|line| line["name"] == name && line["kind"] == kind).unwrap()
}

/// In minutes at most, and the bounds of the coverage in per cent.
const GATES: [(&str, f64); 2] = [("arrival", 5.65), ("live", 5.85)];
const COVERAGE: std::ops::RangeInclusive<f64> = 77.0..=85.0;

#[test]
fn the_estimator_passes_its_gate_on_the_branch_of_the_reference() {
    if !Path::new(BRANCH).exists() {
        println!("skipped: the log of the reference is not here");
        return;
    }
    let flags = "--from 2025-01-20 --head-start 1200 --default-service 400 --json";
    let report: Value = serde_json::from_str(&evaluate(Path::new(BRANCH), flags, 0).0).unwrap();
    assert_eq!(report["rows"], 23_568);
    for (kind, minutes) in GATES {
        let ours = line(&report, "sq-eta", kind);
        assert!(ours["mae"].as_f64().unwrap() <= minutes * 60.0, "{ours}");
        assert!(COVERAGE.contains(&ours["coverage80"].as_f64().unwrap()), "{ours}");
    }
    // The reference's own figures of the common formula: the two go through the log alike.
    for (kind, seconds) in [("arrival", 461.73), ("live", 532.68)] {
        let common = line(&report, "position-ewma", kind)["mae"].as_f64().unwrap();
        assert!((common - seconds).abs() < 0.1, "{kind}: {common}");
    }
}

/// One server; c1 waits 540 s, c2 900 s; c3 gives up.
const ONE_MORNING: &str = "\
q,c0,T,normal,2025-01-06T09:00:00,2025-01-06T09:00:00,2025-01-06T09:10:00,served,K0
q,c1,T,normal,2025-01-06T09:01:00,2025-01-06T09:10:00,2025-01-06T09:20:00,served,K0
q,c2,T,normal,2025-01-06T09:05:00,2025-01-06T09:20:00,2025-01-06T09:21:00,no_show,K0
q,c3,T,normal,2025-01-06T09:06:00,,2025-01-06T09:15:00,abandoned,
";

#[test]
fn every_wait_is_foretold_at_its_arrival_and_at_every_call_of_others() {
    let (_folder, log) = log_of(&format!("{HEADER}{ONE_MORNING}"));
    let (stdout, _) = evaluate(&log, "--json --default-service 600", 0);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(line(&report, "sq-eta", "arrival")["n"], 2);
    assert_eq!(line(&report, "sq-eta", "live")["n"], 1, "c2, when c1 was called");
    // Told 600 s to c1 and 1,200 s to c2, as nothing was known but the default.
    let common = line(&report, "position-ewma", "arrival");
    assert_eq!((&common["mae"], &common["bias"]), (&180.0.into(), &180.0.into()));
    assert_eq!(common["coverage80"], Value::Null);
    let later: Value =
        serde_json::from_str(&evaluate(&log, "--json --from 2025-01-07", 0).0).unwrap();
    let none = line(&later, "sq-eta", "arrival");
    assert_eq!(
        (&none["n"], &none["mae"], &none["winkler"]),
        (&0.into(), &Value::Null, &Value::Null)
    );
}

#[test]
fn people_read_a_table_and_are_told_of_bad_rows() {
    let (_folder, log) = log_of(&format!("{HEADER}{ONE_MORNING}q,c4\n"));
    let (stdout, stderr) = evaluate(&log, "", 0);
    for word in ["sq-eta", "position-ewma", "ahead-mean50", "gap-position", "constant", "Winkler"] {
        assert!(stdout.contains(word), "{stdout}");
    }
    assert!(stderr.contains("skipped: line 6"), "{stderr}");
    evaluate(&log, "--strict", 2);
}

#[test]
fn what_cannot_be_evaluated_is_refused() {
    let (_folder, empty) = log_of(HEADER);
    assert!(evaluate(&empty, "", 2).1.contains("holds no row"));
    let (_folder, without) = log_of("queue_id,customer_id\n");
    assert!(evaluate(&without, "", 2).1.contains("column class is missing"));
    evaluate(Path::new("nowhere.csv"), "", 4);
    evaluate(&empty, "--from soon", 2);
    evaluate(&empty, "--default-service 0", 2);
}
