//! Rows of known people.
//!
//! A person is recognised by phone number, else by e-mail address, as the caller normalised them.
//! Invariant: within a tenant no two customers share a phone number or an e-mail address.

use domain::{CustomerId, TenantId, Timestamp};

/// A known person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    pub tenant: TenantId,
    pub customer: CustomerId,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub language: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
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
