//! One frame: what is said to every subscriber of a topic, in each wire format.
//!
//! The JSON text is made with the frame and is also its stored form; the other encodings are made when the
//! first subscriber needs them and are then shared. All give out the same bytes by reference count.
//!
//! Invariant: a frame never changes, and each of its encodings is made at most once.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use bytes::Bytes;
use domain::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::histograms::{Full, Histograms};
use super::subscriber::Wire;
use super::topic::Topic;

/// A place in a topic. Text form `{epoch}-{seq}`, as in `Last-Event-ID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// Which life of the server the number belongs to.
    pub epoch: u64,
    /// The number of the last frame, counted within the epoch.
    pub seq: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.seq)
    }
}

/// The text is not `{epoch}-{seq}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position: expected two numbers such as 7-1041")]
pub struct PositionError;

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let number = |text: &str| text.parse().map_err(|_| PositionError);
        let (epoch, seq) = text.split_once('-').ok_or(PositionError)?;
        Ok(Self { epoch: number(epoch)?, seq: number(seq)? })
    }
}

/// Something that happened, before it has a number.
#[derive(Clone, Debug)]
pub struct EventFrame {
    /// The `type` on the wire, such as `ticket.called`.
    pub kind: Cow<'static, str>,
    /// When it happened.
    pub at: Timestamp,
    /// The facts: an object.
    pub data: Value,
    /// For figures, and for those who ask.
    pub histograms: Option<Histograms>,
}

impl EventFrame {
    /// An event of `kind`.
    pub fn new(kind: impl Into<Cow<'static, str>>, at: Timestamp, data: Value) -> Self {
        Self { kind: kind.into(), at, data, histograms: None }
    }

    /// The same, with histograms for those who ask.
    #[must_use]
    pub fn with_histograms(self, histograms: Histograms) -> Self {
        Self { histograms: Some(histograms), ..self }
    }
}

/// The whole truth of a topic, for one who cannot go on from what it knew.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When it was taken.
    pub at: Timestamp,
    /// Whether what the client knew is void: copied from [`Attach::NeedsSnapshot`](super::Attach).
    pub reset: bool,
    /// The state: an object.
    pub data: Value,
    /// For figures, and for those who ask.
    pub histograms: Option<Histograms>,
}

/// Which of the three frames of a topic it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// Something happened; the `type` on the wire.
    Event(Cow<'static, str>),
    /// The whole truth up to this position.
    Snapshot {
        /// Whether what the client knew is void.
        reset: bool,
    },
    /// The missed frames follow, beginning after this position.
    Subscribed,
}

/// A numbered frame with its encodings.
#[derive(Debug)]
pub struct Frame {
    topic: Topic,
    position: Position,
    kind: FrameKind,
    at: Timestamp,
    json: Bytes,
    /// How many bytes of `json`, before its closing brace, are the data.
    data_len: usize,
    msgpack: OnceLock<Bytes>,
    compat: OnceLock<Bytes>,
    event_stream: OnceLock<Bytes>,
    histograms: Option<Histograms>,
    json_full: OnceLock<Bytes>,
    msgpack_full: OnceLock<Bytes>,
}

/// The shape on the wire, the same in JSON and MessagePack; the keys in the order of the documentation.
#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a, D> {
    Event {
        op: &'static str,
        topic: Topic,
        seq: u64,
        r#type: &'a str,
        #[serde(serialize_with = "as_text")]
        at: Timestamp,
        data: D,
    },
    Snapshot {
        op: &'static str,
        topic: Topic,
        epoch: u64,
        seq: u64,
        reset: bool,
        data: D,
    },
    Subscribed {
        op: &'static str,
        topic: Topic,
        epoch: u64,
        seq: u64,
        recovered: bool,
    },
}

impl<'a, D> Body<'a, D> {
    fn new(topic: Topic, position: Position, kind: &'a FrameKind, at: Timestamp, data: D) -> Self {
        let Position { epoch, seq } = position;
        match kind {
            FrameKind::Event(r#type) => Self::Event { op: "event", topic, seq, r#type, at, data },
            FrameKind::Snapshot { reset } => {
                Self::Snapshot { op: "snapshot", topic, epoch, seq, reset: *reset, data }
            }
            FrameKind::Subscribed => {
                Self::Subscribed { op: "subscribed", topic, epoch, seq, recovered: true }
            }
        }
    }
}

fn as_text<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

/// Encoding text, numbers and JSON values into memory has no way to fail.
fn encoded<E: fmt::Debug>(bytes: Result<Vec<u8>, E>) -> Bytes {
    bytes.expect("a frame of plain values can always be encoded").into()
}

impl Frame {
    pub(super) fn new(
        topic: Topic,
        position: Position,
        kind: FrameKind,
        at: Timestamp,
        data: &RawValue,
    ) -> Self {
        let json = encoded(serde_json::to_vec(&Body::new(topic, position, &kind, at, data)));
        let data_len = if kind == FrameKind::Subscribed { 0 } else { data.get().len() };
        let (msgpack, compat, event_stream, json_full, msgpack_full) = Default::default();
        Self {
            topic,
            position,
            kind,
            at,
            json,
            data_len,
            msgpack,
            compat,
            event_stream,
            histograms: None,
            json_full,
            msgpack_full,
        }
    }

