//! The audit log under attack: whatever is done to its rows behind the program's back is found, and at the right entry.
//!
//! A real engine records into a real database; a connection of its own then tampers, as somebody with the database's
//! password would, and the log is verified as `smartqueue verify --audit` does.
//! Invariant: the untouched log verifies, so what is found was put there.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a story that cannot go on ends here")]

mod checkpoints;
mod draw;
mod tampering;
mod world;
