//! API keys: shown once, at most as mighty as their maker, found by their digest, and out within a second.
//!
//! Invariant: a key is never seen again after the answer that made it, wherever one looks.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::app::{App, eventually};
use crate::branch::{BANK, OTHER_BANK};
use crate::client::{Client, fresh_key, id};
use crate::socket::{Socket, knock, refusal};

stories! {
    at "2026-03-02T09:00:00Z";
    a_key_is_shown_once_and_opens_what_it_was_given,
    a_key_may_no_more_than_its_maker_and_its_role,
    a_key_serves_nobody_in_an_agents_place,
    a_revoked_key_is_out_within_a_second,
    a_key_ends_when_it_says_and_survives_a_restart,
    the_last_use_of_a_key_is_seen,
    a_key_of_one_tenant_opens_nothing_of_another,
}

async fn made(app: &App, body: Value) -> (Value, Client) {
    let key = app.admin().post("/api-keys", body).await.is(201);
    let holder = app.client(BANK, key["secret"].as_str().unwrap().to_owned());
    (key, holder)
}

fn reading() -> Value {
    json!({ "name": "reports", "scopes": ["read:queue", "read:ticket"] })
}

async fn a_key_is_shown_once_and_opens_what_it_was_given(app: &mut App) {
    let (admin, again) = (app.admin(), fresh_key());
    let first = admin.post_as(&again, "/api-keys", reading()).await;
    let key = first.is(201);
    let secret = key["secret"].as_str().unwrap();
    assert!(
        secret.starts_with(&format!("sq_{BANK}_")) && secret.len() == 3 + BANK.len() + 1 + 43,
        "{secret}"
    );
    assert!(secret.ends_with(key["hint"].as_str().unwrap()));
    let repeated = admin.post_as(&again, "/api-keys", reading()).await;
    assert!(repeated.is_replay() && !repeated.text.contains(secret), "{}", repeated.text);
    assert_eq!(repeated.body()["id"], key["id"]);
    let listed = admin.get("/api-keys").await;
    assert_eq!(listed.is(200)["items"].as_array().unwrap().len(), 1);
    assert!(!listed.text.contains(secret));
    assert_eq!(listed.body()["items"][0]["created_by"], "subject:role:admin");
    let holder = app.client(BANK, secret.to_owned());
    holder.get("/queues").await.is(200);
    holder.get("/tickets").await.is(200);
    holder.issue_with(app.branch().a, json!({})).await.refused(403, "insufficient_scope");
    holder.get("/api-keys").await.refused(403, "insufficient_scope");
    let (_, writer) = made(app, json!({ "name": "w", "scopes": ["write:ticket"] })).await;
    writer.issue(app.branch().a).await;
    let by = app.journal(app.branch().a).await.last().unwrap().actor.to_string();
    assert!(by.starts_with("subject:key:"), "{by}");
    let mut socket = Socket::signed_in(app, secret).await;
    socket.follow(&format!("queue:{}", app.branch().a)).await;
    let kept = app.engine().store().live_keys(app.bank().id(), domain::Timestamp(0)).await.unwrap();
    for kept in kept {
        let reply =
            app.engine().store().key_reply(app.bank().id(), kept.seq).await.unwrap().unwrap();
        assert!(!reply.body.contains("secret"), "{}", reply.body);
    }
}

async fn a_key_may_no_more_than_its_maker_and_its_role(app: &mut App) {
    for somebody in [app.manager(), app.awa(), app.kiosk()] {
        somebody.post("/api-keys", reading()).await.refused(403, "insufficient_scope");
        somebody.get("/api-keys").await.refused(403, "insufficient_scope");
    }
    let admin = app.admin();
    for bad in [
        json!({ "name": "x", "scopes": [] }),
        json!({ "name": " ", "scopes": ["read:queue"] }),
        json!({ "name": "x", "scopes": ["read:everything"] }),
        json!({ "name": "x", "scopes": ["manage:settings"] }),
        json!({ "name": "x", "scopes": ["manage:queue"], "role": "agent" }),
        json!({ "name": "x", "scopes": ["read:queue"], "role": "device" }),
        json!({ "name": "x", "scopes": ["read:queue"], "role": "platform_admin" }),
        json!({ "name": "x", "scopes": ["read:queue"], "expires_at": "2026-03-02T08:59:59Z" }),
        json!({ "name": "x", "scopes": ["read:queue"], "hash": "00" }),
    ] {
        admin.post("/api-keys", bad).await.refused(400, "invalid_request");
    }
    let maker =
        json!({ "name": "m", "role": "admin", "scopes": ["manage:settings", "read:queue"] });
    let (_, maker) = made(app, maker).await;
    maker.post("/api-keys", json!({ "name": "n", "scopes": ["read:queue"] })).await.is(201);
    let more = json!({ "name": "n", "scopes": ["read:queue", "read:ticket"] });
    maker.post("/api-keys", more).await.refused(403, "insufficient_scope");
    // Nor is a program of OAuth registered with more, to come back as it.
    let program = |scopes: &str| {
        json!({ "name": "p", "confidential": true, "grants": ["client_credentials"],
            "scopes": scopes, "role": "admin" })
    };
    let registered = maker.post("/clients", program("read:queue")).await.is(201);
    let place = format!("/clients/{}", registered["id"].as_str().unwrap());
    for more in ["read:queue manage:agent", "write:ticket"] {
        maker.post("/clients", program(more)).await.refused(403, "insufficient_scope");
        maker.put(&place, None, &program(more)).await.refused(403, "insufficient_scope");
    }
}

