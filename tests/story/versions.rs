//! Commands that count only for the ticket as it was seen: `If-Match` with its version.
//!
//! Invariant: a command of an older version changes nothing and leaves no event.

use serde_json::{Value, json};

use crate::app::App;
use crate::client::{Answer, Client, fresh_key, id};
use crate::socket::{Socket, seq};

stories! {
    a_command_of_an_older_version_changes_nothing,
    the_version_grows_with_the_ticket_wherever_it_goes,
    what_a_display_has_shown_makes_no_older_version,
    a_command_over_the_socket_may_name_a_version,
}

async fn if_match(client: &Client, ticket: &Value, verb: &str, tag: &str, key: &str) -> Answer {
    let request = client.http.post(client.url(&format!("/tickets/{}/{verb}", id(ticket))));
    let request = request.bearer_auth(&client.token).header("idempotency-key", key);
    Client::sends(request.header("if-match", tag).json(&json!({}))).await
}

async fn version(client: &Client, ticket: &Value) -> u64 {
    let shown = client.get(&format!("/tickets/{}", id(ticket))).await;
    let version = shown.is(200)["version"].as_u64().unwrap();
    assert_eq!(shown.header("etag").unwrap(), format!("\"{version}\""));
    version
}

fn tag(version: u64) -> String {
    format!("\"{version}\"")
}

async fn a_command_of_an_older_version_changes_nothing(app: &mut App) {
    let (awa, queue) = (app.awa(), app.branch().a);
    awa.sign_in().await;
    let ticket = awa.issue(queue).await;
    let waiting = version(&awa, &ticket).await;
    assert_eq!(ticket["version"], waiting, "the answer to joining says it too");
    awa.call_next().await.is(200);
    let before = app.journal_length(queue).await;
    let key = fresh_key();
    let late = if_match(&app.manager(), &ticket, "cancel", &tag(waiting), &key).await;
    let problem = late.refused(412, "version_conflict");
    let called = version(&awa, &ticket).await;
    assert_eq!(problem["current"], called);
    assert_eq!(app.journal_length(queue).await, before, "no event");
    assert_eq!(awa.ticket(&ticket).await["state"], "called");
    for tag in ["7", "W/\"7\"", "\"a\"", "\"7\", \"8\""] {
        let bad = if_match(&awa, &ticket, "start", tag, &fresh_key()).await;
        bad.refused(400, "if_match_invalid");
    }
    // The same key with another condition is another request.
    let again = if_match(&app.manager(), &ticket, "cancel", &tag(called), &key).await;
    again.refused(422, "idempotency_key_reused");
    let key = fresh_key();
    let started = if_match(&awa, &ticket, "start", &tag(called), &key).await;
    let serving = started.is(200)["version"].as_u64().unwrap();
    assert!(serving > called);
    let repeated = if_match(&awa, &ticket, "start", &tag(called), &key).await;
    assert!(repeated.is_replay(), "a repetition is no second try");
    assert_eq!(repeated.text, started.text);
    if_match(&awa, &ticket, "finish", "*", &fresh_key()).await.is(200);
    let unknown = json!({ "id": uuid::Uuid::now_v7() });
    if_match(&awa, &unknown, "start", &tag(1), &fresh_key()).await.refused(404, "not_found");
}

async fn the_version_grows_with_the_ticket_wherever_it_goes(app: &mut App) {
    let (awa, branch) = (app.awa(), app.branch());
    awa.sign_in().await;
    let ticket = awa.issue(branch.a).await;
    let mut seen = version(&awa, &ticket).await;
    awa.call_next_in(branch.a).await.is(200);
    for (verb, body) in [
        ("recall", json!({})),
        ("start", json!({})),
        ("tag", json!({ "tags": ["vip"] })),
        ("hold", json!({ "reason": "papers" })),
        ("resume", json!({})),
        ("transfer", json!({ "queue_id": branch.b })),
    ] {
        let answer = awa.order_with(&ticket, verb, body).await;
        answer.is(200);
        let now = version(&awa, &ticket).await;
        assert!(now > seen, "{verb}: {now} after {seen}");
        seen = now;
    }
    app.restart().await;
    assert_eq!(version(&app.awa(), &ticket).await, seen, "as it was");
}

async fn what_a_display_has_shown_makes_no_older_version(app: &mut App) {
    let (awa, branch) = (app.awa(), app.branch());
    awa.sign_in().await;
    let ticket = awa.issue(branch.a).await;
    let topic = format!("site:{}", branch.dakar);
    let mut display = Socket::signed_in(app, &app.display().token).await;
    display.follow(&topic).await;
    awa.call_next().await.is(200);
    let called = version(&awa, &ticket).await;
    let frame = display.event("ticket.called").await;
    let ack = json!({ "op": "ack", "topic": topic, "seq": seq(&frame), "what": "shown" });
    display.say(ack).await;
    crate::app::eventually("the display has shown it", async || {
        let shown = awa.ticket(&ticket).await["announced"]["shown"] == 1;
        shown.then_some(())
    })
    .await;
    if_match(&awa, &ticket, "start", &tag(called), &fresh_key()).await.is(200);
}

async fn a_command_over_the_socket_may_name_a_version(app: &mut App) {
    let (awa, queue) = (app.awa(), app.branch().a);
    awa.sign_in().await;
    let ticket = awa.issue(queue).await;
    let waiting = version(&awa, &ticket).await;
    awa.call_next().await.is(200);
    let called = version(&awa, &ticket).await;
    let before = app.journal_length(queue).await;
    let of = |version: u64| json!({ "ticket_id": id(&ticket), "if_version": version });
    let mut socket = Socket::signed_in(app, &awa.token).await;
    let late = socket.command("start", of(waiting), &fresh_key()).await;
    let (status, code) = (&late["error"]["status"], &late["error"]["code"]);
    assert_eq!((status, code), (&json!(412), &json!("version_conflict")), "{late}");
    assert_eq!(late["error"]["current"], called);
    assert_eq!(app.journal_length(queue).await, before, "no event");
    let key = fresh_key();
    let started = socket.command("start", of(called), &key).await;
    assert_eq!(started["ok"]["state"], "serving", "{started}");
    let again = socket.command("start", of(called), &key).await;
    assert_eq!((&again["ok"], &again["replayed"]), (&started["ok"], &json!(true)), "no second try");
    let other = socket.command("start", of(waiting), &key).await;
    assert_eq!(other["error"]["code"], "idempotency_key_reused", "another condition, another ask");
}
