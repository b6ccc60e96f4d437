//! What is said on the multiplexed socket: [`FromClient`] and [`ToClient`], in JSON and in MessagePack.
//!
//! Both wires carry the same maps with names. Frames of topics are made by the hub; here is only what a session
//! hears and what it says for itself.
//! Invariant: what cannot be read whole, or holds a word we do not know, is not a message.

use actors::Wire;
use axum::extract::ws::{Message, Utf8Bytes};
use bytes::Bytes;
use domain::Announcement;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The subprotocol of the text form, and of clients that ask for none.
pub(crate) const JSON: &str = "smartqueue.v1.json";
/// The subprotocol of the binary form.
pub(crate) const MSGPACK: &str = "smartqueue.v1.msgpack";
/// The longest `id` of a command.
const ID_BYTES_MAX: usize = 64;

/// What a client asks. It holds tokens and is never logged, so it has no `Debug`.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum FromClient {
    Auth {
        token: String,
    },
    /// `epoch` and `seq` say what was seen last.
    Subscribe {
        topic: String,
        #[serde(default)]
        epoch: Option<u64>,
        #[serde(default)]
        seq: Option<u64>,
        #[serde(default)]
        histogram: bool,
    },
    Unsubscribe {
        topic: String,
    },
    Command(Command),
    Ack {
        topic: String,
        seq: u64,
        what: Announcement,
    },
    Ping {},
}

/// One command: the verb of a route, its body, and its idempotency key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Command {
    /// Chosen by the client, repeated in the result.
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) args: Map<String, Value>,
    #[serde(default)]
    pub(crate) key: Option<String>,
}

/// What a session says for itself.
#[derive(Debug, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum ToClient<'a> {
    /// The id is text here: MessagePack would make bytes of it, and both wires carry the same.
    Welcome {
        session: String,
        heartbeat_seconds: u64,
        server_time: String,
    },
    Reauth {
        in_seconds: u64,
    },
    /// Exactly one of `ok` and `error`; `ok` is null where REST answers 204.
    Result {
        id: &'a str,
        #[serde(skip_serializing_if = "is_false")]
        replayed: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        ok: Option<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<Value>,
    },
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<&'a str>,
        code: &'a str,
        detail: &'a str,
    },
    Pong {},
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The message is not one of ours; the socket ends with 4400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message of this protocol")]
pub(crate) struct BadFrame;

impl FromClient {
    /// Reads a message in the form of `wire`. The other form is refused: text is text, binary is binary.
    pub(crate) fn read(wire: Wire, message: &Message) -> Result<Self, BadFrame> {
        let read: Self = decoded(wire, message)?;
        match &read {
            Self::Command(command) if command.id.len() > ID_BYTES_MAX => Err(BadFrame),
            Self::Subscribe { epoch, seq, .. } if epoch.is_some() != seq.is_some() => Err(BadFrame),
            Self::Auth { .. }
            | Self::Subscribe { .. }
            | Self::Unsubscribe { .. }
            | Self::Command(_)
            | Self::Ack { .. }
            | Self::Ping {} => Ok(read),
        }
    }
}

/// The value in a message.
pub(crate) fn decoded<T: DeserializeOwned>(wire: Wire, message: &Message) -> Result<T, BadFrame> {
    match (wire, message) {
        (Wire::MsgPack | Wire::MsgPackFull, Message::Binary(bytes)) => whole_msgpack(bytes),
        (Wire::Json | Wire::JsonFull | Wire::Compat, Message::Text(text)) => {
            serde_json::from_str(text).map_err(|_| BadFrame)
        }
        (
            Wire::Json
            | Wire::MsgPack
            | Wire::JsonFull
            | Wire::MsgPackFull
            | Wire::Compat
            | Wire::EventStream,
            Message::Text(_)
            | Message::Binary(_)
            | Message::Ping(_)
            | Message::Pong(_)
            | Message::Close(_),
        ) => Err(BadFrame),
    }
}

/// As JSON, MessagePack must end with the value.
fn whole_msgpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BadFrame> {
    let mut rest = bytes;
    let mut reader = rmp_serde::Deserializer::new(&mut rest);
    reader.set_max_depth(128);
    let value = T::deserialize(&mut reader).map_err(|_| BadFrame)?;
    if rest.is_empty() { Ok(value) } else { Err(BadFrame) }
}

/// `value` in the form of `wire`. Text, numbers and JSON values have no way to fail.
pub(crate) fn encoded<T: Serialize>(wire: Wire, value: &T) -> Bytes {
    let bytes = match wire {
        Wire::MsgPack | Wire::MsgPackFull => rmp_serde::to_vec_named(value).unwrap_or_default(),
        Wire::Json | Wire::JsonFull | Wire::Compat | Wire::EventStream => {
            serde_json::to_vec(value).unwrap_or_default()
        }
    };
    Bytes::from(bytes)
}

/// Bytes in the form of `wire`, as a message.
pub(crate) fn packed(wire: Wire, bytes: Bytes) -> Message {
    match wire {
        Wire::MsgPack | Wire::MsgPackFull => Message::Binary(bytes),
        Wire::Json | Wire::JsonFull | Wire::Compat | Wire::EventStream => {
            Utf8Bytes::try_from(bytes.clone())
                .map_or_else(|_| Message::Binary(bytes), Message::Text)
        }
    }
}

#[cfg(test)]
mod tests;
