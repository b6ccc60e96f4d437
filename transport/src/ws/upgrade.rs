//! From a request to a socket: the subprotocol, the limits of the connection, and the task that talks.
//!
//! Credentials of the request sign the socket in at once; without any it must say who it is in its first frame.
//! Invariant: every refusal comes before the upgrade, as a problem; after it there are close codes only.

use actors::{Topic, Wire};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use uuid::Uuid;

use super::conversation::converse;
use super::dialect::Dialect;
use super::door::Knock;
use super::limits::{READ_BUFFER, WRITE_BUFFER, WRITE_BUFFER_MAX};
use super::message::{JSON, MSGPACK};
use super::session::Session;
use crate::edge::Edge;
use crate::problem::{Code, Problem};

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// `GET /ws`: any number of topics, and commands.
pub(super) async fn multiplexed(knock: Knock, upgrade: Upgrade) -> Result<Response, Problem> {
    knock.only(&["ticket"])?;
    let mut upgrade = upgrade.map_err(|_| not_a_handshake())?;
    let wire = match chosen(&knock.headers)? {
        Some(protocol) => {
            upgrade.set_selected_protocol(HeaderValue::from_static(protocol));
            wire_of(protocol)
        }
        None => Wire::Json,
    };
    open(&knock, upgrade, Dialect::Multiplexed(wire))
}

/// One of the original's addresses: the topic that its id names.
pub(super) fn one_topic(topic_of: fn(Uuid) -> Topic) -> MethodRouter<Edge> {
    get(async move |knock: Knock, upgrade: Upgrade| -> Result<Response, Problem> {
        knock.only(&["ticket"])?;
        let id = knock
            .id
            .as_deref()
            .and_then(|id| id.parse().ok())
            .ok_or(Problem::of(Code::NotFound))?;
        let upgrade = upgrade.map_err(|_| not_a_handshake())?;
        open(&knock, upgrade, Dialect::OneTopic(topic_of(id)))
    })
}

fn not_a_handshake() -> Problem {
    Problem::new(
        Code::InvalidRequest,
        "this address speaks WebSocket: send a handshake of version 13",
    )
}

/// The first protocol offered that we speak; none when none is offered.
fn chosen(headers: &HeaderMap) -> Result<Option<&'static str>, Problem> {
    let offers = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let mut offered =
        offers.iter().flat_map(|offer| offer.as_bytes().split(|byte| *byte == b',')).peekable();
    if offered.peek().is_none() {
        return Ok(None);
    }
    let ours = |offer: &[u8]| {
        [JSON, MSGPACK].into_iter().find(|name| name.as_bytes() == offer.trim_ascii())
    };
    let found = offered.find_map(ours);
    found.map(Some).ok_or_else(|| {
        let detail = format!("none of the subprotocols is spoken here: offer {JSON} or {MSGPACK}");
        Problem::new(Code::InvalidRequest, detail)
    })
}

fn wire_of(protocol: &str) -> Wire {
    if protocol == MSGPACK { Wire::MsgPack } else { Wire::Json }
}

fn open(knock: &Knock, upgrade: WebSocketUpgrade, dialect: Dialect) -> Result<Response, Problem> {
    let caller = knock.caller()?;
    let mut session = Session::new(knock, dialect);
    match caller {
        // A topic that is not for them ends the socket with its close code, as a later sign-in would.
        Some(caller) => session.sign_in(caller).unwrap_or_else(|_| session.forbid()),
        None => session.waits_as(knock.stranger()?),
    }
    let owner = knock.edge.tracker().token();
    let frame_bytes_max = knock.edge.limits().frame_bytes_max;
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .max_frame_size(frame_bytes_max)
        .max_message_size(frame_bytes_max);
    Ok(upgrade.on_upgrade(async move |socket| {
        converse(socket, session).await;
        drop(owner);
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(offers: &[&'static str]) -> Result<Option<&'static str>, &'static str> {
        let headers = offers
            .iter()
            .map(|offer| (header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offer)));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value);
        }
        chosen(&map).map_err(|problem| problem.code())
    }

    #[test]
    fn the_first_protocol_that_we_speak_is_chosen() {
        assert_eq!(offered(&[]), Ok(None));
        assert_eq!(offered(&[JSON]), Ok(Some(JSON)));
        assert_eq!(
            offered(&["mqtt, smartqueue.v1.msgpack , smartqueue.v1.json"]),
            Ok(Some(MSGPACK))
        );
        assert_eq!(offered(&["mqtt", JSON]), Ok(Some(JSON)));
    }

    #[test]
    fn only_unknown_protocols_are_refused() {
        assert_eq!(offered(&["mqtt"]), Err("invalid_request"));
        assert_eq!(offered(&["smartqueue.v2.json, SMARTQUEUE.V1.JSON"]), Err("invalid_request"));
        assert_eq!(offered(&[""]), Err("invalid_request"));
    }
}
