//! A page that cannot be made: the store did not answer, or there is more to do than is taken.
//!
//! People see the API's own problem then, which is rare enough.
//! Invariant: nothing of the failure is told.

use axum::response::{IntoResponse, Response};
use persistence::{SaveError, StoreError};

use crate::problem::{Code, Problem};

/// It may go better next time.
#[derive(Debug)]
pub(crate) struct Failed(Problem);

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed a sign-in page");
        Self(Problem::of(Code::OutcomeUnknown).retry_after(1))
    }
}

impl From<SaveError> for Failed {
    fn from(error: SaveError) -> Self {
        tracing::error!(%error, "an account was not kept");
        Self(Problem::of(Code::OutcomeUnknown).retry_after(1))
    }
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        failed.0
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}
