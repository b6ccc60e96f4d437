//! A request of somebody who was let in: the caller, and the ids of the path.
//!
//! The tenant comes from the token; the one in the path must be the same, or nothing is found.
//! Invariant: an id that cannot be read answers as one that does not exist.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::Uri;
use axum::http::request::Parts;
use domain::Scope;

use super::bearer;
use crate::edge::{Caller, Edge};
use crate::problem::{Code, Problem};

/// A caller, and what their path names.
pub(crate) struct Signed {
    pub(crate) edge: Edge,
    pub(crate) caller: Caller,
    id: Option<String>,
}

impl FromRequestParts<Edge> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let named = RawPathParams::from_request_parts(parts, edge)
            .await
            .map_err(|_| Problem::of(Code::NotFound))?;
        let of =
            |wanted: &str| named.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        let slug = of("tenant").unwrap_or_default();
        let caller = edge.admit(slug, bearer(&parts.headers)?, &parts.extensions)?;
        Ok(Self { edge: edge.clone(), caller, id: of("id").map(str::to_owned) })
    }
}

impl Signed {
    /// # Errors
    /// 404 when the path's id is none.
    pub(crate) fn id<T: FromStr>(&self) -> Result<T, Problem> {
        self.id.as_deref().and_then(|id| id.parse().ok()).ok_or(Problem::of(Code::NotFound))
    }

    /// # Errors
    /// 403 when none of `scopes` is held.
    pub(crate) fn needs(&self, scopes: &[Scope]) -> Result<(), Problem> {
        self.caller.principal.holds_any(scopes)
    }
}

/// # Errors
/// 400 when there is a query where none is known.
pub(crate) fn refuse_query(uri: &Uri) -> Result<(), Problem> {
    match uri.query().filter(|query| !query.is_empty()) {
        Some(_) => {
            Err(Problem::new(Code::InvalidRequest, "this address takes no query parameters"))
        }
        None => Ok(()),
    }
}
