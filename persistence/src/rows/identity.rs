//! Rows of signing in: accounts, programs, sessions, codes, refresh tokens, and secrets that work once.
//!
//! Whoever shows a secret is found by its SHA-256. What a row means is judged by the edge.
//! Invariant: no secret that was given away can be read back from a row.

use domain::{TenantId, Timestamp};
use uuid::Uuid;

/// What a person signs in with. Accounts of the platform stand under the nil tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    pub tenant: TenantId,
    /// The agent's id.
    pub account: Uuid,
    /// In lower case; unique in the tenant.
    pub email: String,
    /// PHC string; none until an invitation was accepted.
    pub password_hash: Option<String>,
    /// Sealed.
    pub totp: Option<Vec<u8>>,
    /// The last step of which a code was used.
    pub totp_last_step: u64,
    /// SHA-256 in hex, of the codes that were not used yet.
    pub recovery_hashes: Vec<String>,
    pub verified_at: Option<Timestamp>,
    pub disabled_at: Option<Timestamp>,
    pub password_changed_at: Option<Timestamp>,
    pub language: Option<String>,
    pub version: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A program that may ask for tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRow {
    pub tenant: TenantId,
    pub client_id: String,
    pub name: String,
    /// None: public.
    pub secret_hash: Option<[u8; 32]>,
    pub redirect_uris: Vec<String>,
    pub grants: Vec<String>,
    pub scopes: String,
    /// Of service accounts.
    pub role: Option<String>,
    pub first_party: bool,
    pub disabled_at: Option<Timestamp>,
    pub version: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A browser in which somebody signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    pub tenant: TenantId,
    pub hash: [u8; 32],
    pub account: Uuid,
    pub auth_time: Timestamp,
    /// Such as `pwd otp`.
    pub methods: String,
    pub expires_at: Timestamp,
    pub created_at: Timestamp,
    /// To the minute.
    pub used_at: Timestamp,
    /// Such as `Firefox, Linux`: words of ours, not the browser's own.
    pub browser: Option<String>,
    /// Shortened, so that it names a network and no person.
    pub address: Option<String>,
}

/// Somebody, or one sign-in, all of whose access tokens of up to then ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedRow {
    pub tenant: TenantId,
    /// In the words of whoever checks tokens.
    pub holder: String,
    pub at: Timestamp,
    /// No such token lives longer.
    pub until: Timestamp,
}

/// An authorization code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRow {
    pub tenant: TenantId,
    pub hash: [u8; 32],
    pub client_id: String,
    pub account: Uuid,
    pub redirect_uri: String,
    pub challenge: String,
    pub scope: String,
    pub nonce: Option<String>,
    pub auth_time: Timestamp,
    pub family: Uuid,
    pub expires_at: Timestamp,
}

/// What using a code came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeUse {
    Fresh(CodeRow),
    /// It was used before; what came of it is this family.
    Used {
        family: Uuid,
    },
    Unknown,
}

/// A refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshRow {
    pub tenant: TenantId,
    pub hash: [u8; 32],
    /// All tokens of one sign-in.
    pub family: Uuid,
    pub client_id: String,
    pub account: Uuid,
    pub scope: String,
    pub auth_time: Timestamp,
    pub issued_at: Timestamp,
    /// Unless it is used before.
    pub expires_at: Timestamp,
    /// Of the whole family.
    pub ends_at: Timestamp,
}

/// A refresh token, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRefresh {
    pub row: RefreshRow,
    pub used: bool,
    pub revoked: bool,
}

impl KnownRefresh {
    pub fn is_live(&self, now: Timestamp) -> bool {
        let in_time = self.row.expires_at > now && self.row.ends_at > now;
        in_time && !self.used && !self.revoked
    }
}

/// What using a refresh token came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// The one that was used up.
    Rotated(RefreshRow),
    /// It was used within the grace, and its successor was not: give the same successor again.
    Again(RefreshRow),
    Reused {
        family: Uuid,
    },
    Unknown,
}

/// A secret that works once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnceRow {
    pub tenant: TenantId,
    pub hash: [u8; 32],
    /// What it is for: `setup`, `invite`, `reset`, `verify`, `mfa`, `totp`.
    pub purpose: String,
    /// Whom or what it is about.
    pub subject: String,
    /// JSON.
    pub data: String,
    pub tries_left: u32,
    pub expires_at: Timestamp,
}
