//! Rows of configuration: tenants, and one table for everything a tenant sets up.
//!
//! The tenant's actor is the only writer and keeps them in memory; the version makes a lost update visible.
//! Invariant: a key is unique among the rows of its tenant and kind.

use domain::{TenantId, Timestamp};
use uuid::Uuid;

use crate::journal::Word;

/// One customer of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    pub tenant: TenantId,
    /// Short name for URLs and the command line. Unique.
    pub slug: String,
    pub name: String,
    pub version: u64,
    /// JSON object.
    pub body: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// One site, service, queue, counter, agent or device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRow {
    pub tenant: TenantId,
    /// `site`, `service`, `queue`, `counter`, `agent`, `device`.
    pub kind: String,
    pub id: Uuid,
    /// Unique within tenant and kind.
    pub key: String,
    pub version: u64,
    /// JSON object.
    pub body: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// One change to the configuration rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceWrite {
    /// Create or replace.
    Put {
        kind: Word,
        id: Uuid,
        key: String,
        /// Version after this write.
        version: u64,
        /// JSON object.
        body: String,
        /// The version being replaced; none creates a row that must not exist yet.
        expected_version: Option<u64>,
    },
    /// Take away.
    Delete {
        kind: Word,
        id: Uuid,
        /// The version being deleted; none deletes any, and is content when there is no such row.
        expected_version: Option<u64>,
    },
}
