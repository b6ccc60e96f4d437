//! What one socket has asked and not yet been answered: one request in hand, the others in line behind it.
//!
//! Requests of one socket are carried out one after the other, so their effects come in the order of asking, and
//! frames of topics flow on meanwhile. With a full line nothing more is read from the socket.
//! Invariant: an idle socket holds no memory here.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use actors::Topic;
use bytes::Bytes;

use super::limits::REQUESTS_WAITING_MAX;
use super::message::FromClient;

/// What came of a request.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// To be sent, in the form of the socket's wire.
    pub(crate) say: Option<Bytes>,
    /// The topic could not be followed after all.
    pub(crate) lost: Option<Topic>,
    /// It was a door that the client may not open.
    pub(crate) is_forbidden: bool,
}

/// A request that is being carried out.
pub(crate) type InHand = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// The requests of one socket.
#[derive(Default)]
pub(crate) struct Requests {
    in_hand: Option<InHand>,
    waiting: VecDeque<FromClient>,
}

impl Requests {
    /// Whether the socket may be read further.
    pub(crate) fn have_room(&self) -> bool {
        self.waiting.len() < REQUESTS_WAITING_MAX
    }

    pub(crate) fn push(&mut self, request: FromClient) {
        self.waiting.push_back(request);
    }

    /// The next in line, if none is in hand.
    pub(crate) fn take_next(&mut self) -> Option<FromClient> {
        if self.in_hand.is_some() {
            return None;
        }
        let next = self.waiting.pop_front();
        if self.waiting.is_empty() && self.waiting.capacity() > 0 {
            self.waiting = VecDeque::new();
        }
        next
    }

    pub(crate) fn take_in_hand(&mut self, request: InHand) {
        self.in_hand = Some(request);
    }

    /// Waits for the request in hand; for ever if there is none. Safe to cancel.
    pub(crate) fn reply(&mut self) -> impl Future<Output = Reply> + '_ {
        poll_fn(|context| self.poll_reply(context))
    }

    fn poll_reply(&mut self, context: &mut Context<'_>) -> Poll<Reply> {
        let Some(in_hand) = &mut self.in_hand else { return Poll::Pending };
        let reply = in_hand.as_mut().poll(context);
        if reply.is_ready() {
            self.in_hand = None;
        }
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_are_taken_one_after_the_other_in_order() {
        let mut requests = Requests::default();
        for topic in ["a", "b"] {
            requests.push(FromClient::Unsubscribe { topic: topic.to_owned() });
        }
        assert!(
            matches!(requests.take_next(), Some(FromClient::Unsubscribe { topic }) if topic == "a")
        );
        requests.take_in_hand(Box::pin(async { Reply { is_forbidden: true, ..Reply::default() } }));
        assert!(requests.take_next().is_none());
        assert!(requests.reply().await.is_forbidden);
        assert!(
            matches!(requests.take_next(), Some(FromClient::Unsubscribe { topic }) if topic == "b")
        );
        assert!(requests.take_next().is_none());
    }

    #[test]
    fn the_line_is_bounded_and_an_idle_socket_holds_nothing() {
        let mut requests = Requests::default();
        let mut asked = 0;
        while requests.have_room() {
            requests.push(FromClient::Ping {});
            asked += 1;
        }
        assert_eq!(asked, REQUESTS_WAITING_MAX);
        while requests.take_next().is_some() {}
        assert_eq!(requests.waiting.capacity(), 0);
    }
}
