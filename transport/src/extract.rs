//! Bad input becomes a problem here: bodies, paths, queries and headers.
//!
//! Everything is refused that the API does not describe: unknown members, unknown parameters, other media types.
//! Invariant: what passes is typed, within its limits, and came from somebody who was let in.

mod body;
mod call;
mod form;
mod headers;
mod instant;
mod path;
mod query;
mod signed;
#[cfg(test)]
mod tests;

pub(crate) use body::{JsonBody, parse_json, read};
pub(crate) use call::Call;
pub(crate) use form::form_of;
pub(crate) use headers::{IfMatch, bearer, sound_key};
pub(crate) use instant::Instant;
pub(crate) use path::PathId;
pub(crate) use query::{Asked, page_of};
pub(crate) use signed::{Signed, refuse_query};
