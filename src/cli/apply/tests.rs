//! Stories about drafts: what a declaration would do, and what is wrong with one.
//!
//! A draft needs no database; the live half is told through the program in `tests/cli.rs`.
//! Invariant: each story says the whole file it is about.

use std::collections::BTreeMap;

use super::book::{Book, Change};
use super::report::{self, Sums};
use super::walk::{Entry, walk};

const BRANCH: &str = include_str!("../../../config/branch.toml");

const SMALL: &str = r#"
[[tenants]]
slug = "acme"
name = "Acme"
services = [{ slug = "cash", names = { en = "Cash" } }]

[[tenants.sites]]
slug = "main"
name = "Main street"
counters = [{ name = "1" }]
queues = [{ prefix = "A", name = "Cash", service = "cash" }]
devices = [{ kind = "display", name = "Hall" }]

[[tenants.agents]]
name = "Awa"
email = "awa@example.org"
queues = ["main/A"]
counter = "main/1"
"#;

async fn drafted(text: &str) -> Vec<Entry> {
    walk(text, &mut Book::draft(BTreeMap::new())).await.unwrap()
}

async fn faults(text: &str) -> Vec<String> {
    let faults = walk(text, &mut Book::draft(BTreeMap::new())).await.unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

/// What `second` would do once `first` was applied.
async fn after(first: &str, second: &str) -> Vec<String> {
    let mut book = Book::draft(BTreeMap::new());
    walk(first, &mut book).await.unwrap();
    walk(second, &mut book).await.unwrap().iter().map(report::line).collect()
}

#[tokio::test]
async fn everything_in_an_empty_database_is_created() {
    let entries = drafted(SMALL).await;
    let lines: Vec<String> = entries.iter().map(report::line).collect();
    assert_eq!(
        lines,
        [
            "created    tenant   acme",
            "created    service  acme/cash",
            "created    site     acme/main",
            "created    counter  acme/main/1",
            "created    queue    acme/main/A",
            "created    device   acme/main/Hall",
            "created    agent    acme/awa@example.org",
        ]
    );
}

#[tokio::test]
async fn the_branch_that_we_ship_can_be_applied() {
    let entries = drafted(BRANCH).await;
    assert!(entries.iter().all(|entry| entry.change == Change::Created));
    assert_eq!(Sums::of(&entries).created, 1 + 4 + 1 + 5 + 4 + 3 + 7);
}

#[tokio::test]
async fn the_second_time_nothing_is_changed() {
    let lines = after(BRANCH, BRANCH).await;
    assert!(lines.iter().all(|line| line.starts_with("unchanged")), "{lines:#?}");
}

#[tokio::test]
async fn only_what_is_different_is_changed_and_said() {
    let second = SMALL.replace("\"Acme\"", "\"Acme & Sons\"").replace(
        "service = \"cash\"",
        "service = \"cash\", capacity = 9, policy = { kind = \"fifo\" }",
    );
    let lines = after(SMALL, &second).await;
    let changed: Vec<&String> = lines.iter().filter(|line| !line.starts_with("unch")).collect();
    assert_eq!(
        changed,
        ["changed    tenant   acme  (name)", "changed    queue    acme/main/A  (capacity, policy)"]
    );
}

#[tokio::test]
async fn an_option_that_is_left_out_has_its_default_again() {
    let first = SMALL.replace("counter = \"main/1\"", "counter = \"main/1\"\nwrap_up_seconds = 60");
    let lines = after(&first, SMALL).await;
    assert_eq!(lines[6], "changed    agent    acme/awa@example.org  (wrap_up_seconds)");
}

#[tokio::test]
async fn what_is_not_declared_is_left_alone() {
    let lines = after(SMALL, "[[tenants]]\nslug = \"acme\"\nname = \"Acme\"\n").await;
    assert_eq!(lines, ["unchanged  tenant   acme"]);
}

#[tokio::test]
async fn every_fault_of_the_file_is_found_with_its_line() {
    let text = SMALL
        .replace("service = \"cash\"", "service = \"crash\"")
        .replace("slug = \"main\"", "slug = \"main\"\ntimezone = \"Dakar\"")
        .replace("email = \"awa@example.org\"", "email = \"awa\"");
    let found = faults(&text).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("line 9: unknown time zone \"Dakar\""), "{found:#?}");
    assert!(found[1].starts_with("line 18: no queue main/A in this tenant"), "{found:#?}");
}

#[tokio::test]
async fn an_unknown_key_is_refused_wherever_it_stands() {
    for (planted, instead, wanted) in [
        ("name = \"Acme\"", "nam = \"Acme\"", "line 4: unknown key nam; did you mean name?"),
        ("devices =", "device =", "line 12: unknown key device; did you mean devices?"),
        ("service = \"cash\"", "services = \"cash\"", "line 11: missing key service"),
        ("kind = \"display\"", "sort = \"display\"", "line 12: unknown key sort; "),
        ("counter = \"main/1\"", "counter_id = \"x\"", "line 18: unknown key counter_id; "),
        (
            "[[tenants.agents]]",
            "[[tenants.agent]]",
            "line 14: unknown key agent; did you mean agents?",
        ),
    ] {
        let found = faults(&SMALL.replace(planted, instead)).await;
        assert!(found.iter().any(|fault| fault.contains(wanted)), "{instead}: {found:#?}");
    }
    let found = faults("[[tenant]]\nslug = \"acme\"\n").await;
    assert_eq!(found, ["line 1: unknown key tenant; did you mean tenants?"]);
}

#[tokio::test]
async fn a_thing_declared_twice_is_refused() {
    let twice = SMALL.replace("[{ name = \"1\" }]", "[{ name = \"1\" }, { name = \"1\" }]");
    assert_eq!(faults(&twice).await, ["line 10: counter acme/main/1 is declared a second time"]);
}

#[tokio::test]
async fn a_slug_that_cannot_stand_in_a_url_is_refused() {
    let found = faults("[[tenants]]\nslug = \"Acme Ltd\"\nname = \"Acme\"\n").await;
    assert_eq!(found, ["line 1: slug: give 1 to 64 lower-case letters, digits or hyphens"]);
}

#[tokio::test]
async fn the_report_of_a_machine_adds_up() {
    let json = report::json(&drafted(SMALL).await, true);
    assert_eq!((json["dry_run"].as_bool(), json["created"].as_u64()), (Some(true), Some(7)));
    assert_eq!(json["things"][4]["kind"], "queue");
    assert_eq!(json["things"][4]["key"], "acme/main/A");
    assert_eq!(json["things"][4]["line"], 11);
}
