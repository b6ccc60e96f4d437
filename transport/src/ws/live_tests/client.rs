//! A WebSocket client in the raw, so that a test can say what a library would refuse to send.
//!
//! It shakes hands over a plain stream, masks what it sends and reads frames one by one.
//! Every wait is bounded, so that a server which says nothing fails the test instead of holding it.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// What came from the server.
#[derive(Debug, PartialEq)]
pub(super) enum Got {
    Text(Value),
    Binary(Value),
    Ping,
    Pong,
    Close(u16),
    /// The connection ended without a word.
    Nothing,
}

pub(super) struct Client {
    stream: TcpStream,
    /// Status and headers of the answer to the handshake.
    pub(super) head: String,
}

impl Client {
    /// Sends a handshake to `path` with further `headers`, each ending in CRLF.
    pub(super) async fn knock(address: std::net::SocketAddr, path: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
        }
        Self { stream, head: String::from_utf8(head).unwrap() }
    }

    pub(super) fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    /// A frame with this first byte; `said` is its length where a test lies about it.
    pub(super) async fn frame(&mut self, first: u8, payload: &[u8], said: Option<u64>) {
        let mut bytes = vec![first];
        let length = said.unwrap_or(payload.len() as u64);
        match u16::try_from(length) {
            Ok(small @ 0..126) => bytes.push(0x80 | u8::try_from(small).unwrap()),
            Ok(medium) => {
                bytes.push(0x80 | 126);
                bytes.extend(medium.to_be_bytes());
            }
            Err(_) => {
                bytes.push(0x80 | 127);
                bytes.extend(length.to_be_bytes());
            }
        }
        let mask = [1, 2, 3, 4];
        bytes.extend(mask);
        bytes.extend(payload.iter().zip(mask.into_iter().cycle()).map(|(byte, mask)| byte ^ mask));
        // A server that has ended the conversation may not take it any more; what it said tells.
        let _gone = self.stream.write_all(&bytes).await;
    }

    pub(super) async fn say(&mut self, text: impl ToString) {
        self.frame(0x81, text.to_string().as_bytes(), None).await;
    }

    /// The next frame; pings are answered when they are not asked for.
    pub(super) async fn hear(&mut self) -> Got {
        loop {
            let got = self.hear_any().await;
            if got != Got::Ping {
                return got;
            }
            self.frame(0x8a, b"", None).await;
        }
    }

    /// The next frame, pings too.
    pub(super) async fn hear_any(&mut self) -> Got {
        timeout(PATIENCE, self.read()).await.unwrap().unwrap_or(Got::Nothing)
    }

    async fn read(&mut self) -> std::io::Result<Got> {
        let first = self.stream.read_u8().await?;
        let length = match self.stream.read_u8().await? {
            126 => u64::from(self.stream.read_u16().await?),
            127 => self.stream.read_u64().await?,
            small => u64::from(small),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.stream.read_exact(&mut payload).await?;
        Ok(match first {
            0x81 => Got::Text(serde_json::from_slice(&payload).unwrap()),
            0x82 => Got::Binary(rmp_serde::from_slice(&payload).unwrap()),
            0x88 => Got::Close(u16::from_be_bytes([payload[0], payload[1]])),
            0x89 => Got::Ping,
            0x8a => Got::Pong,
            other => panic!("frame {other:#x} after {}", self.head),
        })
    }

    /// The text of the next frame.
    pub(super) async fn json(&mut self) -> Value {
        match self.hear().await {
            Got::Text(value) | Got::Binary(value) => value,
            other @ (Got::Ping | Got::Pong | Got::Close(_) | Got::Nothing) => panic!("{other:?}"),
        }
    }

    /// Frames until the close; its code.
    pub(super) async fn end(&mut self) -> Option<u16> {
        loop {
            match self.hear().await {
                Got::Close(code) => return Some(code),
                Got::Nothing => return None,
                Got::Text(_) | Got::Binary(_) | Got::Ping | Got::Pong => {}
            }
        }
    }

    /// The code of the next frame if it is a close, 0 at the end of the connection; pongs are passed over.
    pub(super) async fn hear_any_close(&mut self) -> Option<u16> {
        match self.hear_any().await {
            Got::Close(code) => Some(code),
            Got::Nothing => Some(0),
            Got::Text(_) | Got::Binary(_) | Got::Ping | Got::Pong => None,
        }
    }

    /// The stream, for plain HTTP.
    pub(super) async fn rest(mut self) -> String {
        let mut text = vec![0; 4_096];
        let read = timeout(PATIENCE, self.stream.read(&mut text)).await.unwrap().unwrap();
        String::from_utf8_lossy(&text[..read]).into_owned()
    }
}
