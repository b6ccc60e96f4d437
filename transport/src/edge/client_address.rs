//! Where a request comes from: the address of the client.
//!
//! The server puts the connection's peer address into every request; whoever knows better, such as a trusted proxy's
//! header, replaces it before the routes.
//! Invariant: nothing that a client can write decides it here.

use std::net::IpAddr;

/// The client's address, among the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientAddress(pub IpAddr);
