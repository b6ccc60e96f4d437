//! Who asks, and what they may do: access tokens (JWT, ES256), their keys, and the principals they stand for.
//!
//! `keys` makes and reads signing keys, `mint` writes tokens, `verifier` reads them, `principal` is what they say.
//! Invariant: nothing about a caller comes from anywhere but a token whose signature was checked.

mod claims;
mod ended;
mod keys;
mod master_key;
mod minting;
mod principal;
#[cfg(test)]
mod tests;
mod ticket_link;
mod topics;
mod verifier;

pub use claims::AUDIENCE;
pub use keys::{Keys, KeysError};
pub use master_key::{MasterKey, MasterKeyError};
pub use minting::{MintError, MintRequest, mint};
pub(crate) use minting::{mint_granted, sign};
pub use principal::{Grant, Principal, Subject, TokenFacts};
pub(crate) use ticket_link::{Named, TicketLinks};
pub(crate) use topics::may_subscribe;
pub use verifier::{AuthError, AuthSettings, Verifier};

/// How every API key begins; the tenant's slug and an underscore follow.
pub(crate) const API_KEY: &str = "sq_";
