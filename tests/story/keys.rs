//! Idempotency keys: a command repeated has one effect and one answer, through restarts and cut connections.
//!
//! The numbers of the cases are those of the reliability plan.
//! Invariant: of all requests under one key, exactly one is carried out.

use futures_util::future::join_all;
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::app::{App, eventually};
use crate::client::{Answer, Client, fresh_key, id};

stories! {
    at "2026-03-02T09:00:00Z";
    i01_a_command_without_a_key_is_not_taken,
    i02_a_key_is_not_used_twice_for_different_things,
    i03_copies_sent_at_once_have_one_effect,
    i04_keys_follow_their_grammar,
    i05_a_repetition_after_a_restart_gets_the_first_bytes,
    i06_a_repetition_is_allowed_only_to_who_may,
    i07_an_old_key_is_new_again,
    i08_a_client_who_leaves_in_the_middle_harms_nothing,
    refusals_are_kept_and_failures_are_not,
    t05_keys_of_others_are_not_ours,
    every_command_may_be_repeated,
}

fn issue_in(app: &App) -> Value {
    json!({ "queue_id": app.branch().a, "channel": "staff" })
}

async fn raw(client: &Client, keys: &[&[u8]], body: &Value) -> Answer {
    let mut request = client
        .http
        .request(Method::POST, client.url("/tickets"))
        .bearer_auth(&client.token)
        .json(body);
    for key in keys {
        request = request.header("idempotency-key", HeaderValue::from_bytes(key).unwrap());
    }
    Client::sends(request).await
}

async fn i01_a_command_without_a_key_is_not_taken(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    let problem = raw(&awa, &[], &issue_in(app)).await.refused(400, "idempotency_key_missing");
    assert!(problem["detail"].as_str().unwrap().contains("/docs/problems#idempotency_key_missing"));
    let ticket = awa.issue(queue).await;
    let url = awa.url(&format!("/tickets/{}/cancel", id(&ticket)));
    Client::sends(awa.http.post(url).bearer_auth(&awa.token))
        .await
        .refused(400, "idempotency_key_missing");
    assert_eq!(awa.ticket(&ticket).await["state"], "waiting");
}

async fn i02_a_key_is_not_used_twice_for_different_things(app: &mut App) {
    let (branch, awa, key) = (app.branch(), app.awa(), fresh_key());
    let first = awa.post_as(&key, "/tickets", issue_in(app)).await;
    first.is(201);
    let other = json!({ "queue_id": branch.b, "channel": "staff" });
    awa.post_as(&key, "/tickets", other).await.refused(422, "idempotency_key_reused");
    let again = awa.post_as(&key, "/tickets", issue_in(app)).await;
    assert_eq!(
        (again.text.as_str(), again.is_replay()),
        (first.text.as_str(), true),
        "the first answer is kept"
    );
    let ticket = first.body();
    let cancelled = awa.post_as(&key, &format!("/tickets/{}/cancel", id(&ticket)), json!({})).await;
    assert_eq!(cancelled.is(200)["state"], "cancelled", "a key belongs to its route");
    assert_eq!(
        awa.post_as(&key, "/tickets", issue_in(app)).await.text,
        first.text,
        "as it was then, not as it is now"
    );
}

async fn i03_copies_sent_at_once_have_one_effect(app: &mut App) {
    const KEYS: usize = 60;
    const COPIES: usize = 5;
    let (queue, kiosk) = (app.branch().a, app.kiosk());
    let body = json!({ "queue_id": queue });
    let keys: Vec<String> = (0..KEYS).map(|_| fresh_key()).collect();
    let sent = keys
        .iter()
        .flat_map(|key| (0..COPIES).map(|_| kiosk.post_as(key, "/tickets", body.clone())));
    for answer in join_all(sent).await {
        match answer.status {
            201 => {}
            409 => {
                answer.refused(409, "idempotency_key_in_flight");
                assert_eq!(answer.header("retry-after"), Some("1"));
            }
            _ => panic!("{}", answer.text),
        }
    }
    assert_eq!(app.count(queue, "ticket.issued").await, KEYS, "{KEYS} keys, {COPIES} copies each");
    let again = join_all(keys.iter().map(|key| kiosk.post_as(key, "/tickets", body.clone()))).await;
    assert!(again.iter().all(Answer::is_replay));
    assert_eq!(app.count(queue, "ticket.issued").await, KEYS);
}

