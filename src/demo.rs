//! The demo: a branch in Dakar on a database of its own, tokens for everybody, and simulated people.
//!
//! The branch is declared once by natural keys, so what a visitor changes stays. The simulated people know nothing
//! but the network: kiosks speak REST, agents sit on sockets.
//! Invariant: one agent and one counter at least are left to the visitor.

mod agents;
mod branch;
mod chance;
mod clerk;
mod crowd;
mod post;
mod session;
mod socket;
mod street;
mod tempo;
mod words;

pub(crate) use branch::Branch;
pub(crate) use chance::Chance;
pub(crate) use crowd::{Crowd, reachable};
pub(crate) use session::Session;

/// Slug of the demo's tenant.
pub(crate) const TENANT: &str = "demo";
