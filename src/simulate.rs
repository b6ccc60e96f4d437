//! Simulations for the command line: the same people under each policy and each number of counters.
//!
//! People come from rates (`Synthetic`) or from a queue log (`from_log`); the report is data and a table.
//! Invariant: every run of a contest sees the same people.

mod contest;
mod log;
mod report;

pub(crate) use contest::{Contest, Counters, Pair, Synthetic, classes, secs};
pub(crate) use log::from_log;
pub(crate) use report::Report;