async fn i04_keys_follow_their_grammar(app: &mut App) {
    let (queue, awa, body) = (app.branch().a, app.awa(), issue_in(app));
    let (long, longest) = ("k".repeat(256), "k".repeat(255));
    for keys in [
        &[long.as_bytes()][..],
        &[b""],
        &[b"a b"],
        &[b"a\tb"],
        &[b"one", b"two"],
        &[b"\"open"],
        &[b"\xc3\xa9"],
    ] {
        raw(&awa, keys, &body).await.refused(400, "idempotency_key_invalid");
    }
    assert_eq!(app.count(queue, "ticket.issued").await, 0);
    raw(&awa, &[longest.as_bytes()], &body).await.is(201);
    let bare = raw(&awa, &[b"8e03978e-40d5-43dd-bc93-6894a57f9324"], &body).await;
    let quoted = raw(&awa, &[b"\"8e03978e-40d5-43dd-bc93-6894a57f9324\""], &body).await;
    assert_eq!(
        (bare.text.as_str(), quoted.is_replay()),
        (quoted.text.as_str(), true),
        "quoted or bare is one key"
    );
}

async fn i05_a_repetition_after_a_restart_gets_the_first_bytes(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    let keys: [String; 4] = std::array::from_fn(|_| fresh_key());
    let issued = awa.post_as(&keys[0], "/tickets", issue_in(app)).await;
    let ticket = issued.is(201);
    let called = awa.post_as(&keys[1], "/agents/me/call-next", json!({})).await;
    let path = format!("/tickets/{}", id(&ticket));
    let refused = awa.post_as(&keys[2], &format!("{path}/finish"), json!({})).await;
    refused.refused(409, "invalid_transition");
    let started = awa.post_as(&keys[3], &format!("{path}/start"), json!({})).await;
    app.restart().await;
    let awa = app.awa();
    let again = [
        awa.post_as(&keys[0], "/tickets", issue_in(app)).await,
        awa.post_as(&keys[1], "/agents/me/call-next", json!({})).await,
        awa.post_as(&keys[2], &format!("{path}/finish"), json!({})).await,
        awa.post_as(&keys[3], &format!("{path}/start"), json!({})).await,
    ];
    for (first, again) in [&issued, &called, &refused, &started].into_iter().zip(&again) {
        assert_eq!((first.status, &first.text), (again.status, &again.text));
        assert!(again.is_replay() && !first.is_replay());
        assert_eq!(first.header("content-type"), again.header("content-type"));
    }
    assert_eq!(issued.header("location"), again[0].header("location"));
    assert_eq!(app.count(branch.a, "ticket.issued").await, 1);
    assert_eq!(app.count(branch.a, "ticket.called").await, 1);
}

async fn i06_a_repetition_is_allowed_only_to_who_may(app: &mut App) {
    let (branch, key) = (app.branch(), fresh_key());
    let first = app.binta().post_as(&key, "/tickets", issue_in(app)).await.is(201);
    app.configure("agents", branch.binta, json!({ "queues": [branch.b] })).await;
    let now = app.binta().post_as(&key, "/tickets", issue_in(app)).await;
    now.refused(403, "not_assigned");
    assert!(!now.text.contains(id(&first)), "nothing of the first answer is shown");
    app.configure("agents", branch.binta, json!({ "queues": [branch.a] })).await;
    assert!(app.binta().post_as(&key, "/tickets", issue_in(app)).await.is_replay());
}

async fn i07_an_old_key_is_new_again(app: &mut App) {
    let (queue, key) = (app.branch().a, fresh_key());
    let first = app.awa().post_as(&key, "/tickets", issue_in(app)).await.is(201);
    app.wait(71 * 3_600);
    app.restart().await;
    assert!(app.awa().post_as(&key, "/tickets", issue_in(app)).await.is_replay());
    app.wait(2 * 3_600);
    app.restart().await;
    let later = app.awa().post_as(&key, "/tickets", issue_in(app)).await.is(201);
    assert_ne!(id(&later), id(&first));
    assert_eq!(app.count(queue, "ticket.issued").await, 2);
}

