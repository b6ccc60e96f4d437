//! Stories about `serve`: one owner for each database, an address, and an orderly end.
//!
//! Both databases are owned in the same way. Invariant: what was there before a stop is there after it.

use persistence::testing::TestDatabase;

use crate::program::{AWA, BRANCH, Place};

#[test]
fn a_second_program_on_the_same_file_is_refused_with_a_sentence() {
    let place = Place::new();
    let server = place.serve("--database sqlite:shared.db");
    let shared = "--database sqlite:shared.db";
    for line in ["serve --listen 127.0.0.1:0", "migrate", &format!("apply {BRANCH}")] {
        let ran = place.run(&format!("{line} {shared}")).must(3);
        assert!(
            ran.stderr.contains("shared.db is in use: another smartqueue is running on it"),
            "{ran:#?}"
        );
        assert!(ran.stdout.is_empty(), "{ran:#?}");
    }
    assert_eq!(server.stop("-INT").0, Some(0));
    place.run(&format!("migrate {shared}")).must(0);
}

#[test]
fn postgresql_is_owned_looked_into_and_left_alike() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Some(database) = runtime.block_on(TestDatabase::postgres()) else { return };
    let (place, on) = (Place::new(), format!("--database {}", database.url()));
    let applied = place.run(&format!("apply {BRANCH} --json {on}")).must(0).json();
    assert_eq!(applied["created"], 25);
    let server = place.serve(&on);
    let token = place.run(&format!("token --tenant banque-teranga --as {AWA} {on}")).must(0).stdout;
    let (status, body) = server.get("/api/v1/tenants/banque-teranga/agents/me", token.trim());
    assert!(status == 200 && body.contains("Awa Diop"), "{status} {body}");
    let dry = place.run(&format!("apply {BRANCH} --dry-run --json {on}")).must(0).json();
    assert_eq!(dry["unchanged"], 25);
    let refused = place.run(&format!("migrate {on}")).must(3);
    assert!(refused.stderr.contains("another smartqueue is running on it"), "{refused:#?}");
    assert_eq!(server.stop("-TERM").0, Some(0));
    place.run(&format!("migrate {on}")).must(0);
}

#[test]
fn an_address_that_is_taken_is_named_and_the_database_is_free_again() {
    let place = Place::new();
    let other = Place::new();
    let server = other.serve("");
    let taken = server.url.trim_start_matches("http://");
    let ran = place.run(&format!("serve --listen {taken}")).must(4);
    assert!(ran.stderr.contains(&format!("cannot listen on {taken}")), "{ran:#?}");
    place.run("migrate").must(0);
}

#[test]
fn a_server_stops_in_order_and_finds_everything_again() {
    let place = Place::new();
    place.run(&format!("apply {BRANCH}")).must(0);
    let token = place.run("token --tenant banque-teranga --role manager --ttl 1h").must(0).stdout;
    for signal in ["-INT", "-TERM"] {
        let server = place.serve("");
        let (status, body) = server.get("/api/v1/tenants/banque-teranga/queues", token.trim());
        assert!(status == 200 && body.contains("Transferts d'argent"), "{status} {body}");
        assert_eq!(server.get("/readyz", "").0, 200);
        let (code, said) = server.stop(signal);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("stopped"), "{said}");
    }
}

#[test]
fn a_socket_is_told_to_come_back_when_the_server_stops() {
    let place = Place::new();
    place.run(&format!("apply {BRANCH}")).must(0);
    let server = place.serve("");
    assert_eq!(server.socket_closed_by("-TERM"), 1012);
    assert_eq!(server.ended().0, Some(0));
}
