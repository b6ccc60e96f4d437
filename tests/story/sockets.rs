//! Sockets: who gets in, what is heard, and what happens to those who ask too much or read too little.
//!
//! The original's crashed on connect and let anybody in (faults 15 to 17).
//! Invariant: nobody hears a frame of a topic that is not theirs.

use std::time::Duration;

use actors::{EventFrame, Topic};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use crate::app::{App, FRIENDLY_ORIGIN};
use crate::branch::{BANK, OTHER_BANK};
use crate::client::{id, number};
use crate::socket::{Socket, knock, refusal, seq};

stories! {
    queue_ticket_and_agent_sockets_connect,
    nobody_gets_in_without_a_token,
    s15_few_wait_at_the_door_from_one_address,
    origins_are_configured_and_others_are_refused,
    s16_a_single_use_ticket_opens_one_socket,
    both_wires_say_the_same,
    topics_of_others_are_forbidden,
    too_much_ends_the_socket_with_its_code,
    a_slow_reader_is_closed_and_the_others_hear_everything,
    figures_come_to_those_who_follow_them,
    an_event_stream_goes_on_where_it_was_cut,
}

fn ws() -> String {
    format!("/api/v1/tenants/{BANK}/ws")
}

/// The original's fault 15.
async fn queue_ticket_and_agent_sockets_connect(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    let ticket = awa.issue(branch.a).await;
    let bearer = format!("Bearer {}", app.manager().token);
    let mut sockets = Vec::new();
    for path in [
        format!("queues/{}", branch.a),
        format!("tickets/{}", id(&ticket)),
        format!("agents/{}", branch.awa),
    ] {
        let path = format!("/ws/tenants/{BANK}/{path}/");
        let mut socket =
            Socket::open(knock(app, &path, &[("authorization", &bearer)]), false).await;
        let first = socket.hear().await;
        assert!(first["type"].is_string() && first["timestamp"].is_string(), "{first}");
        sockets.push(socket);
    }
    awa.issue(branch.a).await;
    assert_eq!(
        number(&sockets[0].hear_until(|frame| frame["type"] == "ticket.created").await["ticket"]),
        "A002"
    );
    awa.call_next().await.is(200);
    for socket in &mut sockets {
        let heard = socket.hear_until(|frame| frame["event"] == "ticket.called").await;
        assert_eq!((&heard["type"], number(&heard["ticket"])), (&json!("ticket.updated"), "A001"));
    }
    let mut late =
        Socket::open(knock(app, &format!("/ws/tenants/{BANK}/queues/{}/", branch.a), &[]), false)
            .await;
    late.say(json!({ "type": "auth", "token": app.manager().token })).await;
    assert_eq!(late.hear().await["type"], "queue.updated", "signed in by the first frame");
}

async fn s15_few_wait_at_the_door_from_one_address(app: &mut App) {
    let mut waiting = Vec::new();
    for _ in 0..64 {
        waiting.push(Socket::open(knock(app, &ws(), &[]), false).await);
    }
    assert_eq!(refusal(knock(app, &ws(), &[])).await, 429);
    let bearer = format!("Bearer {}", app.manager().token);
    let known = knock(app, &ws(), &[("authorization", &bearer)]);
    assert_eq!(refusal(known).await, 101, "who says who they are does not wait there");
    let mut first = waiting.remove(0);
    first.say(json!({ "op": "auth", "token": app.manager().token })).await;
    assert_eq!(first.hear().await["op"], "welcome");
    assert_eq!(refusal(knock(app, &ws(), &[])).await, 101, "a place at the door is free again");
    assert_eq!(waiting.remove(0).end().await, 4408);
}

/// The original's fault 16: any display socket opened for anybody.
async fn nobody_gets_in_without_a_token(app: &mut App) {
    let branch = app.branch();
    for path in [
        ws(),
        format!("/ws/tenants/{BANK}/queues/{}/", branch.a),
        format!("/ws/tenants/{BANK}/displays/{}/", branch.dakar),
        format!("/ws/tenants/{BANK}/agents/{}/", branch.awa),
    ] {
        assert_eq!(
            refusal(knock(app, &path, &[("authorization", "Bearer forged")])).await,
            401,
            "{path}"
        );
        assert_eq!(refusal(knock(app, &path, &[("cookie", "session=1")])).await, 403, "{path}");
        let with_token = format!("{path}?access_token={}", app.manager().token);
        assert_eq!(refusal(knock(app, &with_token, &[])).await, 400, "{path}");
        let mut silent = Socket::open(knock(app, &path, &[]), false).await;
        silent.say(json!({ "op": "subscribe", "topic": "alerts" })).await;
        let code = silent.end().await;
        assert!([4400, 4401].contains(&code), "{path}: {code}");
    }
    let mut silent = Socket::open(knock(app, &ws(), &[]), false).await;
    assert_eq!(silent.end().await, 4408, "who does not say who they are is not kept");
    let stranger = format!("Bearer {}", app.stranger().token);
    assert_eq!(refusal(knock(app, &ws(), &[("authorization", &stranger)])).await, 404);
    let foreign = format!("/ws/tenants/{OTHER_BANK}/queues/{}/", branch.a);
    let mut wrong =
        Socket::open(knock(app, &foreign, &[("authorization", &stranger)]), false).await;
    assert_eq!(wrong.end().await, 4403);
}

