//! A socket as a simulated agent holds it: topics to listen to, commands to give, pauses in which it still listens.
//!
//! Whatever arrives is heard at once, also during a pause, so the server never finds this reader slow.
//! Invariant: every wait ends, by an answer, by its time, or by the end of the connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::TENANT;
use super::post::Keys;

const PROTOCOL: &str = "smartqueue.v1.json";
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// The connection is over, or was never made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone;

/// The server's answer to a command: the body, or the `code` of the problem.
pub(super) type Answer = Result<Value, String>;

pub(super) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    keys: Arc<Keys>,
    commands: u64,
    /// Something happened in one of the lines since it was last asked.
    stirred: bool,
    /// The agent as the server last described them.
    pub(super) me: Value,
}

impl Socket {
    /// Connects and authenticates.
    pub(super) async fn open(
        address: SocketAddr,
        token: &str,
        keys: Arc<Keys>,
    ) -> Result<Self, Gone> {
        let uri = format!("ws://{address}/api/v1/tenants/{TENANT}/ws").parse().map_err(|_| Gone)?;
        let request = ClientRequestBuilder::new(uri).with_sub_protocol(PROTOCOL);
        let connected = timeout(ANSWER_WITHIN, connect_async(request)).await.map_err(|_| Gone)?;
        let (stream, _) = connected.map_err(|_| Gone)?;
        let mut socket = Self { stream, keys, commands: 0, stirred: false, me: Value::Null };
        socket.say(&json!({ "op": "auth", "token": token })).await?;
        socket
            .hear_until(Instant::now() + ANSWER_WITHIN, |_, frame| frame["op"] == "welcome")
            .await?
            .ok_or(Gone)?;
        Ok(socket)
    }

    /// Follows a topic and waits for its snapshot.
    pub(super) async fn follow(&mut self, topic: &str) -> Result<(), Gone> {
        self.say(&json!({ "op": "subscribe", "topic": topic })).await?;
        let about = |_: &Self, frame: &Value| frame["topic"] == topic && frame["op"] != "event";
        let answer = self.hear_until(Instant::now() + ANSWER_WITHIN, about).await?.ok_or(Gone)?;
        if topic.starts_with("agent:") {
            self.me = answer.get("data").cloned().unwrap_or_default();
        }
        Ok(())
    }

    /// Gives a command and waits for its result; events that come first are heard too.
    pub(super) async fn command(&mut self, name: &str, args: &Value) -> Result<Answer, Gone> {
        self.commands += 1;
        let id = self.commands.to_string();
        let key = self.keys.fresh();
        self.say(&json!({ "op": "command", "id": id, "name": name, "args": args, "key": key }))
            .await?;
        let is_result =
            |_: &Self, frame: &Value| frame["op"] == "result" && frame["id"] == id.as_str();
        let mut result =
            self.hear_until(Instant::now() + ANSWER_WITHIN, is_result).await?.ok_or(Gone)?;
        if let Some(problem) = result.get("error") {
            return Ok(Err(problem["code"].as_str().unwrap_or_default().to_owned()));
        }
        Ok(Ok(result["ok"].take()))
    }

    /// Lets `time` pass, listening.
    pub(super) async fn pause(&mut self, time: Duration) -> Result<(), Gone> {
        self.hear_until(Instant::now() + time, |_, _| false).await.map(drop)
    }

    /// Returns when something happens in a line, at the latest after `time`.
    pub(super) async fn until_stirred(&mut self, time: Duration) -> Result<(), Gone> {
        if !self.stirred {
            self.hear_until(Instant::now() + time, |socket, _| socket.stirred).await?;
        }
        self.stirred = false;
        Ok(())
    }

    async fn say(&mut self, frame: &Value) -> Result<(), Gone> {
        self.stream.send(Message::text(frame.to_string())).await.map_err(|_| Gone)
    }

    /// The first frame that is `wanted`, or none at the deadline.
    async fn hear_until(
        &mut self,
        deadline: Instant,
        wanted: impl Fn(&Self, &Value) -> bool,
    ) -> Result<Option<Value>, Gone> {
        loop {
            let message = match timeout_at(deadline, self.stream.next()).await {
                Err(_) => return Ok(None),
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(_)) | None) => return Err(Gone),
            };
            let frame = match message {
                Message::Text(text) => serde_json::from_str::<Value>(&text).unwrap_or_default(),
                Message::Close(_) => return Err(Gone),
                // Pings are answered by the library when it reads them.
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {
                    continue;
                }
            };
            self.stirred |= stirs(&frame);
            if wanted(self, &frame) {
                return Ok(Some(frame));
            }
        }
    }
}

/// Whether somebody new may be there to be called.
fn stirs(frame: &Value) -> bool {
    let of_line = frame["topic"].as_str().is_some_and(|topic| topic.starts_with("queue:"));
    of_line && frame["op"] == "event"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_events_of_a_line_stir() {
        assert!(stirs(&json!({ "op": "event", "topic": "queue:1", "type": "ticket.issued" })));
        assert!(!stirs(&json!({ "op": "event", "topic": "agent:1", "type": "agent.busy" })));
        assert!(!stirs(&json!({ "op": "snapshot", "topic": "queue:1" })));
    }
}
