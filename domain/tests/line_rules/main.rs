//! What is promised of a line under every policy, checked on random traces and on told examples.
//!
//! A trace is a list of steps (somebody joins, leaves, is called; time passes) played on the line and on a plain
//! list beside it; instants are multiples of half a minute, so that ties are common.
//! Invariant: every check compares the line with something written the slow and obvious way.

mod ahead;
mod bound;
mod examples;
mod order;
mod places;
mod sla;
mod trace;