/// The original's fault 17: the origins were written into the program.
async fn origins_are_configured_and_others_are_refused(app: &mut App) {
    let bearer = format!("Bearer {}", app.manager().token);
    let from = async |origin: &str| {
        refusal(knock(app, &ws(), &[("authorization", &bearer), ("origin", origin)])).await
    };
    assert_eq!(from(FRIENDLY_ORIGIN).await, 101);
    assert_eq!(from(app.origin()).await, 101);
    let look_alike = format!("{FRIENDLY_ORIGIN}.evil.example");
    for origin in ["null", "https://evil.example", &look_alike, "http://app.example.org"] {
        assert_eq!(from(origin).await, 403, "{origin}");
    }
}

async fn s16_a_single_use_ticket_opens_one_socket(app: &mut App) {
    let answer = app.manager().post("/ws-tickets", Value::Null).await.is(201);
    let path = format!("{}?ticket={}", ws(), answer["ticket"].as_str().unwrap());
    let mut socket = Socket::open(knock(app, &path, &[]), false).await;
    assert_eq!(socket.hear().await["op"], "welcome");
    assert_eq!(refusal(knock(app, &path, &[])).await, 401, "used");
    assert_eq!(refusal(knock(app, &format!("{}?ticket=made-up", ws()), &[])).await, 401);
    let foreign = app.stranger().post("/ws-tickets", Value::Null).await.is(201);
    let path = format!("{}?ticket={}", ws(), foreign["ticket"].as_str().unwrap());
    assert_eq!(refusal(knock(app, &path, &[])).await, 401, "another tenant's");
}

async fn both_wires_say_the_same(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    let mut sockets = Vec::new();
    for protocol in ["smartqueue.v1.json", "smartqueue.v1.msgpack"] {
        let mut socket = Socket::speaking(app, &app.manager().token, protocol).await;
        let snapshot = socket.follow(&format!("queue:{}", branch.a)).await;
        sockets.push((socket, vec![snapshot]));
    }
    awa.issue_with(branch.a, json!({ "phone": "+221771234567", "tags": ["wheelchair"] }))
        .await
        .is(201);
    let ticket = awa.serve_next().await;
    awa.order(&ticket, "finish").await.is(200);
    for (socket, heard) in &mut sockets {
        while heard.last().is_none_or(|frame| frame["type"] != "ticket.served") {
            heard.push(socket.hear().await);
        }
    }
    let (json, msgpack) = (sockets[0].1.clone(), sockets[1].1.clone());
    let without_position = |frames: Vec<Value>| frames[1..].to_vec();
    assert_eq!(without_position(json), without_position(msgpack));
    assert_eq!(sockets[0].1[0]["data"], sockets[1].1[0]["data"]);
}

async fn topics_of_others_are_forbidden(app: &mut App) {
    let branch = app.branch();
    let foreign_ticket = app.stranger().issue(branch.foreign_queue).await;
    let mut socket = Socket::signed_in(app, &app.admin().token).await;
    for topic in [
        format!("queue:{}", branch.foreign_queue),
        format!("agent:{}", branch.foreign_agent),
        format!("ticket:{}", id(&foreign_ticket)),
        "queue:*".to_owned(),
        "queue:../".to_owned(),
        format!("queue:{}", branch.awa),
    ] {
        socket.say(json!({ "op": "subscribe", "topic": topic, "epoch": 1, "seq": 1 })).await;
        let told = socket.hear().await;
        assert_eq!((&told["op"], &told["code"]), (&json!("error"), &json!("forbidden")), "{topic}");
    }
    socket.say(json!({ "op": "ping" })).await;
    assert_eq!(socket.hear().await["op"], "pong", "the socket stays");
    for _ in 0..10 {
        socket.say(json!({ "op": "subscribe", "topic": "queue:*" })).await;
    }
    assert_eq!(socket.end().await, 4403, "who tries every door is shown out");
}

