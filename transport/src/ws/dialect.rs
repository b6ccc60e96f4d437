//! The two languages of our sockets: the multiplexed one of [`message`](super::message), and the original's
//! one-topic sockets, which say `type` where the other says `op`.
//!
//! Both are heard as the same few things, so that one session serves both.
//! Invariant: a one-topic socket never leaves its topic and gives no commands.

use actors::{Outgoing, Topic, Wire};
use axum::extract::ws::Message;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::compat;
use super::message::{BadFrame, FromClient, ToClient, decoded, encoded, packed};

/// What a socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Many topics and commands, on this wire.
    Multiplexed(Wire),
    /// The original's: one topic, in JSON.
    OneTopic(Topic),
}

/// What was heard, whatever the dialect.
pub(crate) enum Heard {
    Token(String),
    Ping,
    Request(FromClient),
    /// Understood, and nothing to do.
    Nothing,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum OneTopicMessage {
    Auth {
        token: String,
    },
    Ping {},
    #[serde(other)]
    Unknown,
}

impl Dialect {
    pub(crate) const fn wire(self) -> Wire {
        match self {
            Self::Multiplexed(wire) => wire,
            Self::OneTopic(_) => Wire::Compat,
        }
    }

    /// What `message`, a text or a binary one, means.
    pub(crate) fn hear(self, message: &Message) -> Result<Heard, BadFrame> {
        match self {
            Self::Multiplexed(wire) => Ok(match FromClient::read(wire, message)? {
                FromClient::Auth { token } => Heard::Token(token),
                FromClient::Ping {} => Heard::Ping,
                request @ (FromClient::Subscribe { .. }
                | FromClient::Unsubscribe { .. }
                | FromClient::Command(_)
                | FromClient::Ack { .. }) => Heard::Request(request),
            }),
            Self::OneTopic(_) => Ok(match decoded(Wire::Compat, message)? {
                OneTopicMessage::Auth { token } => Heard::Token(token),
                OneTopicMessage::Ping {} => Heard::Ping,
                OneTopicMessage::Unknown => Heard::Nothing,
            }),
        }
    }

    /// The answer to a ping.
    pub(crate) fn pong(self) -> Bytes {
        match self {
            Self::Multiplexed(wire) => encoded(wire, &ToClient::Pong {}),
            Self::OneTopic(_) => encoded(Wire::Compat, &json!({ "type": "pong" })),
        }
    }

    /// The request for a new token.
    pub(crate) fn reauth(self, in_seconds: u64) -> Bytes {
        match self {
            Self::Multiplexed(wire) => encoded(wire, &ToClient::Reauth { in_seconds }),
            Self::OneTopic(_) => {
                encoded(Wire::Compat, &json!({ "type": "reauth", "in_seconds": in_seconds }))
            }
        }
    }

    /// Something that went wrong with a request.
    pub(crate) fn error(self, topic: Option<&str>, code: &str, detail: &str) -> Bytes {
        match self {
            Self::Multiplexed(wire) => encoded(wire, &ToClient::Error { topic, code, detail }),
            Self::OneTopic(_) => {
                encoded(Wire::Compat, &json!({ "type": "error", "code": code, "detail": detail }))
            }
        }
    }

    /// What goes over the socket.
    pub(crate) fn message(self, outgoing: &Outgoing) -> Message {
        match (self, outgoing) {
            (Self::OneTopic(_), Outgoing::Frame(frame, _)) => {
                packed(Wire::Compat, compat::renamed(frame))
            }
            (Self::OneTopic(_) | Self::Multiplexed(_), Outgoing::Own(_))
            | (Self::Multiplexed(_), Outgoing::Frame(..)) => {
                packed(self.wire(), outgoing.bytes().clone())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::SiteId;
    use uuid::Uuid;

    use super::*;

    const ONE: Dialect = Dialect::OneTopic(Topic::Site(SiteId(Uuid::nil())));

    fn heard(dialect: Dialect, text: &'static str) -> Result<Heard, BadFrame> {
        dialect.hear(&Message::text(text))
    }

    #[test]
    fn the_one_topic_socket_knows_auth_and_ping_and_forgives_other_types() {
        let token = heard(ONE, r#"{"type":"auth","token":"t","client":"tv"}"#);
        assert!(matches!(token, Ok(Heard::Token(token)) if token == "t"));
        assert!(matches!(heard(ONE, r#"{"type":"ping"}"#), Ok(Heard::Ping)));
        assert!(matches!(heard(ONE, r#"{"type":"hello","x":1}"#), Ok(Heard::Nothing)));
        assert!(heard(ONE, "hello").is_err());
        assert!(heard(ONE, r#"{"op":"subscribe","topic":"alerts"}"#).is_err());
        assert_eq!(ONE.pong(), r#"{"type":"pong"}"#);
    }

    #[test]
    fn the_multiplexed_socket_says_what_the_api_describes() {
        let dialect = Dialect::Multiplexed(Wire::Json);
        assert!(matches!(heard(dialect, r#"{"op":"ping"}"#), Ok(Heard::Ping)));
        assert!(matches!(heard(dialect, r#"{"op":"auth","token":"t"}"#), Ok(Heard::Token(_))));
        let subscribe = r#"{"op":"subscribe","topic":"alerts"}"#;
        assert!(matches!(
            heard(dialect, subscribe),
            Ok(Heard::Request(FromClient::Subscribe { .. }))
        ));
        assert_eq!(dialect.pong(), r#"{"op":"pong"}"#);
        assert_eq!(dialect.reauth(60), r#"{"op":"reauth","in_seconds":60}"#);
        let error = dialect.error(Some("alerts"), "forbidden", "no");
        assert_eq!(error, r#"{"op":"error","topic":"alerts","code":"forbidden","detail":"no"}"#);
    }
}
