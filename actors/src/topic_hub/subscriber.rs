//! Who listens: the sending end of a session's outbox, and what lies in it.
//!
//! A session has one outbox and one wire format for all its topics. What it says on its own account
//! (welcome, results, pong) goes through the same outbox, so that everything leaves in order.
//!
//! Invariant: what lies in an outbox weighs as many bytes as it will take on the wire.

use std::sync::Arc;

use bytes::Bytes;
use outbox::{Sender, Weigh};

use super::frame::{Frame, Position};

/// One session, as the hub knows it. From [`Hub::new_subscriber_id`](super::Hub::new_subscriber_id).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SubscriberId(pub(super) u64);

/// In which form a session hears frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wire {
    /// `smartqueue.v1.json`.
    Json,
    /// `smartqueue.v1.msgpack`.
    MsgPack,
    /// As [`Self::Json`], with the histograms of figures.
    JsonFull,
    /// As [`Self::MsgPack`], with the histograms of figures.
    MsgPackFull,
    /// The one-topic sockets: `{type, …, timestamp}`.
    Compat,
    /// Server-sent events.
    EventStream,
}

impl Wire {
    /// This form with the histograms of figures, where it has room for them.
    #[must_use]
    pub const fn with_histograms(self) -> Self {
        match self {
            Self::Json | Self::JsonFull => Self::JsonFull,
            Self::MsgPack | Self::MsgPackFull => Self::MsgPackFull,
            Self::Compat | Self::EventStream => self,
        }
    }
}

/// The sending end of a session's outbox. Its limits: [`outbox::Limits`].
pub type SessionOutbox = Sender<Outgoing>;

/// One session listening, to be attached to any number of topics.
#[derive(Clone, Debug)]
pub struct Subscriber {
    /// Unique in the hub.
    pub id: SubscriberId,
    /// The form it hears.
    pub wire: Wire,
    /// Where its frames go.
    pub outbox: SessionOutbox,
}

/// One thing to be written to a socket.
#[derive(Clone, Debug)]
pub enum Outgoing {
    /// A frame shared with the other subscribers of its topic.
    Frame(Arc<Frame>, Wire),
    /// What the session itself says, already encoded.
    Own(Bytes),
}

impl Outgoing {
    /// What goes over the wire.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        match self {
            Self::Frame(frame, wire) => frame.encoded(*wire),
            Self::Own(bytes) => bytes,
        }
    }
}

impl Weigh for Outgoing {
    fn weight(&self) -> usize {
        self.bytes().len()
    }
}

/// What became of an attempt to go on listening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attach {
    /// `subscribed` and all missed frames are queued up to this position; live from here.
    Recovered(Position),
    /// Ask the owner of the topic for [`Hub::attach_with_snapshot`](super::Hub::attach_with_snapshot).
    NeedsSnapshot {
        /// The client knew something that is void now: to be said in the snapshot.
        reset: bool,
    },
    /// The outbox has ended. Nothing was attached.
    Closed,
}
