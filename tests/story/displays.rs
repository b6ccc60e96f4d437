//! Displays: a call is shown where people look, and the agent sees that it was.
//!
//! In the original a display never learned of a call-next (fault 3).
//! Invariant: what a display shows was durable before it was shown.

use serde_json::{Value, json};

use crate::app::{App, eventually};
use crate::branch::BANK;
use crate::client::{id, number};
use crate::socket::{Socket, knock, seq};

stories! {
    call_next_reaches_the_display,
    a_recall_reaches_the_display_and_the_end_takes_it_off,
    what_the_display_has_shown_is_seen_by_the_agent,
    a_late_display_finds_everything_on_the_board,
    a_display_of_another_site_sees_nothing,
    the_original_display_socket_hears_its_own_words,
}

/// The hall's display, following its site.
async fn hall(app: &App) -> (Socket, Value) {
    let mut socket = Socket::signed_in(app, &app.display().token).await;
    let snapshot = socket.follow(&format!("site:{}", app.branch().dakar)).await;
    (socket, snapshot)
}

async fn call_next_reaches_the_display(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    let ticket = app
        .kiosk()
        .post("/tickets", json!({ "queue_id": branch.a, "language": "fr" }))
        .await
        .is(201);
    let (mut display, snapshot) = hall(app).await;
    assert_eq!(snapshot["data"]["calls"], json!([]));
    awa.call_next().await.is(200);
    let shown = display.event("ticket.called").await["data"].clone();
    let told = &shown["ticket"];
    assert_eq!((id(told), number(told)), (id(&ticket), "A001"));
    assert_eq!(
        [&told["service"], &told["language"], &told["class"]],
        [&json!("cash"), &json!("fr"), &json!("normal")]
    );
    assert_eq!([&shown["counter"], &shown["calls"]], [&json!("1"), &json!(1)]);
    assert_eq!(shown["agent_id"], json!(branch.awa));
    assert!(
        shown["called_at"].as_str().unwrap().ends_with('Z') && shown["reason"]["text"].is_string()
    );
}

async fn a_recall_reaches_the_display_and_the_end_takes_it_off(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    awa.issue(branch.a).await;
    let (mut display, _) = hall(app).await;
    let ticket = awa.call_next().await.is(200);
    display.event("ticket.called").await;
    awa.order(&ticket, "recall").await.is(200);
    assert_eq!(display.event("ticket.recalled").await["data"]["calls"], 2);
    awa.order(&ticket, "start").await.is(200);
    assert_eq!(display.event("ticket.started").await["data"]["ticket"]["number"], "A001");
    let (_, snapshot) = hall(app).await;
    assert_eq!(snapshot["data"]["calls"], json!([]), "who is at the counter is off the board");
}

async fn what_the_display_has_shown_is_seen_by_the_agent(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    awa.issue(branch.a).await;
    let mut own = Socket::signed_in(app, &awa.token).await;
    own.follow(&format!("agent:{}", branch.awa)).await;
    let (mut display, _) = hall(app).await;
    let ticket = awa.call_next().await.is(200);
    let frame = display.event("ticket.called").await;
    let topic = format!("site:{}", branch.dakar);
    for what in ["shown", "heard"] {
        display.say(json!({ "op": "ack", "topic": topic, "seq": seq(&frame), "what": what })).await;
    }
    let told = own
        .hear_until(|frame| frame["type"] == "ticket.announced" && frame["data"]["heard"] == 1)
        .await;
    assert_eq!((&told["data"]["ticket_id"], &told["data"]["shown"]), (&ticket["id"], &json!(1)));
    let seen = eventually("the agent sees it", async || {
        Some(awa.me().await["ticket"]["announced"].clone()).filter(|seen| seen["heard"] == 1)
    })
    .await;
    assert_eq!(seen, json!({ "shown": 1, "heard": 1 }));
    assert_eq!(app.count(branch.a, "ticket.announced").await, 2, "kept for ever");
    app.restart().await;
    assert_eq!(app.awa().me().await["ticket"]["announced"], json!({ "shown": 1, "heard": 1 }));
}

async fn a_late_display_finds_everything_on_the_board(app: &mut App) {
    let (branch, awa, binta) = (app.branch(), app.awa(), app.binta());
    awa.sign_in().await;
    binta.sign_in().await;
    for _ in 0..2 {
        awa.issue(branch.a).await;
    }
    awa.call_next().await.is(200);
    binta.call_next().await.is(200);
    for _ in 0..2 {
        let told = eventually("both calls are on the board", async || {
            let (_, snapshot) = hall(app).await;
            let calls = snapshot["data"]["calls"].as_array().unwrap().clone();
            (calls.len() == 2).then_some(calls)
        })
        .await;
        let numbers: Vec<&str> = told.iter().map(|call| number(&call["ticket"])).collect();
        assert_eq!(numbers, ["A002", "A001"], "the newest first");
        app.restart().await;
    }
}

async fn a_display_of_another_site_sees_nothing(app: &mut App) {
    let branch = app.branch();
    let (mut display, _) = hall(app).await;
    for topic in [
        format!("site:{}", branch.thies),
        format!("queue:{}", branch.c),
        format!("stats:site:{}", branch.thies),
        format!("agent:{}", branch.awa),
        "stats:tenant".to_owned(),
        "devices".to_owned(),
    ] {
        display.say(json!({ "op": "subscribe", "topic": topic })).await;
        let told = display.hear_until(|frame| frame["topic"] == topic.as_str()).await;
        assert_eq!((&told["op"], &told["code"]), (&json!("error"), &json!("forbidden")));
    }
    app.display().issue_with(branch.a, json!({})).await.refused(403, "insufficient_scope");
    app.kiosk().issue_with(branch.c, json!({})).await.refused(403, "not_assigned");
}

async fn the_original_display_socket_hears_its_own_words(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    awa.issue(branch.a).await;
    let bearer = format!("Bearer {}", app.display().token);
    let path = format!("/ws/tenants/{BANK}/displays/{}/", branch.dakar);
    let mut socket = Socket::open(knock(app, &path, &[("authorization", &bearer)]), false).await;
    let first = socket.hear().await;
    assert_eq!((&first["type"], &first["calls"]), (&json!("display.update"), &json!([])));
    awa.call_next().await.is(200);
    let shown = socket.hear_until(|frame| frame["event"] == "ticket.called").await;
    assert_eq!((&shown["type"], number(&shown["ticket"])), (&json!("display.update"), "A001"));
    assert!(shown["timestamp"].is_string());
    socket.say(json!({ "type": "ping" })).await;
    socket.hear_until(|frame| frame["type"] == "pong").await;
}
