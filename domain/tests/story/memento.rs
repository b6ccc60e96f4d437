//! The memento: a queue as plain data, and back.
//!
//! Every story already replays its journal after each step; here a queue that has everything goes through a restart.
//! Invariant: the queue that returns has the same memento and gives the same answers.

use domain::{Queue, QueueState};

use crate::story::Story;

/// Somebody in every state, one on the way, one handed over, one placed first and one held behind.
fn everything() -> Story {
    Story::new()
        .given("far joins remote; c1 joins; c2 joins; c3 joins customer=kofi; c4 joins; c5 joins; c6 joins; c7 joins")
        .given("awa calls c1; awa starts c1; awa transfers c1; screen confirms c1 leg=2")
        .given("awa calls c2; awa starts c2; awa transfers c2")
        .given("awa calls c4; awa starts c4; awa holds c4 why=copies; c5 cancels; first arrives placement=first")
        .given("awa calls c6; awa requeues c6; awa calls c7; screen shows c7; binta is-offered o1; queue pauses")
}

#[test]
fn a_queue_survives_its_memento() {
    let story = everything();
    let memento = story.queue.memento();
    assert_eq!(memento.state, QueueState::Paused);
    assert_eq!((memento.outbound.len(), memento.passed.len()), (1, 1));
    assert_eq!(Queue::from_memento(memento.clone()).memento(), memento);
}

#[test]
fn after_a_restart_every_answer_is_the_same() {
    let asks = [
        "awa finishes c7",
        "awa starts c7",
        "awa recalls c7",
        "binta calls",
        "cheikh calls c6",
        "awa resumes c4",
        "boss reinstates c5",
        "far checks-in",
        "c1 arrives leg=2",
        "c2 arrives leg=2",
        "screen confirms c2 leg=2",
        "queue opens",
        "queue ticks",
        "queue closes expiring",
        "dup joins customer=kofi",
        "boss tags c5 with=x",
    ];
    for ask in asks {
        // An offer does not survive a restart: it is withdrawn on both sides.
        let story = || everything().given("screen withdraws first o1; queue opens");
        let (before, after) = (story().when(ask), story().restarted().when(ask));
        assert_eq!(format!("{:?}", before.events()), format!("{:?}", after.events()), "{ask}");
        assert_eq!(before.queue.memento(), after.queue.memento(), "{ask}");
    }
}

#[test]
fn the_counts_survive_as_well() {
    let story = everything().given("screen withdraws first o1");
    assert_eq!(Queue::from_memento(story.queue.memento()).tally(), story.queue.tally());
}
