//! Sockets over a real connection: signing in, topics, commands, and how conversations end in good order.
//!
//! The server, the engine and the store are real; the client is raw, so that it can misbehave (`refusals`).

mod client;
mod refusals;
mod world;

use std::time::Duration;

use actors::{Clock, EventFrame, Topic};
use serde_json::json;

use crate::edge::Limits;
use client::{Client, Got};
use world::{World, bearer};

#[tokio::test]
async fn a_first_frame_signs_in_and_topics_flow_on_both_wires() {
    let world = World::new().await;
    for (protocol, is_text) in [("smartqueue.v1.json", true), ("smartqueue.v1.msgpack", false)] {
        let mut client = world.knock(&format!("Sec-WebSocket-Protocol: {protocol}\r\n")).await;
        assert!(client.head.to_lowercase().contains(protocol), "{}", client.head);
        let (token, topic) = (world.manager(), format!("queue:{}", world.queue));
        for said in
            [json!({ "op": "auth", "token": token }), json!({ "op": "subscribe", "topic": topic })]
        {
            let packed = rmp_serde::to_vec_named(&said).unwrap();
            if is_text { client.say(said).await } else { client.frame(0x82, &packed, None).await }
        }
        let first = client.hear().await;
        assert_eq!(matches!(first, Got::Text(_)), is_text, "{first:?}");
        let snapshot = client.json().await;
        assert_eq!((&snapshot["op"], &snapshot["topic"]), (&json!("snapshot"), &json!(topic)));
    }
}

#[tokio::test]
async fn a_ticket_opens_one_socket() {
    let world = World::new().await;
    let post = async |headers: String| {
        let path = "/api/v1/tenants/baobab/ws-tickets HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n";
        use tokio::io::AsyncWriteExt as _;
        let mut stream = tokio::net::TcpStream::connect(world.address).await.unwrap();
        stream
            .write_all(format!("POST {path}Connection: close\r\n{headers}\r\n").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer).await.unwrap();
        answer
    };
    let answer = post(bearer(&world.manager())).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let body: serde_json::Value =
        serde_json::from_str(answer.split("\r\n\r\n").last().unwrap()).unwrap();
    let path = format!("/api/v1/tenants/baobab/ws?ticket={}", body["ticket"].as_str().unwrap());
    let mut client = Client::knock(world.address, &path, "").await;
    assert_eq!(client.json().await["op"], "welcome");
    assert_eq!(Client::knock(world.address, &path, "").await.status(), "401");
    assert!(post(String::new()).await.starts_with("HTTP/1.1 401"));
}

#[tokio::test]
async fn an_agent_gives_commands_once_per_key_and_hears_of_them() {
    let world = World::new().await;
    let mut client = world.signed_in("").await;
    client.say(json!({ "op": "subscribe", "topic": format!("queue:{}", world.queue) })).await;
    assert_eq!(client.json().await["op"], "snapshot");
    let args = json!({ "queue_id": world.queue, "channel": "staff" });
    let issue = json!({ "op": "command", "id": "c1", "name": "issue", "args": args, "key": "k1" });
    let mut numbers = Vec::new();
    for _ in 0..2 {
        client.say(&issue).await;
        let mut answer = client.json().await;
        while answer["op"] != "result" {
            assert_eq!(answer["op"], "event", "{answer}");
            answer = client.json().await;
        }
        numbers.push((answer["ok"]["number"].clone(), answer["replayed"].clone()));
    }
    assert_eq!(numbers, [(json!("A001"), json!(null)), (json!("A001"), json!(true))]);
    let again = json!({ "op": "command", "id": "c2", "name": "issue", "args": {}, "key": "k1" });
    for (asked, code) in [
        (
            json!({ "op": "command", "id": "c3", "name": "issue", "args": args }),
            "idempotency_key_missing",
        ),
        (json!({ "op": "command", "id": "c4", "name": "fly", "key": "k2" }), "invalid_request"),
        (again, "invalid_request"),
    ] {
        client.say(asked).await;
        let mut answer = client.json().await;
        while answer["op"] != "result" {
            answer = client.json().await;
        }
        assert_eq!(answer["error"]["code"], code, "{answer}");
    }
}

#[tokio::test]
async fn s17_a_token_near_its_end_is_asked_for_and_renewed_by_the_same_principal_only() {
    let world = World::new().await;
    let mut client = world.knock(&bearer(&world.short_lived())).await;
    assert_eq!(client.json().await["op"], "welcome");
    let reauth = client.json().await;
    assert_eq!(reauth["op"], "reauth");
    assert!(reauth["in_seconds"].as_u64().unwrap() <= 50);
    client.say(json!({ "op": "auth", "token": world.manager() })).await;
    assert_eq!(client.json().await["op"], "welcome");
    client.say(json!({ "op": "auth", "token": world.awa() })).await;
    assert_eq!(client.end().await, Some(4403));
}

