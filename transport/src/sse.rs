//! One topic as server-sent events, for displays that cannot hold a socket.
//!
//! `id:` is the position of a frame, so a browser comes back with `Last-Event-ID` and misses nothing; a comment keeps
//! proxies awake. The frames are those of the hub, encoded once for everybody.
//! Invariant: a stream ends with its token, with the program, and when its reader is too slow.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actors::{Outgoing, Position, Subscriber, Topic, Wire};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures_util::stream::unfold;
use outbox::{Limits, Receiver, outbox};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::auth::may_subscribe;
use crate::edge::{Caller, Edge};
use crate::problem::{Code, Problem};
use crate::ws::{Following, KEEP_ALIVE, Knock, Seat};

const COMMENT: Bytes = Bytes::from_static(b": keep-alive\n\n");
/// How long a browser waits before it comes back, in the words of the format.
const RETRY: Bytes = Bytes::from_static(b"retry: 2000\n\n");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// One reader. The receiver is dropped before what it follows: see [`Following`].
struct Feed {
    receiver: Receiver<Outgoing>,
    following: Following,
    _seat: Seat,
    stopping: CancellationToken,
    ends: Instant,
    comment_at: Instant,
}

/// `GET /events?topic=…`.
pub(crate) async fn events(knock: Knock) -> Result<Response, Problem> {
    knock.only(&["topic", "ticket"])?;
    let caller = knock
        .caller()?
        .ok_or_else(|| Problem::unauthenticated("a bearer token or a ticket is needed"))?;
    let topic = topic_of(&knock, &caller)?;
    let (mut feed, subscriber) = Feed::new(&knock, &caller);
    feed.following.note(topic, 1);
    caller.tenant.subscribe(topic, subscriber, seen(&knock.headers)).await?;
    let frames = unfold(feed, async |mut feed| {
        feed.next().await.map(|bytes| (Ok::<_, Infallible>(bytes), feed))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(frames)).into_response())
}

/// A topic that the caller may not follow is not there.
fn topic_of(knock: &Knock, caller: &Caller) -> Result<Topic, Problem> {
    let text = knock
        .parameter("topic")
        .ok_or_else(|| Problem::invalid_parameter("topic", "name one topic"))?;
    // Colons may come escaped.
    let text = text.replace("%3A", ":").replace("%3a", ":");
    let topic = text.parse().map_err(|error: actors::TopicError| {
        Problem::invalid_parameter("topic", error.to_string())
    })?;
    let may = may_subscribe(&caller.principal, &caller.tenant.directory(), topic);
    if may { Ok(topic) } else { Err(Problem::of(Code::NotFound)) }
}

/// Where the reader left off. What we never said is told apart from nothing: the reader gets a reset.
fn seen(headers: &HeaderMap) -> Option<Position> {
    let id = headers.get(LAST_EVENT_ID)?.to_str().unwrap_or_default();
    if id.is_empty() {
        return None;
    }
    Some(id.parse().unwrap_or(Position { epoch: 0, seq: 0 }))
}

impl Feed {
    fn new(knock: &Knock, caller: &Caller) -> (Self, Subscriber) {
        let edge = &knock.edge;
        let bytes_max = edge.limits().outbox_bytes_max;
        let (outbox, receiver) = outbox(Limits { bytes_max, ..Limits::default() });
        let _ended = outbox.push(Outgoing::Own(RETRY));
        let id = edge.engine().hub().new_subscriber_id();
        let subscriber = Subscriber { id, wire: Wire::EventStream, outbox };
        let now = Instant::now();
        let feed = Self {
            receiver,
            following: Following::nothing(caller.tenant.clone(), id),
            _seat: Arc::clone(&knock.sockets.roster).join(edge, caller, &subscriber),
            stopping: edge.stopping().clone(),
            ends: now + remaining(edge, caller),
            comment_at: now + KEEP_ALIVE,
        };
        (feed, subscriber)
    }

    /// What to write next; none when the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        let until = self.comment_at.min(self.ends);
        tokio::select! {
            ready = self.receiver.ready() => {
                ready.ok()?;
                self.comment_at = Instant::now() + KEEP_ALIVE;
                Some(self.waiting())
            }
            () = sleep_until(until) => {
                self.comment_at = Instant::now() + KEEP_ALIVE;
                (Instant::now() < self.ends).then_some(COMMENT)
            }
            () = self.stopping.cancelled() => None,
        }
    }

    /// All that waits, as one piece.
    fn waiting(&mut self) -> Bytes {
        let mut batch = Vec::new();
        self.receiver.drain(&mut batch);
        if let [only] = batch.as_slice() {
            return only.bytes().clone();
        }
        let mut all =
            BytesMut::with_capacity(batch.iter().map(|outgoing| outgoing.bytes().len()).sum());
        batch.iter().for_each(|outgoing| all.extend_from_slice(outgoing.bytes()));
        all.freeze()
    }
}

/// How long the caller's token still lives; ten years stand for ever.
fn remaining(edge: &Edge, caller: &Caller) -> Duration {
    let micros = caller.principal.expires_at.micros_since(edge.engine().clock().now());
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
        .min(Duration::from_secs(10 * 365 * 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came_back_with(id: &'static str) -> Option<Position> {
        seen(&[(LAST_EVENT_ID, axum::http::HeaderValue::from_static(id))].into_iter().collect())
    }

    #[test]
    fn a_reader_comes_back_with_the_id_of_its_last_frame() {
        assert_eq!(came_back_with("7-1041"), Some(Position { epoch: 7, seq: 1041 }));
        assert_eq!(came_back_with(""), None);
        assert_eq!(seen(&HeaderMap::new()), None);
    }

    #[test]
    fn an_id_that_is_none_of_ours_is_answered_with_a_reset() {
        for wrong in ["1041", "7-", "x-y", "-1--1"] {
            assert_eq!(came_back_with(wrong), Some(Position { epoch: 0, seq: 0 }), "{wrong}");
        }
    }
}
