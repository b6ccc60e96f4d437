//! docs/src/security.md says what proves each requirement: what it names is there, and its sums are right.
//!
//! Invariant: a test that is renamed or removed is missed here.

#![allow(clippy::unwrap_used, reason = "a chapter that cannot be read is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;

const STATES: [&str; 4] = ["met", "met, untested", "n/a", "not met"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn chapter() -> String {
    std::fs::read_to_string(root().join("docs/src/security.md")).unwrap()
}

/// The cells of each row about one requirement.
fn rows(text: &str) -> Vec<Vec<String>> {
    let of_a_table = text.lines().filter(|line| line.starts_with("| "));
    let cells = of_a_table.map(|line| {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    });
    cells.filter(|cells: &Vec<String>| cells[0].split('.').count() == 3).collect()
}

/// Why what stands between two backticks proves nothing; none if it is there, or is no place.
fn missing(cited: &str) -> Option<String> {
    let (file, function) = cited.split_once("::").map_or((cited, None), |(a, b)| (a, Some(b)));
    let is_place = file.contains('/')
        && [".rs", ".mjs", ".toml", ".sql"].iter().any(|end| file.ends_with(end));
    if !is_place || file.contains(['*', ' ']) {
        return None;
    }
    let Ok(text) = std::fs::read_to_string(root().join(file)) else {
        return Some(format!("{file} is not there"));
    };
    // A test made by a macro has no `fn` before its name.
    let has = |name: &str| {
        [format!("fn {name}("), format!("{name},"), format!("{name}:")]
            .iter()
            .any(|form| text.contains(form))
    };
    let is_there = function.is_none_or(|path| has(path.rsplit("::").next().unwrap_or(path)));
    (!is_there).then(|| format!("{file} has no {}", function.unwrap_or_default()))
}

fn all_missing(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).filter_map(missing).collect()
}

#[test]
fn what_the_chapter_names_is_there() {
    assert_eq!(all_missing(&chapter()), [""; 0]);
}

#[test]
fn what_is_not_there_is_missed() {
    let text = "`tests/security.rs::nobody` `tests/none.rs` `tests/security.rs::all_missing` `/oauth/token`";
    assert_eq!(
        all_missing(text),
        ["tests/security.rs has no nobody", "tests/none.rs is not there"]
    );
}

#[test]
fn each_requirement_of_both_levels_stands_once_and_the_sums_are_right() {
    let text = chapter();
    let rows = rows(&text);
    let mut sums: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for row in &rows {
        let state = STATES.iter().find(|state| **state == row[3]);
        let state = state.unwrap_or_else(|| panic!("{}: {}", row[0], row[3]));
        let level: usize = row[1].parse().unwrap();
        sums.entry(state).or_default()[level - 1] += 1;
        assert!(!row[4].is_empty(), "{} says where or why", row[0]);
    }
    let mut ids: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), rows.len()), (253, 253), "70 of level 1 and 183 of level 2");
    for state in STATES {
        let [first, second] = sums.get(state).copied().unwrap_or_default();
        let sum = format!("| {state} | {first} | {second} | {} |", first + second);
        assert!(text.contains(&sum), "{sum}");
    }
}

/// The abuse cases that have a test of their name: tenants, sign-in, idempotency, data at rest.
const CASES: [(char, usize); 4] = [('t', 14), ('s', 25), ('i', 8), ('a', 6)];

fn code(folder: &Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            code(&path, all);
        } else if path.extension().is_some_and(|end| end == "rs") {
            all.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_abuse_case_has_a_test_of_its_name() {
    let mut all = String::new();
    for folder in ["actors", "persistence", "src", "tests", "transport"] {
        code(&root().join(folder), &mut all);
    }
    let ids = CASES
        .iter()
        .flat_map(|(letter, last)| (1..=*last).map(move |n| format!("{letter}{n:02}_")));
    let missing: Vec<String> = ids
        .filter(|id| !all.contains(&format!("fn {id}")) && !all.contains(&format!("_{id}")))
        .collect();
    assert_eq!(missing, [""; 0]);
}
