//! The histograms of figures, over the real socket and in both its forms.
//!
//! They are decoded by the hdrhistogram crate from what came over the wire, not by the program's own reader.
//! Invariant: a histogram and the percentiles beside it say the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::app::App;
use crate::figures::drive;
use crate::socket::Socket;

stories! {
    at "2026-03-02T22:00:00Z";
    histograms_come_to_those_who_ask,
}

#[derive(Deserialize)]
struct Frame {
    #[serde(default)]
    topic: String,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    wait: Value,
    walk: Value,
    service: Value,
    histograms: Option<Histograms>,
}

#[derive(Deserialize)]
struct Histograms {
    wait: Bytes,
    walk: Bytes,
    service: Bytes,
}

impl Data {
    fn served(&self) -> u64 {
        self.service["count"].as_u64().unwrap()
    }

    /// What the histograms say is what is said beside them.
    fn agrees(&self, topic: &str) {
        let found = self.histograms.as_ref().expect("somebody asked for them");
        for (bytes, told) in
            [(&found.wait, &self.wait), (&found.walk, &self.walk), (&found.service, &self.service)]
        {
            assert_eq!(&decoded(bytes), told, "{topic}");
        }
    }
}

/// Base64 in text, bytes in MessagePack.
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl serde::de::Visitor<'_> for Either {
            type Value = Bytes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("base64 or bytes")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Bytes, E> {
                STANDARD.decode(text).map(Bytes).map_err(E::custom)
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Percentiles of a histogram that came over the wire, by the crate itself.
fn decoded(bytes: &Bytes) -> Value {
    let histogram: Histogram<u64> = Deserializer::new().deserialize(&mut &bytes.0[..]).unwrap();
    let at = |quantile| histogram.value_at_quantile(quantile);
    json!({ "p50": at(0.5), "p90": at(0.9), "p95": at(0.95), "p99": at(0.99), "count": histogram.len() })
}

async fn next_of(socket: &mut Socket, topic: &str) -> Data {
    loop {
        let message = socket.next_raw().await;
        let frame: Frame = if let Message::Text(text) = &message {
            serde_json::from_str(text).unwrap()
        } else {
            rmp_serde::from_slice(&message.into_data()).unwrap()
        };
        if let Some(data) = frame.data.filter(|_| frame.topic == topic) {
            return data;
        }
    }
}

async fn histograms_come_to_those_who_ask(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    drive(app, &awa, branch.a, &[100, 10, 90, 20, 80]).await;
    let manager = app.manager();
    let mut plain = Socket::signed_in(app, &manager.token).await;
    let topics = [
        format!("stats:queue:{}", branch.a),
        format!("stats:site:{}", branch.dakar),
        "stats:tenant".to_owned(),
    ];
    for topic in &topics {
        plain.follow(topic).await;
    }
    for protocol in ["smartqueue.v1.json", "smartqueue.v1.msgpack"] {
        let mut socket = Socket::speaking(app, &manager.token, protocol).await;
        for topic in &topics {
            socket.say(json!({ "op": "subscribe", "topic": topic, "histogram": true })).await;
            let snapshot = next_of(&mut socket, topic).await;
            snapshot.agrees(topic);
            let served = snapshot.served();
            drive(app, &awa, branch.a, &[40]).await;
            loop {
                let frame = next_of(&mut socket, topic).await;
                frame.agrees(topic);
                if frame.served() > served {
                    break;
                }
            }
            socket.say(json!({ "op": "unsubscribe", "topic": topic })).await;
        }
    }
    let frame = plain.event("stats.updated").await;
    assert_eq!(frame["data"]["histograms"], Value::Null, "{frame}");
    plain
        .say(
            json!({ "op": "subscribe", "topic": format!("queue:{}", branch.a), "histogram": true }),
        )
        .await;
    let told = plain.hear_until(|frame| frame["op"] == "error").await;
    assert_eq!(told["code"], "no_histogram");
}