/// A key with an agent's rights is no agent: it has no counter, and nobody's ticket in hand.
async fn a_key_serves_nobody_in_an_agents_place(app: &mut App) {
    let (awa, branch) = (app.awa(), app.branch());
    let body = json!({ "name": "k", "role": "agent", "scopes": ["read:ticket", "write:ticket"] });
    let (_, key) = made(app, body).await;
    awa.sign_in().await;
    let ticket = awa.issue(branch.a).await;
    awa.call_next().await.is(200);
    let before = app.journal_length(branch.a).await;
    for verb in ["recall", "start", "hold", "no-show", "requeue", "finish"] {
        let body = if verb == "hold" { json!({ "reason": "x" }) } else { json!({}) };
        key.order_with(&ticket, verb, body).await.refused(403, "not_assigned");
    }
    let away = json!({ "queue_id": branch.b });
    key.order_with(&ticket, "transfer", away).await.refused(403, "not_assigned");
    assert_eq!(app.journal_length(branch.a).await, before, "nothing happened");
    key.order_with(&ticket, "tag", json!({ "tags": ["seen"] })).await.is(200);
    awa.order(&ticket, "start").await.is(200);
}

async fn a_revoked_key_is_out_within_a_second(app: &mut App) {
    let (key, holder) = made(app, reading()).await;
    app.wait(1);
    let (_, bystander) = made(app, reading()).await;
    let mut socket = Socket::signed_in(app, &holder.token).await;
    let mut stays = Socket::signed_in(app, &bystander.token).await;
    app.admin().delete(&format!("/api-keys/{}", id(&key))).await.is(204);
    let asked = Instant::now();
    assert_eq!(socket.end().await, 4401);
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    holder.get("/queues").await.refused(401, "invalid_token");
    let bearer = format!("Bearer {}", holder.token);
    let ws = format!("/api/v1/tenants/{BANK}/ws");
    assert_eq!(refusal(knock(app, &ws, &[("authorization", &bearer)])).await, 401);
    stays.say(json!({ "op": "ping" })).await;
    assert_eq!(stays.hear().await["op"], "pong", "others are not concerned");
    app.admin().delete(&format!("/api-keys/{}", id(&key))).await.is(204);
    app.admin()
        .delete(&format!("/api-keys/{}", uuid::Uuid::now_v7()))
        .await
        .refused(404, "not_found");
    app.restart().await;
    app.client(BANK, holder.token.clone()).get("/queues").await.refused(401, "invalid_token");
    let listed = app.admin().get("/api-keys").await.is(200);
    assert!(listed["items"][0]["revoked_at"].is_string(), "{listed}");
}

async fn a_key_ends_when_it_says_and_survives_a_restart(app: &mut App) {
    let mut body = reading();
    body["expires_at"] = json!("2026-03-02T10:00:00Z");
    let (_, holder) = made(app, body).await;
    app.restart().await;
    let holder = app.client(BANK, holder.token.clone());
    app.wait(3_599);
    holder.get("/queues").await.is(200);
    app.wait(1);
    holder.get("/queues").await.refused(401, "invalid_token");
}

async fn the_last_use_of_a_key_is_seen(app: &mut App) {
    let (_, holder) = made(app, reading()).await;
    let shown = async |app: &App| app.admin().get("/api-keys").await.is(200)["items"][0].clone();
    assert_eq!(shown(app).await["last_used_at"], Value::Null);
    holder.get("/queues").await.is(200);
    assert_eq!(shown(app).await["last_used_at"], "2026-03-02T09:00:00Z");
    app.wait(90);
    holder.get("/queues").await.is(200);
    eventually("the last use is written", async || {
        let rows = app.engine().store().api_keys(app.bank().id()).await.unwrap();
        rows[0].last_used_at.filter(|at| at.to_string() == "2026-03-02T09:01:30Z")
    })
    .await;
    app.restart().await;
    assert_eq!(shown(app).await["last_used_at"], "2026-03-02T09:01:30Z");
}

async fn a_key_of_one_tenant_opens_nothing_of_another(app: &mut App) {
    let (key, holder) = made(app, reading()).await;
    let abroad = app.client(OTHER_BANK, holder.token.clone());
    abroad.get("/queues").await.refused(404, "not_found");
    let relabelled = holder.token.replace(BANK, OTHER_BANK);
    app.client(OTHER_BANK, relabelled).get("/queues").await.refused(401, "invalid_token");
    for wrong in
        ["sq_", "sq__", "sq_teranga_", "sq_nobody_AAAA", &holder.token[..holder.token.len() - 1]]
    {
        app.client(BANK, wrong.to_owned()).get("/queues").await.refused(401, "invalid_token");
    }
    app.stranger().delete(&format!("/api-keys/{}", id(&key))).await.refused(404, "not_found");
    assert_eq!(app.stranger().get("/api-keys").await.is(200)["items"], json!([]));
    holder.get("/queues").await.is(200);
}
