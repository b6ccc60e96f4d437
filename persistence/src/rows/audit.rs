//! Rows of the audit log: one thing that somebody did, or was refused.
//!
//! Each is numbered within its tenant and holds the hash of the one before it; whoever writes it makes the hash.
//! Invariant: a row is never changed or deleted by this program.

use domain::{TenantId, Timestamp};

/// One entry of a tenant's audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The nil id stands for the platform.
    pub tenant: TenantId,
    /// Counts the tenant's entries, from 1 and without gaps.
    pub seq: u64,
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    pub object: String,
    /// ok, denied or failed.
    pub outcome: String,
    pub address: Option<String>,
    pub request_id: Option<String>,
    /// JSON, without personal data.
    pub before: Option<String>,
    /// JSON, without personal data.
    pub after: Option<String>,
    pub prev_hash: [u8; 32],
    pub hash: [u8; 32],
}

/// Where a tenant's audit log ends; nought and zeros for an empty one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditHead {
    pub seq: u64,
    pub hash: [u8; 32],
}

/// Which entries are wanted. What is none narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub actor: Option<String>,
    pub action: Option<String>,
    pub object: Option<String>,
    pub outcome: Option<String>,
    pub from: Option<Timestamp>,
    /// Not included.
    pub to: Option<Timestamp>,
}

/// One page of a log, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    pub rows: Vec<AuditRow>,
    /// The page after this one begins below this number; none on the last.
    pub next: Option<u64>,
}
