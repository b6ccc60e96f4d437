//! Stories about the program as an operator types it: what it prints, where, and how it ends.
//!
//! Each starts the real binary; `program` is how. Invariant: no story knows another, or the machine.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a story that cannot go on ends here")]

mod administering;
mod applying;
mod audit;
mod canaries;
mod program;
mod reports;
mod serving;
mod simulating;
mod tls;
mod tokens;
mod usage;
mod vault;
