//! Rows of what a person has let in: programs of others.
//!
//! The browsers that they signed in with are sessions, among the rows of signing in.
//! Invariant: a person and a program have one row between them, however often they were asked.

use domain::{TenantId, Timestamp};
use uuid::Uuid;

/// What a person allowed a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRow {
    pub tenant: TenantId,
    pub account: Uuid,
    pub client_id: String,
    /// Words with spaces between.
    pub scope: String,
    /// The first time.
    pub given_at: Timestamp,
    pub updated_at: Timestamp,
}
