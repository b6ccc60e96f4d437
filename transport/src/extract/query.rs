//! Query parameters: typed, and refused when nobody knows them.
//!
//! Pages are asked for with `limit` (at most what the limits say) and `cursor` (from the page before).
//! Invariant: a page never holds more rows than the installation allows.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::edge::{Edge, Limits};
use crate::problem::{Code, Problem};

/// Rows of a page when nobody says.
const ROWS: u32 = 50;

/// The query, parsed.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Edge> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Edge) -> Result<Self, Problem> {
        Self::of(&parts.uri)
    }
}

impl<T: DeserializeOwned> Asked<T> {
    pub(crate) fn of(uri: &axum::http::Uri) -> Result<Self, Problem> {
        let query = Query::try_from_uri(uri).map_err(|rejection| {
            use std::error::Error as _;
            let why = rejection.source().map_or_else(|| rejection.to_string(), ToString::to_string);
            Problem::new(
                Code::InvalidRequest,
                format!("the query is not as the API describes it: {why}"),
            )
        })?;
        Ok(Self(query.0))
    }
}

/// How many rows are wanted.
///
/// # Errors
/// 400 for none or for more than a page may hold.
pub(crate) fn page_of(limit: Option<u32>, limits: &Limits) -> Result<u32, Problem> {
    let max = limits.page_rows_max;
    match limit {
        None => Ok(ROWS.min(max)),
        Some(rows) if (1..=max).contains(&rows) => Ok(rows),
        Some(_) => Err(Problem::invalid_parameter("limit", format!("give 1 to {max}"))),
    }
}
