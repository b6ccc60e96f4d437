//! Idempotency keys and bodies: a command is carried out once, however often and badly it is sent.

use axum::http::Method;
use domain::Role;
use serde_json::json;
use transport::Subject;

use crate::world::World;

#[tokio::test]
async fn a_command_needs_one_sound_key() {
    let world = World::new().await;
    let token = world.of_role(Role::Manager);
    let body = json!({"queue_id": world.queue, "channel": "staff"});
    let ask = || world.post("/tickets", &body).token(&token);
    let missing = ask().send().await;
    assert_eq!((missing.status, missing.code().as_str()), (400, "idempotency_key_missing"));
    assert!(missing.json()["detail"].as_str().unwrap().contains("/docs/problems"));
    for bad in ["", "\"\"", "a b", &"k".repeat(256)] {
        assert_eq!(ask().key(bad).send().await.code(), "idempotency_key_invalid", "{bad}");
    }
    assert_eq!(ask().key("a").key("b").send().await.code(), "idempotency_key_invalid");
    let bare = ask().key("good-1").send().await;
    let quoted = ask().key("\"good-1\"").send().await;
    assert_eq!(
        (bare.status, quoted.header("idempotency-replayed")),
        (201, "true"),
        "quoted and bare are one key"
    );
}

#[tokio::test]
async fn a_repetition_gets_the_first_answer_and_changes_nothing() {
    let world = World::new().await;
    let token = world.of_role(Role::Manager);
    let body = json!({"queue_id": world.queue, "channel": "staff"});
    let ask = || world.post("/tickets", &body).token(&token).key("k1");
    let first = ask().send().await;
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
    assert_eq!(first.header("location"), format!("/api/v1/tenants/bank/tickets/{id}"));
    world.issue("another").await;
    let again = ask().send().await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!((&again.text, again.header("location")), (&first.text, first.header("location")));
    let list = world.get("/tickets").token(&token).send().await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(2));
    let other = world
        .post("/tickets", &json!({"queue_id": world.side, "channel": "staff"}))
        .token(&token)
        .key("k1")
        .send()
        .await;
    assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
}

#[tokio::test]
async fn keys_of_others_and_of_other_routes_are_other_keys() {
    let world = World::new().await;
    let (manager, agent) = (world.of_role(Role::Manager), world.of_agent());
    let body = json!({"queue_id": world.queue, "channel": "staff"});
    let first = world.post("/tickets", &body).token(&manager).key("k").send().await.json();
    let second = world.post("/tickets", &body).token(&agent).key("k").send().await.json();
    assert_ne!(first["id"], second["id"]);
    let path = format!("/tickets/{}/cancel", first["id"].as_str().unwrap());
    let cancelled = world.post(&path, &json!({})).token(&manager).key("k").send().await;
    assert_eq!(
        (cancelled.status, cancelled.json()["state"].as_str()),
        (200, Some("cancelled")),
        "{}",
        cancelled.text
    );
    let path = format!("/tickets/{}/cancel", second["id"].as_str().unwrap());
    let elsewhere = world.post(&path, &json!({})).token(&manager).key("k").send().await;
    assert_eq!(elsewhere.code(), "idempotency_key_reused", "the same route, another ticket");
}

#[tokio::test]
async fn refusals_and_empty_answers_are_kept_too() {
    let world = World::new().await;
    let (manager, agent) = (world.of_role(Role::Manager), world.of_agent());
    let next = || world.post("/agents/me/call-next", &json!({})).token(&agent).key("n1");
    let refused = next().send().await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "agent_not_available"),
        "{}",
        refused.text
    );
    let signed_in = world
        .post("/agents/me/sign-in", &json!({"counter_id": world.counter}))
        .token(&agent)
        .key("s1");
    let signed_in = signed_in.send().await;
    assert_eq!((signed_in.status, signed_in.json()["presence"].as_str()), (200, Some("available")));
    let again = next().send().await;
    assert_eq!(
        (again.status, &again.text, again.header("idempotency-replayed")),
        (409, &refused.text, "true")
    );
    assert_eq!(again.header("content-type"), "application/problem+json");
    let nobody = || world.post("/agents/me/call-next", &json!({})).token(&agent).key("n2");
    assert_eq!(nobody().send().await.status, 204);
    world.issue("t1").await;
    let again = nobody().send().await;
    assert_eq!(
        (again.status, again.text.as_str(), again.header("idempotency-replayed")),
        (204, "", "true")
    );
    let closed = world
        .post(&format!("/queues/{}/close", world.queue), &json!({"waiting": "expire"}))
        .token(&manager);
    let closed = closed.key("c1").send().await;
    assert_eq!(
        (closed.status, closed.json()["state"].as_str()),
        (200, Some("closed")),
        "{}",
        closed.text
    );
}

#[tokio::test]
async fn a_kept_answer_is_not_shown_to_who_lost_the_right() {
    let world = World::new().await;
    let subject = Subject::Role(Role::Manager);
    let manager = world.token(Some("bank"), subject, Role::Manager);
    let body = json!({"queue_id": world.queue, "channel": "staff"});
    assert_eq!(world.post("/tickets", &body).token(&manager).key("k1").send().await.status, 201);
    let admin = world.of_role(Role::Admin);
    let (awa, path) = (world.of_agent(), "/tickets");
    let first = world.post(path, &body).token(&awa).key("k2").send().await;
    assert_eq!(first.status, 201);
    let moved = json!({"name": "Awa", "email": "awa@example.com", "queues": [world.side]});
    world.put(&format!("/agents/{}", world.agent), &moved).token(&admin).send().await;
    let replay = world.post(path, &body).token(&awa).key("k2").send().await;
    assert_eq!((replay.status, replay.code().as_str()), (403, "not_assigned"));
    assert!(!replay.text.contains(first.json()["number"].as_str().unwrap()));
}

#[tokio::test]
async fn bad_input_is_refused_and_its_key_stays_free() {
    let world = World::new().await;
    let token = world.of_role(Role::Manager);
    for (member, value) in [
        ("priority", json!(9)),
        ("status", json!("served")),
        ("number", json!("A1")),
        ("tenant_id", json!("x")),
    ] {
        let mut body = json!({"queue_id": world.queue, "channel": "staff"});
        body[member] = value;
        let answer = world.post("/tickets", &body).token(&token).key("k1").send().await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_request"));
        assert_eq!(answer.json()["errors"][0]["pointer"], format!("/{member}"));
    }
    let good = json!({"queue_id": world.queue, "channel": "staff"});
    assert_eq!(world.post("/tickets", &good).token(&token).key("k1").send().await.status, 201);
    let raw = |body: &str, kind: &str| {
        let mut ask =
            world.ask(Method::POST, "/api/v1/tenants/bank/tickets").token(&token).key("k2");
        ask = ask.with("content-type", kind);
        ask.raw(body)
    };
    assert_eq!(raw("{", "application/json").send().await.code(), "invalid_json");
    assert_eq!(raw("{}", "text/plain").send().await.status, 415);
    let long = raw(&" ".repeat(70_000), "application/json").send().await;
    assert_eq!((long.status, long.code().as_str()), (413, "body_too_large"));
    let query = world
        .ask(Method::POST, "/api/v1/tenants/bank/tickets?x=1")
        .token(&token)
        .key("k3")
        .body(&good)
        .send()
        .await;
    assert_eq!(query.status, 400);
}
