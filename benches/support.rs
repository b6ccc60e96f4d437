//! What the benches share: a branch on a running server, and clients that cost as little as possible.
//!
//! Invariant: nothing here is measured by itself.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "each bench uses a part of it, and stops at any failure"
)]

pub(crate) mod branch;
pub(crate) mod load;
