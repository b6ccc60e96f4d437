//! Stories about `verify --audit`, about what the command line itself leaves in the audit log, and about a broken log.
//!
//! The program runs as an operator runs it; the rows are changed as somebody with the database's password would.
//! Invariant: 0 is said of a sound log only.

use domain::TenantId;
use persistence::testing::{Overwrite, Tampering, TestDatabase};
use serde_json::Value;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::program::{AWA, BRANCH, Place};

const PLATFORM: TenantId = TenantId(Uuid::nil());

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn tamper(database: &TestDatabase, with: &Tampering) {
    runtime().block_on(async { database.tamper(PLATFORM).await.tamper_for_good(with).await });
}

/// The finding about one log.
fn log_of(said: &Value, tenant: &str) -> Value {
    let logs = said["logs"].as_array().unwrap();
    logs.iter().find(|log| log["tenant"] == tenant).cloned().unwrap()
}

#[test]
fn what_the_command_line_does_is_in_the_log_also_beside_a_server() {
    let place = Place::new();
    place.run(&format!("apply {BRANCH}")).must(0);
    let server = place.serve("");
    place.run(&format!("token --tenant banque-teranga --as {AWA}")).must(0);
    place.run("token --role platform_admin").must(0);
    let admin = place.run("token --tenant banque-teranga --role admin").must(0).stdout;
    let path = "/api/v1/tenants/banque-teranga/audit?limit=200";
    let (status, body) = server.get(path, admin.trim());
    assert_eq!(status, 200, "{body}");
    let items: Value = serde_json::from_str(&body).unwrap();
    let items = items["items"].as_array().unwrap();
    let count = |action: &str| items.iter().filter(|entry| entry["action"] == action).count();
    assert_eq!(count("token.mint"), 2, "{body}");
    assert_eq!(items.len(), 25 + 2, "one for each thing of the declaration: {body}");
    assert_eq!(count("tenant.create"), 1);
    let minted = &items[0];
    assert_eq!(
        (&minted["object"], &minted["actor"]),
        (&"role:admin".into(), &"cli:unknown".into())
    );
    assert!(!body.contains(admin.trim()), "never the token itself");
    let said = place.run("verify --audit --json").must(0).json();
    assert_eq!(said["sound"], true, "{said}");
    assert_eq!(log_of(&said, "banque-teranga")["entries"], 27);
    assert_eq!(log_of(&said, "(platform)")["entries"], 1);
    assert_eq!(server.stop("-TERM").0, Some(0));
    let text = place.run("verify --audit --tenant banque-teranga").must(0).stdout;
    assert!(text.contains("banque-teranga: 27 entries") && text.contains("sound"), "{text}");
    assert_eq!(text.lines().count(), 1);
    place.run("verify --audit --tenant nobody").must(2);
    place.run("verify").must(2);
}

#[test]
fn a_token_that_cannot_be_recorded_is_not_minted() {
    let place = Place::new();
    let ran = place.run("token --role platform_admin").must(4);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("smartqueue.db"), "{ran:#?}");
    place.run("verify --audit").must(4);
}

fn a_changed_log_is_named_and_refused(database: TestDatabase) {
    let (place, on) = (Place::new(), format!("--database {}", database.url()));
    place.run(&format!("migrate {on}")).must(0);
    for _ in 0..5 {
        place.run(&format!("token --role platform_admin {on}")).must(0);
    }
    let server = place.serve(&on);
    assert_eq!(server.stop("-TERM").0, Some(0));
    place.run(&format!("verify --audit {on}")).must(0);
    let changed = Overwrite::Text("actor", "cli:somebody".to_owned());
    tamper(&database, &Tampering::Overwrite(3, changed));
    let said = place.run(&format!("verify --audit --json {on}")).must(5).json();
    assert_eq!(
        (&said["sound"], &log_of(&said, "(platform)")["first_bad_seq"]),
        (&false.into(), &3.into())
    );
    tamper(&database, &Tampering::CutFrom(3));
    let text = place.run(&format!("verify --audit {on}")).must(5).stdout;
    assert!(
        text.contains("(platform): entry 3: entries are missing that a checkpoint saw"),
        "{text}"
    );
    let refused = place.run(&format!("serve --listen 127.0.0.1:0 {on}")).must(5);
    assert!(refused.stderr.contains("entry 3"), "{refused:#?}");
    place.run(&format!("apply {BRANCH} {on}")).must(5);
    let mut serve = place.command(&format!("serve --listen 127.0.0.1:0 {on} --accept-audit-break"));
    serve.arg("restored from Monday's backup");
    let server = place.serving(serve);
    assert_eq!(server.stop("-TERM").0, Some(0));
    let said = place.run(&format!("verify --audit --json {on}")).must(0).json();
    let accepted = &log_of(&said, "(platform)")["accepted"][0];
    assert_eq!(accepted["reason"], "restored from Monday's backup");
    let server = place.serve(&on);
    assert_eq!(server.stop("-TERM").0, Some(0));
    std::fs::remove_file(place.path("data/audit-key")).unwrap();
    place.run(&format!("serve --listen 127.0.0.1:0 {on}")).must(4);
    assert!(
        !place.holds("data/audit-key"),
        "no second key is made over the first one's checkpoints"
    );
}

/// Beside a running server, and with none.
fn a_key_that_is_replaced_leaves_an_entry(database: TestDatabase) {
    let (place, on) = (Place::new(), format!("--database {}", database.url()));
    place.run(&format!("apply {BRANCH} {on}")).must(0);
    let server = place.serve(&on);
    let first = place.run(&format!("keys rotate --overlap 1h {on}")).must(0).stdout;
    assert_eq!(server.stop("-TERM").0, Some(0));
    let second = place.run(&format!("keys rotate {on}")).must(0).stdout;
    let said = place.run(&format!("verify --audit --json {on}")).must(0).json();
    assert_eq!(said["sound"], true, "{said}");
    let found = |needle: &str| !runtime().block_on(database.find(&[needle])).is_empty();
    assert!(found("cli.keys.rotate"));
    for id in [first, second] {
        assert!(found(&format!("signing-key:{}", id.trim())), "{id}");
    }
    let server = place.serve(&on);
    assert_eq!(server.stop("-TERM").0, Some(0), "the log goes on");
}

#[test]
fn a_key_that_is_replaced_leaves_an_entry_on_sqlite() {
    a_key_that_is_replaced_leaves_an_entry(TestDatabase::sqlite());
}

#[test]
fn a_key_that_is_replaced_leaves_an_entry_on_postgresql() {
    if let Some(database) = runtime().block_on(TestDatabase::postgres()) {
        a_key_that_is_replaced_leaves_an_entry(database);
    }
}

#[test]
fn a_changed_log_of_sqlite_is_named_and_refused() {
    a_changed_log_is_named_and_refused(TestDatabase::sqlite());
}

#[test]
fn a_changed_log_of_postgresql_is_named_and_refused() {
    if let Some(database) = runtime().block_on(TestDatabase::postgres()) {
        a_changed_log_is_named_and_refused(database);
    }
}