/// Sends a request and hangs up before the answer.
async fn send_and_leave(app: &App, token: &str, key: &str, body: &str) {
    let mut stream = TcpStream::connect(app.address()).await.unwrap();
    let head = format!(
        "POST /api/v1/tenants/teranga/tickets HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
         Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        app.address(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
}

async fn i08_a_client_who_leaves_in_the_middle_harms_nothing(app: &mut App) {
    const CLIENTS: usize = 200;
    let (queue, kiosk) = (app.branch().a, app.kiosk());
    let body = json!({ "queue_id": queue });
    let text = body.to_string();
    let keys: Vec<String> = (0..CLIENTS).map(|_| fresh_key()).collect();
    for batch in keys.chunks(20) {
        join_all(batch.iter().map(|key| send_and_leave(app, &kiosk.token, key, &text))).await;
    }
    for key in &keys {
        eventually("the key has its one answer", async || {
            let answer = kiosk.post_as(key, "/tickets", body.clone()).await;
            (answer.status == 201).then_some(())
        })
        .await;
    }
    assert_eq!(app.count(queue, "ticket.issued").await, CLIENTS, "of {CLIENTS} who left");
    assert_eq!(app.manager().queue(queue).await["waiting"], CLIENTS);
}

async fn refusals_are_kept_and_failures_are_not(app: &mut App) {
    let (queue, awa, manager, key) = (app.branch().a, app.awa(), app.manager(), fresh_key());
    manager.post(&format!("/queues/{queue}/pause"), json!({})).await.is(200);
    let refused = awa.post_as(&key, "/tickets", issue_in(app)).await;
    refused.refused(409, "queue_paused");
    manager.post(&format!("/queues/{queue}/open"), json!({})).await.is(200);
    let again = awa.post_as(&key, "/tickets", issue_in(app)).await;
    assert_eq!((again.text.as_str(), again.is_replay()), (refused.text.as_str(), true));
    let key = fresh_key();
    awa.post_as(&key, "/tickets", json!({ "queue_id": queue }))
        .await
        .refused(400, "invalid_request");
    awa.post_as(&key, "/tickets", issue_in(app)).await.is(201);
}

/// Of another tenant or another person.
async fn t05_keys_of_others_are_not_ours(app: &mut App) {
    let (branch, key) = (app.branch(), fresh_key());
    let first = app.awa().post_as(&key, "/tickets", issue_in(app)).await.is(201);
    let second = app.binta().post_as(&key, "/tickets", issue_in(app)).await;
    assert_ne!(id(&second.is(201)), id(&first));
    assert!(!second.is_replay());
    let foreign = json!({ "queue_id": branch.foreign_queue, "channel": "staff" });
    let third = app.stranger().post_as(&key, "/tickets", foreign.clone()).await;
    let theirs = third.is(201);
    assert!(!third.is_replay());
    app.awa().post_as("another", "/tickets", foreign.clone()).await.refused(404, "not_found");
    let again = app.stranger().post_as(&key, "/tickets", foreign).await;
    assert!(again.is_replay());
    assert_eq!(id(&again.is(201)), id(&theirs));
}

async fn every_command_may_be_repeated(app: &mut App) {
    let (branch, awa, manager) = (app.branch(), app.awa(), app.manager());
    let twice = async |client: &Client, path: &str, body: Value, status: u16| {
        let key = fresh_key();
        let first = client.post_as(&key, path, body.clone()).await;
        first.is(status);
        let again = client.post_as(&key, path, body).await;
        assert_eq!(
            (again.status, &again.text, again.is_replay()),
            (status, &first.text, true),
            "{path}"
        );
        first.body()
    };
    twice(&awa, "/agents/me/sign-in", json!({}), 200).await;
    twice(&awa, "/agents/me/call-next", json!({}), 204).await;
    let ticket = twice(&awa, "/tickets", issue_in(app), 201).await;
    let path = |verb: &str| format!("/tickets/{}/{verb}", id(&ticket));
    for verb in ["call", "recall", "start", "hold", "resume"] {
        twice(&awa, &path(verb), json!({}), 200).await;
    }
    twice(&awa, &path("tag"), json!({ "tags": ["a"] }), 200).await;
    twice(&awa, &path("note"), json!({ "text": "once" }), 200).await;
    twice(&awa, &path("transfer"), json!({ "queue_id": branch.b }), 200).await;
    twice(&manager, &format!("/queues/{}/pause", branch.c), json!({}), 200).await;
    let counter = json!({ "site_id": branch.dakar, "name": "9" });
    twice(&app.admin(), "/counters", counter, 201).await;
    let notes = app
        .engine()
        .store()
        .ticket_private(app.bank().id(), id(&ticket).parse().unwrap())
        .await
        .unwrap();
    assert_eq!(notes.unwrap().notes.matches("once").count(), 1);
}
