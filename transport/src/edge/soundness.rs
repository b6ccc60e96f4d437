//! Requests that two readers could understand differently: refused, or the last of their connection.
//!
//! The parser refuses most of them. It lets through a missing or doubled `Host`, which is refused here, and a length
//! beside chunks, where it reads the chunks and hides the length: so after any chunked request the connection ends, and
//! what follows is never taken for a request of its own.
//! Invariant: what a proxy before us may have read as one request is never answered as two.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, Version, header};

use super::address::Arrival;
use crate::problem::{Code, Problem};

/// # Errors
/// 400 for a request that names no host, or two.
pub(super) fn check(request: &Request<Body>) -> Result<(), Problem> {
    // Only what came over a connection must say whom it is for.
    if request.extensions().get::<Arrival>().is_none() {
        return Ok(());
    }
    let hosts = request.headers().get_all(header::HOST).iter().count();
    let is_old = request.version() == Version::HTTP_10;
    if hosts == 1 || (hosts == 0 && is_old) {
        Ok(())
    } else {
        Err(Problem::new(Code::InvalidRequest, "send one Host header"))
    }
}

pub(super) fn is_chunked(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
}

/// Ends the connection behind this answer.
pub(super) fn close(headers: &mut HeaderMap) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
}