async fn too_much_ends_the_socket_with_its_code(app: &mut App) {
    let token = app.manager().token;
    for (message, code) in [
        (Message::text("{"), 4400),
        (Message::text(r#"{"op":"fly"}"#), 4400),
        (Message::binary(vec![1, 2, 3]), 4400),
        (Message::text(" ".repeat(64 * 1024 + 1)), 1009),
    ] {
        let mut socket = Socket::signed_in(app, &token).await;
        socket.say_raw(message).await;
        assert_eq!(socket.end().await, code);
    }
    let mut socket = Socket::signed_in(app, &token).await;
    for _ in 0..2_000 {
        socket.say_raw(Message::text(r#"{"op":"ping"}"#)).await;
    }
    assert_eq!(socket.end().await, 4429);
}

async fn a_slow_reader_is_closed_and_the_others_hear_everything(app: &mut App) {
    const FRAMES: usize = 1_500;
    /// As many as fit an outbox with room to spare, so that only the slow one is slow.
    const AT_ONCE: usize = 50;
    let branch = app.branch();
    let topic = format!("queue:{}", branch.a);
    let token = app.manager().token;
    // A small window, so that what is not read stays with the server.
    let slow = TcpSocket::new_v4().unwrap();
    slow.set_recv_buffer_size(4 * 1024).unwrap();
    let stream = slow.connect(app.address().parse().unwrap()).await.unwrap();
    let bearer = format!("Bearer {token}");
    let request = knock(app, &ws(), &[("authorization", &bearer)]);
    let (mut slow, _) = client_async(request, stream).await.unwrap();
    let subscribe = json!({ "op": "subscribe", "topic": topic }).to_string();
    futures_util::SinkExt::send(&mut slow, Message::text(subscribe)).await.unwrap();
    let mut others = Vec::new();
    for _ in 0..5 {
        let mut socket = Socket::signed_in(app, &token).await;
        socket.follow(&topic).await;
        others.push(socket);
    }
    let data = json!({ "filling": "x".repeat(8 * 1024) });
    let mut heard = vec![Vec::with_capacity(FRAMES); others.len()];
    for _ in 0..FRAMES / AT_ONCE {
        for _ in 0..AT_ONCE {
            let frame = EventFrame::new("queue.paused", app.now(), data.clone());
            app.engine().hub().publish(app.bank().id(), Topic::Queue(branch.a.into()), frame);
        }
        for (socket, seqs) in others.iter_mut().zip(&mut heard) {
            for _ in 0..AT_ONCE {
                seqs.push(seq(&socket.hear_until(|frame| frame["op"] == "event").await));
            }
        }
    }
    for seqs in heard {
        assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "a gap, or a frame twice");
    }
    let end = loop {
        match tokio::time::timeout(Duration::from_secs(20), slow.next()).await.expect("it ends") {
            Some(Ok(Message::Close(frame))) => break frame.map(|frame| u16::from(frame.code)),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break None,
        }
    };
    assert!(matches!(end, Some(4508) | None), "{end:?}");
}

async fn figures_come_to_those_who_follow_them(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    let mut socket = Socket::signed_in(app, &app.manager().token).await;
    for topic in [
        format!("stats:queue:{}", branch.a),
        format!("stats:site:{}", branch.dakar),
        "stats:tenant".to_owned(),
    ] {
        socket.follow(&topic).await;
    }
    awa.issue(branch.a).await;
    for queue_id in [json!(branch.a), Value::Null, Value::Null] {
        let told = socket
            .hear_until(|frame| {
                frame["type"] == "stats.updated"
                    && frame["data"]["waiting"] == 1
                    && frame["data"]["queue_id"] == queue_id
            })
            .await;
        assert_eq!(told["data"]["agents"]["available"], 1, "{told}");
    }
}

/// The next server-sent event: its id and its data.
async fn next_event(
    stream: &mut (impl futures_util::Stream<Item = Vec<u8>> + Unpin),
    held: &mut String,
) -> (String, Value) {
    loop {
        if let Some((block, rest)) =
            held.split_once("\n\n").map(|(block, rest)| (block.to_owned(), rest.to_owned()))
        {
            *held = rest;
            let of = |name: &str| {
                block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned)
            };
            if let (Some(id), Some(data)) = (of("id: "), of("data: ")) {
                return (id, serde_json::from_str(&data).unwrap());
            }
            continue;
        }
        let piece =
            tokio::time::timeout(Duration::from_secs(20), stream.next()).await.unwrap().unwrap();
        held.push_str(std::str::from_utf8(&piece).unwrap());
    }
}

async fn an_event_stream_goes_on_where_it_was_cut(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    let topic = format!("queue:{}", branch.a);
    let open = async |last: Option<&str>| {
        let manager = app.manager();
        let request = manager
            .http
            .get(manager.url(&format!("/events?topic={topic}")))
            .bearer_auth(&manager.token);
        let request = match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Box::pin(futures_util::stream::unfold(response, async |mut response| {
            response.chunk().await.ok().flatten().map(|bytes| (bytes.to_vec(), response))
        }))
    };
    let (mut stream, mut held) = (open(None).await, String::new());
    let (last, snapshot) = next_event(&mut stream, &mut held).await;
    assert_eq!(snapshot["op"], "snapshot");
    drop(stream);
    awa.issue(branch.a).await;
    awa.issue(branch.a).await;
    let (mut stream, mut held) = (open(Some(&last)).await, String::new());
    let mut told = Vec::new();
    while told.len() < 2 {
        let (_, frame) = next_event(&mut stream, &mut held).await;
        if frame["type"] == "ticket.issued" {
            told.push(number(&frame["data"]["ticket"]).to_owned());
        }
    }
    assert_eq!(told, ["A001", "A002"]);
    let mut stream = open(Some("1-1")).await;
    let (_, frame) = next_event(&mut stream, &mut String::new()).await;
    assert_eq!((&frame["op"], &frame["reset"]), (&json!("snapshot"), &json!(true)));
}
