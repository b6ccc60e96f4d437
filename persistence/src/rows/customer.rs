//! Rows of known people, and of those who were erased.
//!
//! A person is recognised by phone number, else by e-mail address, as the caller normalised them.
//! Invariant: within a tenant no two customers share a phone number or an e-mail address.

use domain::{CustomerId, TenantId, TicketId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A known person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    pub tenant: TenantId,
    pub customer: CustomerId,
    pub person: Person,
    /// Counts changes, from 1.
    pub version: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What is personal about a customer: sealed as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub phone: Option<String>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub language: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    /// JSON object, as the caller writes it.
    #[serde(default)]
    pub consents: String,
}

/// What is known of a person who may be new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomer {
    pub tenant: TenantId,
    /// The id to give if the person is new.
    pub customer: CustomerId,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub language: Option<String>,
    pub at: Timestamp,
}

/// Who is to be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    Customer(CustomerId),
    /// Whoever holds the ticket: its customer or, without one, the ticket alone.
    Ticket(TicketId),
}

/// The receipt of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRow {
    pub tenant: TenantId,
    pub erasure: Uuid,
    /// None when a ticket without a customer was erased.
    pub customer: Option<CustomerId>,
    pub at: Timestamp,
    /// Tickets whose private data went.
    pub tickets: u64,
    /// SHA-256 of its line in the list of erasures.
    pub hash: [u8; 32],
}
