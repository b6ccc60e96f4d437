//! Stories about asking: help, versions, wrong command lines, the configuration, the schema.
//!
//! Nothing here serves. Invariant: a refusal says why on stderr and leaves nothing behind.

use std::io::Read;
use std::process::Stdio;

use crate::program::{BRANCH, Place};

#[test]
fn help_and_version_go_to_stdout_and_name_the_exit_codes() {
    let place = Place::new();
    let help = place.run("--help").must(0);
    assert!(help.stdout.contains("Exit codes:") && help.stderr.is_empty(), "{help:#?}");
    for command in [
        "serve",
        "demo",
        "migrate",
        "apply",
        "token",
        "replay",
        "simulate",
        "check-config",
        "version",
    ] {
        assert!(help.stdout.contains(&format!("\n  {command} ")), "{command}: {}", help.stdout);
        let own = place.run(&format!("{command} --help")).must(0);
        assert!(own.stdout.lines().count() > 6, "{command} explains itself");
    }
    let version = place.run("version --json").must(0).json();
    assert_eq!(version["name"], "smartqueue");
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        place.run("version").must(0).stdout.trim(),
        format!("smartqueue {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn what_cannot_be_meant_is_a_usage_error_on_stderr() {
    let place = Place::new();
    for line in [
        "",
        "fly",
        "token --tenant t",
        "apply",
        "serve --listen nowhere",
        "migrate --database mysql://h/d",
    ] {
        let ran = place.run(line).must(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{line}: {ran:#?}");
    }
    assert!(!place.holds("data"), "nothing was made");
}

#[test]
fn the_configuration_is_checked_without_starting_anything() {
    let place = Place::new();
    place.write("good.toml", "[server]\nlisten = \"127.0.0.1:0\"\n");
    place.write("bad.toml", "[server]\nlisen = \"127.0.0.1:0\"\n[limits]\npage_rows_max = 0\n");
    place.run("check-config --config good.toml").must(0);
    let said = place.run("check-config --config bad.toml").must(2).stderr;
    assert!(said.contains("server.lisen: unknown key; did you mean listen?"), "{said}");
    assert!(said.contains("limits.page_rows_max: 0 is out of bounds"), "{said}");
    let json = place.run("check-config --json --config bad.toml").must(2).json();
    assert_eq!(json["ok"], false);
    assert_eq!(json["problems"][0]["key"], "server.lisen");
    assert_eq!(
        place.run("check-config --json").must(0).json()["database"],
        "sqlite:data/smartqueue.db"
    );
    let said = place.run("check-config --config none.toml").must(2).stderr;
    assert!(said.contains("file none.toml: cannot be read"), "{said}");
    assert!(!place.holds("data"), "nothing was made");
}

#[test]
fn migrating_makes_the_database_and_repeating_it_changes_nothing() {
    let place = Place::new();
    for _ in 0..2 {
        let ran = place.run("migrate").must(0);
        assert!(ran.stdout.is_empty(), "{ran:#?}");
        assert!(ran.stderr.contains("sqlite:data/smartqueue.db is up to date"), "{ran:#?}");
    }
    assert!(place.holds("data/smartqueue.db"));
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let place = Place::new();
    let mut child = place.command(&format!("apply {BRANCH} --dry-run"));
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}
