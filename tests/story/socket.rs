//! A client of the sockets: the multiplexed one in either form, and the original's one-topic ones.
//!
//! It answers pings by itself and hands everything else to the story, in order.
//! Invariant: every wait is bounded, so that a server which says nothing fails the story instead of holding it.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use crate::app::App;
use crate::branch::BANK;

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    is_binary: bool,
}

/// Asks for a socket: path, and headers.
pub(crate) fn knock(app: &App, path: &str, headers: &[(&'static str, &str)]) -> Request<()> {
    let mut request = format!("ws://{}{path}", app.address()).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
    }
    request
}

/// The status with which the server refuses to open a socket; 101 if it does not.
pub(crate) async fn refusal(request: Request<()>) -> u16 {
    match connect_async(request).await {
        Ok((_, response)) => response.status().as_u16(),
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
    }
}

impl Socket {
    pub(crate) async fn open(request: Request<()>, is_binary: bool) -> Self {
        let (stream, _) = connect_async(request).await.unwrap();
        Self { stream, is_binary }
    }

    /// The multiplexed socket, greeted.
    pub(crate) async fn signed_in(app: &App, token: &str) -> Self {
        Self::speaking(app, token, "smartqueue.v1.json").await
    }

    /// The multiplexed socket of another tenant, greeted.
    pub(crate) async fn of(app: &App, tenant: &str, token: &str) -> Self {
        let bearer = format!("Bearer {token}");
        let request = knock(
            app,
            &format!("/api/v1/tenants/{tenant}/ws"),
            &[("authorization", bearer.as_str())],
        );
        let mut socket = Self::open(request, false).await;
        assert_eq!(socket.hear().await["op"], "welcome");
        socket
    }

    pub(crate) async fn speaking(app: &App, token: &str, protocol: &str) -> Self {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("sec-websocket-protocol", protocol)];
        let request = knock(app, &format!("/api/v1/tenants/{BANK}/ws"), &headers);
        let mut socket = Self::open(request, protocol.ends_with("msgpack")).await;
        assert_eq!(socket.hear().await["op"], "welcome");
        socket
    }

    pub(crate) async fn say(&mut self, value: Value) {
        let message = if self.is_binary {
            Message::binary(rmp_serde::to_vec_named(&value).unwrap())
        } else {
            Message::text(value.to_string())
        };
        self.stream.send(message).await.unwrap();
    }

    pub(crate) async fn say_raw(&mut self, message: Message) {
        // The server may have ended the conversation already; what it says tells.
        let _gone = self.stream.send(message).await;
    }

    /// The next text or binary message, as it came.
    pub(crate) async fn next_raw(&mut self) -> Message {
        loop {
            let message =
                timeout(PATIENCE, self.stream.next()).await.expect("the server says something");
            let message = message.expect("the socket is open").unwrap();
            if message.is_text() || message.is_binary() {
                return message;
            }
        }
    }

    /// The next frame, or the code with which the server closed.
    pub(crate) async fn next(&mut self) -> Result<Value, u16> {
        loop {
            let message =
                timeout(PATIENCE, self.stream.next()).await.expect("the server says something");
            match message {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Binary(bytes))) => {
                    return Ok(rmp_serde::from_slice(&bytes).unwrap());
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(frame.map_or(1005, |frame| frame.code.into()));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    #[track_caller]
    pub(crate) fn hear(&mut self) -> impl Future<Output = Value> {
        let asked_at = std::panic::Location::caller();
        async move {
            self.next().await.unwrap_or_else(|code| panic!("closed with {code} at {asked_at}"))
        }
    }

    /// The next frame of which `wanted` is true; those before it are passed over.
    pub(crate) async fn hear_until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let frame = self.hear().await;
            if wanted(&frame) {
                return frame;
            }
        }
    }

    /// The next event of this type.
    pub(crate) async fn event(&mut self, kind: &str) -> Value {
        self.hear_until(|frame| frame["type"] == kind).await
    }

    /// The code with which the server ends the conversation.
    pub(crate) async fn end(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }

    /// Follows a topic from now on; the snapshot.
    pub(crate) async fn follow(&mut self, topic: &str) -> Value {
        self.say(json!({ "op": "subscribe", "topic": topic })).await;
        let first = self.hear_until(|frame| frame["topic"] == topic).await;
        assert_eq!(first["op"], "snapshot", "{first}");
        first
    }

    /// Gives a command and waits for its result.
    pub(crate) async fn command(&mut self, name: &str, args: Value, key: &str) -> Value {
        let id = Uuid::now_v7().to_string();
        self.say(json!({ "op": "command", "id": id, "name": name, "args": args, "key": key }))
            .await;
        self.hear_until(|frame| frame["op"] == "result" && frame["id"] == id.as_str()).await
    }
}

/// The position of a frame or snapshot, to come back with.
pub(crate) fn seq(frame: &Value) -> u64 {
    frame["seq"].as_u64().unwrap()
}

pub(crate) fn epoch(frame: &Value) -> u64 {
    frame["epoch"].as_u64().unwrap()
}
