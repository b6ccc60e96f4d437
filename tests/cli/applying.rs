//! Stories about `apply`: what it creates, changes and leaves alone, and what it says.
//!
//! The declaration is the branch that we ship. Invariant: a dry run and a refused file write nothing.

use crate::program::{BRANCH, Place};

#[test]
fn a_declaration_is_applied_once_and_a_dry_run_writes_nothing() {
    let place = Place::new();
    let dry = place.run(&format!("apply {BRANCH} --dry-run")).must(0);
    assert!(dry.stdout.starts_with("created    tenant   banque-teranga\n"), "{dry:#?}");
    assert!(dry.stderr.contains("25 created, 0 changed, 0 unchanged; dry run"), "{dry:#?}");
    assert!(!place.holds("data"), "a dry run makes no database");
    let first = place.run(&format!("apply {BRANCH} --json")).must(0).json();
    assert_eq!((&first["created"], &first["dry_run"]), (&25.into(), &false.into()));
    let again = place.run(&format!("apply {BRANCH} --json")).must(0).json();
    assert_eq!(
        (&again["created"], &again["changed"], &again["unchanged"]),
        (&0.into(), &0.into(), &25.into())
    );
}

#[test]
fn a_declaration_changes_what_is_different_and_says_what() {
    let place = Place::new();
    place.run(&format!("apply {BRANCH}")).must(0);
    let branch = std::fs::read_to_string(BRANCH).unwrap();
    place.write(
        "next.toml",
        &branch.replace("capacity = 120", "capacity = 80").replace("Awa Diop", "Awa Diop Sy"),
    );
    let wanted = [
        "changed    queue    banque-teranga/dakar-plateau/A  (capacity)",
        "changed    agent    banque-teranga/awa.diop@teranga.example  (name)",
    ];
    for flags in ["--dry-run", "--dry-run", ""] {
        let ran = place.run(&format!("apply next.toml {flags}")).must(0);
        let changed: Vec<&str> =
            ran.stdout.lines().filter(|line| !line.starts_with("unchanged")).collect();
        assert_eq!(changed, wanted, "{flags}");
    }
    assert_eq!(place.run("apply next.toml --json").must(0).json()["changed"], 0);
}

#[test]
fn a_fault_anywhere_in_a_declaration_changes_nothing_anywhere() {
    let place = Place::new();
    let branch = std::fs::read_to_string(BRANCH).unwrap();
    place.write("bad.toml", &branch.replace("capacity = 25", "capcity = 25"));
    let ran = place.run("apply bad.toml").must(2);
    let line = 1 + branch.lines().position(|line| line == "capacity = 25").unwrap();
    let wanted = format!("file bad.toml, line {line}: unknown key capcity; did you mean capacity?");
    assert!(ran.stderr.contains(&wanted) && ran.stdout.is_empty(), "{ran:#?}");
    let dry = place.run(&format!("apply {BRANCH} --dry-run --json")).must(0).json();
    assert_eq!(dry["created"], 25, "nothing of the file was written");
    let missing = place.run("apply none.toml").must(4);
    assert!(missing.stderr.contains("file none.toml cannot be read"), "{missing:#?}");
}
