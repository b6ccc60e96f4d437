//! Signing in from outside: a browser and a client, to the real router over the real engine and a real database.
//!
//! The cases of reliability.md carry their ids in their names. The clock stands still until a test moves it.
//! Invariant: nothing here calls a handler directly; rows are looked at, and made only where an e-mail would be.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod asking;
mod browser;
mod codes;
mod consents;
mod forged;
mod members;
mod outside;
mod pages;
mod programs;
mod provider;
mod providers;
mod refreshing;
mod scene;
mod sessions;
mod work;
mod world;
