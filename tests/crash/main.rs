//! kill -9 under load: the built program is killed at random moments while clients work, and started again.
//!
//! Clients repeat whatever they got no answer to, under the same key, until they have one. After each death the
//! database is read by an independent checker, and at the end every answer is asked for once more.
//! `CRASH_ROUNDS` says how often to kill, `CRASH_SEED` with which moments; both are printed.
//! Invariant: everything acknowledged is in the journal exactly once, and nothing is there that nobody asked for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on ends here")]

mod branch;
mod chance;
mod checker;
mod clients;
mod journal;
mod server;

use std::sync::Arc;
use std::time::Duration;

use persistence::testing::TestDatabase;

use chance::Chance;
use checker::{Allowance, violations};
use clients::{Answer, Crew, Wish};
use server::Server;

/// Killed five times where a developer waits; the continuous integration asks for more.
const ROUNDS: u64 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_program_on_sqlite_loses_nothing_and_doubles_nothing() {
    Box::pin(kill_under_load(TestDatabase::sqlite())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_program_on_postgres_loses_nothing_and_doubles_nothing() {
    if let Some(database) = Box::pin(TestDatabase::postgres()).await {
        Box::pin(kill_under_load(database)).await;
    }
}

fn asked_for(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

#[expect(clippy::print_stderr, reason = "a zero says of how many, and with which seed")]
async fn kill_under_load(database: TestDatabase) {
    let rounds = asked_for("CRASH_ROUNDS", ROUNDS);
    let seed = asked_for("CRASH_SEED", std::process::id().into());
    eprintln!("CRASH_SEED={seed} CRASH_ROUNDS={rounds}");
    let mut chance = Chance::new(seed);
    let mut server = Server::prepare(&database);
    let crew = Crew::start(&server, &mut chance);
    for round in 1..=rounds {
        server.start();
        crew.is_up(server.origin());
        tokio::time::sleep(Duration::from_millis(50 + chance.below(600))).await;
        server.kill();
        crew.is_down();
        let found = journal::read(&database).await;
        let found = violations(&crew.answers(), &found, Allowance::InFlight(crew.size()));
        assert!(found.is_empty(), "seed {seed}, death {round} of {rounds}: {found:#?}");
    }
    server.start();
    crew.is_up(server.origin());
    let answers = crew.finish().await;
    check_again(&mut server, &database, &answers).await;
    let of = |is: fn(&Answer) -> bool| answers.iter().filter(|answer| is(answer)).count();
    let (all, doubtful, done) =
        (answers.len(), of(|answer| answer.tries > 1), of(|answer| answer.was_done));
    eprintln!(
        "{rounds} deaths: 0 of {all} acknowledged commands lost or doubled; \
         {doubtful} had been in doubt, {done} of them done"
    );
    assert!(all > 0, "nobody worked");
}

/// Every answer once more, byte for byte; then the whole journal against all answers.
async fn check_again(server: &mut Server, database: &TestDatabase, answers: &[Arc<Answer>]) {
    let again = clients::ask_again(server.origin(), answers).await;
    assert!(again.is_empty(), "answered differently when asked again: {again:#?}");
    clients::until_everybody_has_arrived(server.origin(), answers).await;
    server.stop();
    let found = violations(answers, &journal::read(database).await, Allowance::Nothing);
    assert!(found.is_empty(), "after the last stop: {found:#?}");
    let unsent = answers.iter().filter(|answer| matches!(answer.wish, Wish::Issue { .. })).count();
    assert!(unsent > 0, "nobody was issued a ticket");
}
