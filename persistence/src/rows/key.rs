//! Rows of promises to the outside: idempotency keys with their replies, and intents to notify somebody.
//!
//! Both are written in the batch of the events they belong to, so effect and promise are one atom.
//! Invariant: `seq` only grows, so keys are appended and looked up without an index on their hash.

use domain::{CustomerId, TenantId, TicketId, Timestamp};
use uuid::Uuid;

use crate::journal::Word;

/// The reply that a repeated request gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    pub tenant: TenantId,
    /// Given by the one writer in ascending order; starts after [`crate::Store::max_key_seq`].
    pub seq: u64,
    /// SHA-256 of scope and key.
    pub key_hash: [u8; 32],
    /// SHA-256 of the request.
    pub fingerprint: [u8; 32],
    /// HTTP status of the reply.
    pub status: u16,
    pub body: String,
    pub at: Timestamp,
}

/// A key as it is kept in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveKey {
    pub seq: u64,
    pub key_hash: [u8; 32],
    pub fingerprint: [u8; 32],
    pub at: Timestamp,
}

/// The stored reply of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyReply {
    pub status: u16,
    pub body: String,
}

/// An intent to notify somebody; kept as `queued`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentRow {
    pub tenant: TenantId,
    pub id: Uuid,
    pub ticket: TicketId,
    pub customer: Option<CustomerId>,
    /// What happened: `ticket.called`, ….
    pub trigger: Word,
    /// Not to be sent before.
    pub due_at: Timestamp,
    /// JSON text without names or addresses.
    pub payload: String,
}
