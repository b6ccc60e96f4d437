//! P24 and A01: a thousand random changes of a log's rows are all found, and each at the first entry concerned.
//!
//! The verification is the one of `smartqueue verify --audit`, on the connection that made the change.
//! Invariant: after each change the log is as it was, and verifies.

use persistence::testing::{Overwrite, Tamper, Tampering, TestDatabase};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::draw::{Drawn, tampering};
use crate::world::{Blind, Seen, World};

const ENTRIES: u64 = 40;

/// The changes that are not found, or not at the right entry.
async fn missed(world: &World, tamper: &mut Tamper, changes: &[Drawn], blind: bool) -> Vec<String> {
    let truth = tamper.range(0, 1_000).await.unwrap();
    assert_eq!(truth.len() as u64, ENTRIES);
    let mut missed = Vec::new();
    for (change, wanted) in changes {
        tamper.tamper(change).await;
        let found = if blind {
            let seen = Seen(tamper);
            world.first_bad(&mut Blind { seen, truth: truth.clone() }).await
        } else {
            world.first_bad(&mut Seen(tamper)).await
        };
        tamper.undo().await;
        if found != Some(*wanted) {
            missed.push(format!("{change:?}: wanted {wanted}, found {found:?}"));
        }
    }
    assert_eq!(tamper.range(0, 1_000).await.unwrap(), truth, "every change was taken back");
    missed
}

fn drawn(cases: usize) -> Vec<Drawn> {
    let (mut runner, strategy) = (TestRunner::default(), tampering(ENTRIES));
    (0..cases).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

async fn every_change_is_found(database: TestDatabase, cases: usize) {
    let world = World::with(database, ENTRIES).await;
    let mut tamper = world.database.tamper(world.tenant).await;
    assert_eq!(world.first_bad(&mut Seen(&mut tamper)).await, None, "the log is sound");
    let missed = missed(&world, &mut tamper, &drawn(cases), false).await;
    assert!(missed.is_empty(), "{} of {cases}: {}", missed.len(), missed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_changes_of_a_sqlite_log_are_found_and_located() {
    every_change_is_found(TestDatabase::sqlite(), 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_changes_of_a_postgresql_log_are_found_and_located() {
    if let Some(database) = TestDatabase::postgres().await {
        every_change_is_found(database, 200).await;
    }
}

/// The negative control: the same thousand changes, and a verification that leaves one field out.
#[tokio::test(flavor = "multi_thread")]
async fn a_verification_that_leaves_out_one_field_is_caught() {
    let world = World::with(TestDatabase::sqlite(), ENTRIES).await;
    let mut tamper = world.database.tamper(world.tenant).await;
    let missed = missed(&world, &mut tamper, &drawn(1_000), true).await;
    assert!(!missed.is_empty(), "nothing noticed that the outcome is not covered");
    assert!(missed.iter().all(|missed| missed.contains("outcome")), "{}", missed.join("\n"));
}

/// Whoever has the whole database, and knows how the chain is made, still lacks the key.
#[tokio::test(flavor = "multi_thread")]
async fn a01_hashes_made_without_the_key_do_not_fit() {
    let world = World::with(TestDatabase::sqlite(), ENTRIES).await;
    let other = World::with(TestDatabase::sqlite(), ENTRIES).await;
    let theirs = other.database.tamper(other.tenant).await.range(0, 1_000).await.unwrap();
    let mut tamper = world.database.tamper(world.tenant).await;
    for row in &theirs {
        for (column, hash) in [("hash", row.hash), ("prev_hash", row.prev_hash)] {
            let with = Overwrite::Bytes(column, hash.to_vec());
            tamper.tamper_for_good(&Tampering::Overwrite(row.seq, with)).await;
        }
    }
    assert_eq!(world.first_bad(&mut Seen(&mut tamper)).await, Some(1));
}
