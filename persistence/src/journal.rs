//! The journal's rows: events, snapshots, and the batch that is kept in one transaction.
//!
//! A stream is the life of one queue or one agent: events numbered from 1 without a gap, each hashed over the one before.
//! Invariant: a batch is kept whole or not at all, read-model rows included.

pub mod chain;
pub mod entry;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use domain::{AgentId, QueueId, TenantId, Timestamp};
use uuid::Uuid;

use crate::rows::{IntentRow, KeyRow, LegRow, TicketPrivateRow, TicketRow};

/// One stream of events: the id of the queue or the agent whose life it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub Uuid);

impl From<Uuid> for StreamId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl From<QueueId> for StreamId {
    fn from(queue: QueueId) -> Self {
        Self(queue.0)
    }
}

impl From<AgentId> for StreamId {
    fn from(agent: AgentId) -> Self {
        Self(agent.0)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An event about to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub tenant: TenantId,
    pub stream: StreamId,
    /// Its place in the stream: one more than the event before it, 1 for the first.
    pub version: u64,
    /// Such as `ticket.issued`. A promise: never reused with another meaning.
    pub kind: &'static str,
    /// Version of the payload's form under this kind.
    pub format: u16,
    pub at: Timestamp,
    /// Who did it: a user, a device, the system.
    pub actor: Arc<str>,
    /// The command or idempotency key that caused it.
    pub cause: Option<String>,
    /// JSON text. Never holds a name, a phone number or a note.
    pub payload: String,
}

/// An event as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    pub tenant: TenantId,
    pub stream: StreamId,
    pub version: u64,
    pub kind: String,
    pub format: u16,
    pub at: Timestamp,
    pub actor: String,
    pub cause: Option<String>,
    /// JSON text, byte for byte as it was appended.
    pub payload: String,
    /// Hash of the event before it; zeros for the first.
    pub prev_hash: [u8; 32],
    /// See [`chain::next_hash`].
    pub hash: [u8; 32],
}

/// Where a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Version of the last event; 0 for a stream without events.
    pub version: u64,
    /// Hash of the last event; zeros for a stream without events.
    pub hash: [u8; 32],
}

/// A state about to be kept, so that recovery need not read the whole stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRow {
    pub tenant: TenantId,
    pub stream: StreamId,
    /// The last event that the state contains. That event is in the journal or in the same batch.
    pub version: u64,
    /// Version of the state's form.
    pub format: u16,
    /// MessagePack.
    pub state: Vec<u8>,
    pub at: Timestamp,
}

/// A state as the journal keeps it, its checksum already verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub version: u64,
    pub format: u16,
    /// MessagePack.
    pub state: Vec<u8>,
    pub at: Timestamp,
}

/// What recovery needs: the newest usable snapshot and everything that happened after it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoadedStream {
    pub snapshot: Option<Snapshot>,
    /// The events after the snapshot, in order, their hash chain verified.
    pub tail: Vec<StoredEvent>,
    pub head: Head,
}

/// Everything that is kept in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// In the order of their versions within each stream; streams may be mixed.
    pub events: Vec<NewEvent>,
    /// Rows of tickets that are new with this batch: inserted, where the others are compared with what stands there.
    pub issued: Vec<TicketRow>,
    /// At the same ticket the row with the highest (leg, version) wins, here and in the table.
    pub tickets: Vec<TicketRow>,
    pub legs: Vec<LegRow>,
    pub private: Vec<TicketPrivateRow>,
    pub intents: Vec<IntentRow>,
    pub keys: Vec<KeyRow>,
    pub snapshots: Vec<SnapshotRow>,
}

impl Batch {
    /// True when there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.issued.is_empty()
            && self.tickets.is_empty()
            && self.legs.is_empty()
            && self.private.is_empty()
            && self.intents.is_empty()
            && self.keys.is_empty()
            && self.snapshots.is_empty()
    }

    /// The tenants of all its rows, each once, with commas between.
    pub(crate) fn tenants(&self) -> String {
        let mut tenants: Vec<TenantId> = Vec::new();
        tenants.extend(self.events.iter().map(|row| row.tenant));
        tenants.extend(self.issued.iter().map(|row| row.tenant));
        tenants.extend(self.tickets.iter().map(|row| row.tenant));
        tenants.extend(self.legs.iter().map(|row| row.tenant));
        tenants.extend(self.private.iter().map(|row| row.tenant));
        tenants.extend(self.intents.iter().map(|row| row.tenant));
        tenants.extend(self.keys.iter().map(|row| row.tenant));
        tenants.extend(self.snapshots.iter().map(|row| row.tenant));
        tenants.sort_unstable();
        tenants.dedup();
        let texts: Vec<String> = tenants.iter().map(|tenant| tenant.0.to_string()).collect();
        texts.join(",")
    }
}

/// Text that is usually a constant of the program and sometimes comes from the database.
pub(crate) type Word = Cow<'static, str>;
