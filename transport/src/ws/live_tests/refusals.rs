//! What is refused before the upgrade, and what ends a conversation with a code of its own.
//!
//! Every case here is a client that does wrong: the wrong page, the wrong token, the wrong bytes, too much of it.

use std::time::Duration;

use serde_json::json;

use super::client::Client;
use super::world::{World, bearer};
use crate::edge::Limits;

#[tokio::test]
async fn the_handshake_refuses_before_the_upgrade() {
    let world = World::new().await;
    let manager = bearer(&world.manager());
    let of = async |path: &str, headers: &str| {
        Client::knock(world.address, path, headers).await.status().to_owned()
    };
    let ws = "/api/v1/tenants/baobab/ws";
    assert_eq!(of(ws, &manager).await, "101");
    assert_eq!(of(ws, &format!("{manager}Origin: http://{}\r\n", world.address)).await, "101");
    assert_eq!(of(ws, &format!("{manager}Origin: https://app.example.org\r\n")).await, "101");
    for origin in ["null", "https://evil.example", "https://app.example.org.evil.example"] {
        assert_eq!(of(ws, &format!("{manager}Origin: {origin}\r\n")).await, "403", "{origin}");
    }
    assert_eq!(of(ws, "Cookie: session=1\r\n").await, "403");
    assert_eq!(of(&format!("{ws}?access_token=x"), &manager).await, "400");
    assert_eq!(of(&format!("{ws}?token=x"), &manager).await, "400");
    assert_eq!(of(ws, &format!("{manager}Sec-WebSocket-Protocol: mqtt\r\n")).await, "400");
    assert_eq!(of(ws, &bearer("forged")).await, "401");
    assert_eq!(of(&format!("{ws}?ticket=made-up"), "").await, "401");
    assert_eq!(of("/api/v1/tenants/other/ws", &manager).await, "404");
    assert_eq!(of("/ws/tenants/baobab/displays/not-an-id/", &manager).await, "404");
}

#[tokio::test]
async fn who_says_nothing_is_closed_and_who_asks_first_too() {
    let limits = Limits { authenticate_within: Duration::from_millis(50), ..Limits::default() };
    let world = World::with(limits).await;
    assert_eq!(world.knock("").await.end().await, Some(4408));
    let world = World::new().await;
    let mut client = world.knock("").await;
    client.say(json!({ "op": "subscribe", "topic": "alerts" })).await;
    assert_eq!(client.end().await, Some(4401));
    let mut client = world.knock("").await;
    client.say(json!({ "op": "auth", "token": "forged" })).await;
    assert_eq!(client.end().await, Some(4401));
}

#[tokio::test]
async fn what_is_no_message_ends_the_socket_with_its_own_code() {
    let world = World::new().await;
    let cases: [(u8, Vec<u8>, u16); 6] = [
        (0x81, b"{".to_vec(), 4400),
        (0x81, br#"{"op":"fly"}"#.to_vec(), 4400),
        (0x82, br#"{"op":"ping"}"#.to_vec(), 4400),
        (0x81, vec![0xff, 0xfe], 1007),
        (0x81, vec![b' '; 64 * 1024 + 1], 1009),
        (0xc1, b"{}".to_vec(), 1002),
    ];
    for (first, payload, code) in cases {
        let mut client = world.signed_in("").await;
        client.frame(first, &payload, None).await;
        assert_eq!(client.end().await, Some(code), "{first:#x}, {} bytes", payload.len());
    }
    let mut client = world.signed_in("").await;
    client.frame(0x81, b"", Some(u64::MAX >> 1)).await;
    assert_eq!(client.end().await, Some(1009));
    let mut client = world.signed_in("").await;
    client.frame(0x81, &vec![b' '; 64 * 1024], None).await;
    assert_eq!(client.end().await, Some(4400), "a full frame is read, and is no message");
}

#[tokio::test]
async fn ten_closed_doors_end_the_socket_and_nine_do_not() {
    let world = World::new().await;
    let mut client = world.signed_in("").await;
    let unknown = format!("queue:{}", uuid::Uuid::nil());
    for topic in ["*", "../alerts", "queue:*", "", &unknown, "queue:x", "stats:", "a", "b"] {
        client.say(json!({ "op": "subscribe", "topic": topic })).await;
        let answer = client.json().await;
        assert_eq!(
            (&answer["op"], &answer["code"]),
            (&json!("error"), &json!("forbidden")),
            "{topic}"
        );
    }
    client.say(json!({ "op": "ping" })).await;
    assert_eq!(client.json().await["op"], "pong");
    client.say(json!({ "op": "subscribe", "topic": "*" })).await;
    assert_eq!(client.end().await, Some(4403));
}

#[tokio::test]
async fn too_many_topics_are_an_error_and_too_many_frames_the_end() {
    let world = World::with(Limits { topics_max: 1, ..Limits::default() }).await;
    let mut client = world.signed_in("").await;
    client.say(json!({ "op": "subscribe", "topic": "alerts" })).await;
    assert_eq!(client.json().await["op"], "snapshot");
    client.say(json!({ "op": "subscribe", "topic": "devices" })).await;
    assert_eq!(client.json().await["code"], "too_many_topics");
    for _ in 0..2_000 {
        client.frame(0x89, b"", None).await;
    }
    let mut last = client.hear_any_close().await;
    while last.is_none() {
        last = client.hear_any_close().await;
    }
    assert_eq!(last, Some(4429));
}
