//! The id in a path of a route that asks nobody who they are.
//!
//! Routes of somebody signed in take theirs from `Signed`.
//! Invariant: an id that cannot be read answers as one that does not exist.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::edge::Edge;
use crate::problem::{Code, Problem};

/// The path's `{id}`.
pub(crate) struct PathId<T>(pub(crate) T);

impl<T: FromStr + Send> FromRequestParts<Edge> for PathId<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let path = RawPathParams::from_request_parts(parts, edge).await.ok();
        let id = path.as_ref().and_then(|path| path.iter().find(|(name, _)| *name == "id"));
        let id = id.and_then(|(_, value)| value.parse().ok());
        id.map(Self).ok_or(Problem::of(Code::NotFound))
    }
}
