//! Outside identity providers: what OpenID Connect says, spoken as a relying party.
//!
//! In reading order: what a provider publishes (`metadata`), what is remembered of it (`outside`), a code made into an ID
//! token (`exchange`), the token judged (`id_token`), and its groups made into a role (`provider`). Pages are in `signin`.
//! Invariant: everything is asked through the guard, and nothing of a token is believed before its signature was checked.

mod exchange;
mod id_token;
mod metadata;
mod outside;
mod provider;

pub(crate) use exchange::{Exchange, exchange, plain};
pub(crate) use id_token::{Expected, Identity, Untrue, head, judge};
pub(crate) use metadata::sound_issuer;
pub(crate) use outside::Outside;
pub(crate) use provider::{Provider, enabled, rank};

/// Why a provider cannot be used just now, in words for whoever administers it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Fault(pub(crate) String);
