//! Request bodies: read within their size and time, then parsed with an exact address for every fault.
//!
//! The raw bytes are kept, because an idempotency key covers them. A body that is left out stands for `{}`.
//! Invariant: no body is larger in memory than the limit, and no text in it holds a NUL.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use bytes::BytesMut;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use crate::edge::Edge;
use crate::problem::{Code, Problem};

/// All of `body`.
///
/// # Errors
/// When it is larger, or takes longer, than that.
pub(crate) async fn read(body: Body, bytes_max: usize, within: Duration) -> Result<Bytes, Problem> {
    tokio::time::timeout(within, collect(body, bytes_max))
        .await
        .map_err(|_| Problem::of(Code::BodyTimeout))?
}

async fn collect(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let mut pieces = body.into_data_stream();
    let Some(first) = pieces.next().await.transpose().map_err(cut_short)? else {
        return Ok(Bytes::new());
    };
    within(first.len(), bytes_max)?;
    let Some(mut piece) = pieces.next().await.transpose().map_err(cut_short)? else {
        return Ok(first);
    };
    let mut all = BytesMut::from(first);
    loop {
        within(all.len() + piece.len(), bytes_max)?;
        all.extend_from_slice(&piece);
        match pieces.next().await.transpose().map_err(cut_short)? {
            Some(next) => piece = next,
            None => return Ok(all.freeze()),
        }
    }
}

fn within(bytes: usize, bytes_max: usize) -> Result<(), Problem> {
    if bytes > bytes_max {
        Err(Problem::of(Code::BodyTooLarge).fact("bytes_max", bytes_max))
    } else {
        Ok(())
    }
}

fn cut_short(_: axum::Error) -> Problem {
    Problem::new(Code::InvalidJson, "the body was cut short")
}

/// A body that was parsed.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Edge> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        super::refuse_query(&parts.uri)?;
        let raw = read(body, edge.limits().body_bytes_max, edge.limits().body_within).await?;
        check_media_type(&parts.headers, &raw)?;
        parse_json(&raw).map(Self)
    }
}

/// # Errors
/// 415 when there is a body and it does not say that it is JSON.
pub(super) fn check_media_type(headers: &HeaderMap, raw: &[u8]) -> Result<(), Problem> {
    if raw.is_empty() {
        return Ok(());
    }
    let given =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    let is_json = essence.eq_ignore_ascii_case("application/json");
    if is_json { Ok(()) } else { Err(Problem::of(Code::UnsupportedMediaType)) }
}

/// A value from JSON text.
///
/// # Errors
/// 400 with the JSON pointer of the first fault. `serde_json` itself refuses nesting beyond 128 levels.
pub(crate) fn parse_json<T: DeserializeOwned>(raw: &[u8]) -> Result<T, Problem> {
    let raw = if raw.is_empty() { b"{}" } else { raw };
    if has_nul(raw) {
        return Err(Problem::new(Code::InvalidJson, "text may not hold the character NUL"));
    }
    // serde would take the items of an array for the members of a struct, in the order in which we wrote them.
    if raw.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::invalid("", "give a JSON object"));
    }
    let mut reader = serde_json::Deserializer::from_slice(raw);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| fault(&error))?;
    reader
        .end()
        .map_err(|_| Problem::new(Code::InvalidJson, "something follows the JSON value"))?;
    Ok(value)
}

fn fault(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let inner = error.inner();
    if !inner.is_data() {
        return Problem::new(
            Code::InvalidJson,
            format!("the body is not JSON: {}", plain(&inner.to_string())),
        );
    }
    let message = plain(&inner.to_string()).to_owned();
    Problem::invalid(&pointer(error.path(), &message), message)
}

/// Without the line and column, which help nobody who sent one line.
fn plain(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

/// RFC 6901. A member that is missing is named by the message alone.
fn pointer(path: &Path, message: &str) -> String {
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => push(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    missing.into_iter().for_each(|member| push(&mut pointer, member));
    pointer
}

fn push(pointer: &mut String, member: &str) {
    pointer.push('/');
    pointer.push_str(&member.replace('~', "~0").replace('/', "~1"));
}

/// Whether a text in `raw` has the escape `\u0000`: a backslash that is not itself escaped, then that.
fn has_nul(raw: &[u8]) -> bool {
    const ESCAPE: &[u8] = br"\u0000";
    let mut from = 0;
    while let Some(at) = raw[from..].windows(ESCAPE.len()).position(|piece| piece == ESCAPE) {
        let at = from + at;
        let before = raw[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        if before % 2 == 0 {
            return true;
        }
        from = at + ESCAPE.len();
    }
    false
}
