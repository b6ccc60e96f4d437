//! Stories about one queue and one agent: what was, what somebody asks, what follows.
//!
//! Each story is a few words (`story.rs` says which) and after each step every invariant is checked and the
//! journal replayed, so that a story is also a test of all that it does not mention.
//! Invariant: a story needs no clock, no chance and no other story.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a story that cannot be told is a failed test"
)]

mod access;
mod agents;
mod at_counter;
mod calling;
mod close_of_day;
mod fact;
mod issuing;
mod ladder;
mod leaving;
#[path = "../checks/log.rs"]
mod log;
mod memento;
mod names;
mod numbering;
mod offers;
mod opening_hours;
mod queue_state;
#[path = "../checks/state.rs"]
mod state;
mod states;
mod story;
mod transfer;
mod upkeep;
mod words;
