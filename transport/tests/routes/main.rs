//! The routes from outside: requests as clients send them, to the real router over the real engine.
//!
//! Each test has a database file and an engine of its own. One file per matter.
//! Invariant: nothing here calls a handler or an actor directly.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod access;
mod commands;
mod configuration;
mod desk;
mod front;
mod served;
mod server;
mod tls;
mod web;
mod world;
