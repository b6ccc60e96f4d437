//! Requests that the program makes itself: to addresses that tenants choose, so behind a guard.
//!
//! In reading order: which addresses may be called (`addresses`), and the client that calls no others (`guard`).
//! Invariant: nothing that a tenant configures is fetched by any other client.

mod addresses;
mod guard;

pub use guard::{Guard, GuardError, Resolver};