    pub(super) fn with_histograms(self, histograms: Option<Histograms>) -> Self {
        Self { histograms, ..self }
    }

    /// What it is about.
    #[must_use]
    pub const fn topic(&self) -> Topic {
        self.topic
    }

    /// Its number. A snapshot and `subscribed` carry that of the last frame before them.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// Event, snapshot or `subscribed`.
    #[must_use]
    pub const fn kind(&self) -> &FrameKind {
        &self.kind
    }

    /// One word for it: the `type` of an event, or `snapshot`, or `subscribed`.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.kind {
            FrameKind::Event(name) => name,
            FrameKind::Snapshot { .. } => "snapshot",
            FrameKind::Subscribed => "subscribed",
        }
    }

    /// When it happened or, for a snapshot, was taken.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The data as JSON text; empty for `subscribed`, which has none.
    #[must_use]
    pub fn data(&self) -> &str {
        let end = self.json.len() - 1;
        str::from_utf8(&self.json[end - self.data_len..end]).unwrap_or_default()
    }

    /// The frame in the format of a subscriber.
    #[must_use]
    pub fn encoded(&self, wire: Wire) -> &Bytes {
        match wire {
            Wire::Json => self.json(),
            Wire::MsgPack => self.msgpack(),
            Wire::JsonFull => self.json_full(),
            Wire::MsgPackFull => self.msgpack_full(),
            Wire::Compat => self.compat_json(),
            Wire::EventStream => self.event_stream(),
        }
    }

    /// `{"op":"event","topic":…,"seq":…,"type":…,"at":…,"data":…}`, UTF-8.
    #[must_use]
    pub const fn json(&self) -> &Bytes {
        &self.json
    }

    /// The same shape in MessagePack, maps with names.
    #[must_use]
    pub fn msgpack(&self) -> &Bytes {
        self.msgpack.get_or_init(|| {
            let body =
                Body::new(self.topic, self.position, &self.kind, self.at, self.parsed_data());
            encoded(rmp_serde::to_vec_named(&body))
        })
    }

    fn json_full(&self) -> &Bytes {
        let Some(histograms) = &self.histograms else { return self.json() };
        self.json_full.get_or_init(|| encoded(serde_json::to_vec(&self.full(histograms))))
    }

    fn msgpack_full(&self) -> &Bytes {
        let Some(histograms) = &self.histograms else { return self.msgpack() };
        self.msgpack_full.get_or_init(|| encoded(rmp_serde::to_vec_named(&self.full(histograms))))
    }

    /// The same shape with the histograms in its data.
    fn full<'a>(&'a self, histograms: &'a Histograms) -> Body<'a, Full<'a>> {
        let data = Full { data: self.parsed_data(), histograms };
        Body::new(self.topic, self.position, &self.kind, self.at, data)
    }

    /// `{"type":…, …the fields of the data…, "timestamp":…}`, UTF-8, for the one-topic sockets.
    #[must_use]
    pub fn compat_json(&self) -> &Bytes {
        self.compat.get_or_init(|| {
            let mut fields = match self.parsed_data() {
                Value::Object(fields) => fields,
                Value::Null => serde_json::Map::new(),
                other
                @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                    [("data".to_owned(), other)].into_iter().collect()
                }
            };
            fields.insert("type".to_owned(), self.name().into());
            fields.insert("timestamp".to_owned(), self.at.to_string().into());
            encoded(serde_json::to_vec(&fields))
        })
    }

    /// The JSON frame as one server-sent event whose id is the position.
    #[must_use]
    pub fn event_stream(&self) -> &Bytes {
        self.event_stream.get_or_init(|| {
            let json = str::from_utf8(&self.json).unwrap_or_default();
            format!("id: {}\nevent: {}\ndata: {json}\n\n", self.position, self.name()).into()
        })
    }

    fn parsed_data(&self) -> Value {
        serde_json::from_str(self.data()).unwrap_or_default()
    }
}