#[tokio::test]
async fn a_disabled_agent_and_a_removed_device_lose_their_sockets() {
    use actors::{AgentBody, Ask, DeviceBody};
    let world = World::new().await;
    let mut awa = world.knock(&bearer(&world.awa())).await;
    let mut display = world.knock(&bearer(&world.display())).await;
    assert_eq!(awa.json().await["op"], "welcome");
    assert_eq!(display.json().await["op"], "welcome");
    let mut body = world.tenant.directory().get::<AgentBody>(world.agent).unwrap().body.clone();
    body.active = false;
    world.tenant.replace(world.agent, body, None, Ask::system()).await.unwrap();
    world.tenant.delete::<DeviceBody>(world.device, None, Ask::system()).await.unwrap();
    assert_eq!(awa.end().await, Some(4401));
    assert_eq!(display.end().await, Some(4401));
}

#[tokio::test]
async fn a_peer_that_answers_no_ping_is_dropped_and_one_that_does_stays() {
    let world =
        World::with(Limits { heartbeat: Duration::from_millis(100), ..Limits::default() }).await;
    let mut silent = world.signed_in("").await;
    let mut pings = 0;
    while silent.hear_any().await == Got::Ping {
        pings += 1;
    }
    assert_eq!(pings, 2);
    let mut alive = world.signed_in("").await;
    for _ in 0..5 {
        assert_eq!(alive.hear_any().await, Got::Ping);
        alive.frame(0x8a, b"", None).await;
    }
}

#[tokio::test]
async fn a_stop_tells_every_socket_to_come_back() {
    let world = World::new().await;
    let mut clients = [world.signed_in("").await, world.knock("").await];
    world.stop.cancel();
    for client in &mut clients {
        assert_eq!(client.end().await, Some(1012));
    }
}

#[tokio::test]
async fn the_originals_display_socket_speaks_its_old_language() {
    let world = World::new().await;
    let path = format!("/ws/tenants/baobab/displays/{}/", world.site);
    let mut client = Client::knock(world.address, &path, "").await;
    client.say(json!({ "type": "auth", "token": world.display() })).await;
    let update = client.json().await;
    assert_eq!((&update["type"], &update["event"]), (&json!("display.update"), &json!("snapshot")));
    client.say(json!({ "type": "ping" })).await;
    let mut answer = client.json().await;
    while answer["type"] == "display.update" {
        answer = client.json().await;
    }
    assert_eq!(answer, json!({ "type": "pong" }));
    let path = format!("/ws/tenants/baobab/agents/{}/", world.agent);
    let mut client = Client::knock(world.address, &path, &bearer(&world.display())).await;
    assert_eq!(client.end().await, Some(4403));
}

#[tokio::test]
async fn who_does_not_read_is_cut_off_and_told_when_it_reads_again() {
    let world = World::new().await;
    let (mut stuck, mut other) = (world.signed_in("").await, world.signed_in("").await);
    for client in [&mut stuck, &mut other] {
        client.say(json!({ "op": "subscribe", "topic": "alerts" })).await;
        assert_eq!(client.json().await["op"], "snapshot");
    }
    // Until the system's buffers and the outbox of the one that does not read are full.
    let (mut sent, id) = (0, world.tenant.id());
    while world.hub.subscribers(id, Topic::Alerts) == 2 {
        let data = json!({ "n": sent, "padding": "x".repeat(100_000) });
        world.hub.publish(
            id,
            Topic::Alerts,
            EventFrame::new("alert.raised", Clock::system().now(), data),
        );
        assert_eq!(other.json().await["data"]["n"], sent);
        sent += 1;
    }
    assert_eq!(stuck.end().await, Some(4508));
}

#[tokio::test]
async fn an_event_stream_begins_with_a_snapshot_and_needs_a_credential() {
    let world = World::new().await;
    let path = format!("/api/v1/tenants/baobab/events?topic=queue:{}", world.queue);
    let client = Client::knock(world.address, &path, &bearer(&world.manager())).await;
    assert_eq!(client.status(), "200");
    assert!(client.head.contains("text/event-stream"), "{}", client.head);
    let begun = client.rest().await;
    assert!(begun.contains("retry: 2000") && begun.contains("event: snapshot"), "{begun}");
    let of = async |path: &str, headers: &str| {
        Client::knock(world.address, path, headers).await.status().to_owned()
    };
    assert_eq!(of(&path, "").await, "401");
    assert_eq!(
        of("/api/v1/tenants/baobab/events?topic=queue:*", &bearer(&world.manager())).await,
        "400"
    );
    assert_eq!(
        of("/api/v1/tenants/baobab/events?topic=alerts", &bearer(&world.awa())).await,
        "404"
    );
}
