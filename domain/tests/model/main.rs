//! Random walks through a queue, compared step by step with a model that scans a list.
//!
//! After every step: the same answer, the same state of every ticket, and every invariant read from outside;
//! the journal is audited and replayed, whole and from a snapshot. The clock jumps forward and back.
//! Invariant: a walk is a function of what was drawn, so a failing one is found again and shrunk.
#![allow(
    clippy::unwrap_used,
    clippy::unreachable,
    reason = "a world that cannot be built is a failed test"
)]

mod book;
mod draw;
#[path = "../checks/log.rs"]
mod log;
mod planted;
#[path = "../checks/state.rs"]
mod state;
mod walk;
mod world;

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use book::{Book, Slip};
use walk::{HONEST, Walk};
use world::Step;

struct Model;

impl ReferenceStateMachine for Model {
    type State = Book;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Book> {
        draw::setup().prop_map(|setup| Book::new(setup, Slip::None)).boxed()
    }

    fn transitions(book: &Book) -> BoxedStrategy<Step> {
        draw::step(book)
    }

    fn apply(mut book: Book, step: &Step) -> Book {
        book.step(step.jump_secs, &step.ask);
        book
    }
}

struct Compared;

impl StateMachineTest for Compared {
    type SystemUnderTest = Walk;
    type Reference = Model;

    fn init_test(book: &Book) -> Walk {
        Walk::new(book.setup, HONEST)
    }

    fn apply(mut walk: Walk, book: &Book, step: Step) -> Walk {
        walk.step(&step);
        let faults = walk.compare(book);
        assert!(faults.is_empty(), "after {step:?}: {faults:#?}");
        walk
    }

    fn check_invariants(walk: &Walk, _: &Book) {
        assert!(walk.faults.is_empty(), "{:#?}", walk.faults);
    }
}

prop_state_machine! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]
    #[test]
    fn a_queue_does_what_the_model_does(sequential 1..90 => Compared);
}
