//! Who is let in, who is not, and that nobody learns what they may not know.

use actors::{AgentBody, Ask};
use axum::http::Method;
use domain::Role;
use serde_json::json;
use transport::Subject;
use uuid::Uuid;

use crate::world::World;

#[tokio::test]
async fn without_a_good_token_there_is_a_challenge() {
    let world = World::new().await;
    for ask in [
        world.get("/queues"),
        world.get("/queues").token("nonsense"),
        world.get("/queues").with("authorization", "Basic eA=="),
    ] {
        let answer = ask.send().await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "invalid_token"));
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""));
    }
}

#[tokio::test]
async fn unknown_and_foreign_answer_with_the_same_bytes() {
    let world = World::new().await;
    let (ours, theirs) = (
        world.of_role(Role::Admin),
        world.token(Some("other"), Subject::Role(Role::Admin), Role::Admin),
    );
    let ticket = world.issue("k1").await["id"].as_str().unwrap().to_owned();
    let mut bodies = Vec::new();
    for kind in ["sites", "services", "queues", "counters", "agents", "devices", "tickets"] {
        let foreign = match kind {
            "tickets" => ticket.clone(),
            "queues" => world.queue.to_string(),
            _ => world.site.to_string(),
        };
        for id in
            [foreign, Uuid::from_u128(7).to_string(), "not-an-id".to_owned(), "%00".to_owned()]
        {
            let path = format!("/api/v1/tenants/other/{kind}/{id}");
            bodies.push(world.ask(Method::GET, path).token(&theirs).send().await);
        }
    }
    let crossing = world.ask(Method::GET, "/api/v1/tenants/other/queues").token(&ours).send().await;
    let nobody = world.ask(Method::GET, "/api/v1/tenants/nobody/queues").token(&ours).send().await;
    bodies.extend([crossing, nobody]);
    for answer in &bodies {
        assert_eq!((answer.status, &answer.text), (404, &bodies[0].text));
    }
    assert_eq!(world.get(&format!("/tickets/{ticket}")).token(&ours).send().await.status, 200);
}

#[tokio::test]
async fn scopes_are_asked_for_before_the_body_is_read() {
    let world = World::new().await;
    let (agent, kiosk) = (world.of_agent(), world.of_device(world.kiosk));
    for path in ["/sites", "/services", "/queues", "/counters", "/agents", "/devices"] {
        let answer = world.post(path, &json!({})).token(&agent).send().await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "insufficient_scope"), "{path}");
    }
    for path in ["/tickets", "/agents", "/agents/me", "/devices"] {
        let answer = world.get(path).token(&kiosk).send().await;
        assert_eq!(answer.status, 403, "{path}");
    }
    let answer = world
        .post(&format!("/queues/{}/pause", world.queue), &json!({}))
        .token(&agent)
        .key("k")
        .send()
        .await;
    assert_eq!(answer.status, 403);
    let platform = world.ask(Method::GET, "/api/v1/tenants").token(&agent).send().await;
    assert_eq!((platform.status, platform.code().as_str()), (403, "insufficient_scope"));
}

#[tokio::test]
async fn agents_act_for_themselves_and_on_their_queues_only() {
    let world = World::new().await;
    let token = world.of_agent();
    let boss = json!({"name": "Bob", "email": "bob@example.com", "queues": [world.side]});
    let bob: AgentBody = serde_json::from_value(boss).unwrap();
    let bob = world.engine.tenant("bank").unwrap().create(bob, Ask::system()).await.unwrap().id;
    let answer = world
        .post(&format!("/agents/{bob}/sign-in"), &json!({}))
        .token(&token)
        .key("k1")
        .send()
        .await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "insufficient_scope"));
    for queue in [world.side, world.far] {
        let next = world
            .post("/agents/me/call-next", &json!({"queue_id": queue}))
            .token(&token)
            .key("k2")
            .send()
            .await;
        assert_eq!((next.status, next.code().as_str()), (403, "not_assigned"));
        let body = json!({"queue_id": queue, "channel": "staff"});
        let issue = world.post("/tickets", &body).token(&token).key("k3").send().await;
        assert_eq!((issue.status, issue.code().as_str()), (403, "not_assigned"));
    }
    let manager = world.of_role(Role::Manager);
    let body = json!({"queue_id": world.side, "channel": "staff"});
    let ticket = world.post("/tickets", &body).token(&manager).key("k4").send().await.json();
    let path = format!("/tickets/{}/call", ticket["id"].as_str().unwrap());
    let call = world.post(&path, &json!({})).token(&token).key("k5").send().await;
    assert_eq!((call.status, call.code().as_str()), (403, "not_assigned"));
    let me = world.get("/agents/me").token(&manager).send().await;
    assert_eq!((me.status, me.code().as_str()), (403, "no_agent"));
}

#[tokio::test]
async fn a_kiosk_issues_at_its_site_and_a_display_does_not() {
    let world = World::new().await;
    let (kiosk, display) = (world.of_device(world.kiosk), world.of_device(world.display));
    let issue = |token: &str, queue: Uuid, class: &str, key: &str| {
        let body = json!({"queue_id": queue, "channel": "staff", "class": class});
        world.post("/tickets", &body).token(token).key(key)
    };
    let ticket = issue(&kiosk, world.queue, "senior", "k1").send().await;
    assert_eq!(
        (ticket.status, ticket.json()["channel"].as_str()),
        (201, Some("kiosk")),
        "{}",
        ticket.text
    );
    let vip = issue(&kiosk, world.queue, "vip", "k2").send().await;
    assert_eq!((vip.status, vip.code().as_str()), (403, "class_not_allowed"));
    assert_eq!(issue(&kiosk, world.far, "senior", "k3").send().await.code(), "not_assigned");
    assert_eq!(
        issue(&display, world.queue, "senior", "k4").send().await.code(),
        "insufficient_scope"
    );
    let queues = world.get("/queues").token(&kiosk).send().await.json();
    let seen: Vec<&str> = queues["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect();
    assert!(seen.len() == 2 && !seen.contains(&world.far.to_string().as_str()));
    assert_eq!(world.get(&format!("/queues/{}", world.far)).token(&kiosk).send().await.status, 404);
    assert_eq!(
        world.get(&format!("/sites/{}", world.other_site)).token(&kiosk).send().await.status,
        404
    );
    assert_eq!(
        world.get("/sites").token(&kiosk).send().await.json()["items"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_changed_or_disabled_agent_loses_the_token_at_once() {
    let world = World::new().await;
    let (agent, admin) = (world.of_agent(), world.of_role(Role::Admin));
    assert_eq!(world.get("/agents/me").token(&agent).send().await.status, 200);
    let change = |role: &str, active: bool| {
        let body = json!({"name": "Awa", "email": "awa@example.com", "queues": [world.queue], "role": role, "active": active});
        world.put(&format!("/agents/{}", world.agent), &body).token(&admin)
    };
    assert_eq!(change("manager", true).send().await.status, 200);
    let changed = world.get("/agents/me").token(&agent).send().await;
    assert_eq!((changed.status, changed.code().as_str()), (403, "insufficient_scope"));
    assert_eq!(change("agent", false).send().await.status, 200);
    let disabled = world.get("/agents/me").token(&agent).send().await;
    assert_eq!((disabled.status, disabled.code().as_str()), (401, "invalid_token"));
}

#[tokio::test]
async fn managers_make_no_administrators() {
    let world = World::new().await;
    let (manager, admin) = (world.of_role(Role::Manager), world.of_role(Role::Admin));
    let body = json!({"name": "Eve", "email": "eve@example.com", "role": "admin"});
    let refused = world.post("/agents", &body).token(&manager).key("k1").send().await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "insufficient_scope"));
    let made = world.post("/agents", &body).token(&admin).key("k1").send().await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/agents/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(world.delete(&path).token(&manager).send().await.status, 403);
    let demoted = json!({"name": "Eve", "email": "eve@example.com", "role": "agent"});
    assert_eq!(world.put(&path, &demoted).token(&manager).send().await.status, 403);
    assert_eq!(world.delete(&path).token(&admin).send().await.code(), "in_use");
    let second = json!({"name": "Ada", "email": "ada@example.com", "role": "admin"});
    assert_eq!(world.post("/agents", &second).token(&admin).key("k2").send().await.status, 201);
    assert_eq!(world.delete(&path).token(&admin).send().await.status, 204);
}

#[tokio::test]
async fn the_platform_makes_tenants_and_sees_nothing_inside() {
    let world = World::new().await;
    let (platform, admin) = (world.of_role(Role::PlatformAdmin), world.of_role(Role::Admin));
    let create = |slug: &str| {
        world
            .ask(Method::POST, "/api/v1/tenants")
            .body(&json!({"slug": slug, "name": "New"}))
            .token(&platform)
    };
    let made = create("new").send().await;
    assert_eq!(
        (made.status, made.header("location"), made.header("etag")),
        (201, "/api/v1/tenants/new", "\"1\"")
    );
    assert_eq!(create("new").send().await.code(), "taken");
    assert_eq!(create("No Such").send().await.status, 400);
    let page =
        world.ask(Method::GET, "/api/v1/tenants?limit=2").token(&platform).send().await.json();
    assert_eq!(
        (page["items"].as_array().map(Vec::len), page["next_cursor"].as_str()),
        (Some(2), Some("new"))
    );
    assert_eq!(world.get("/queues").token(&platform).send().await.status, 404);
    assert_eq!(
        world.ask(Method::GET, "/api/v1/tenants/bank").token(&admin).send().await.json()["slug"],
        "bank"
    );
    assert_eq!(
        world.ask(Method::GET, "/api/v1/tenants/other").token(&admin).send().await.status,
        404
    );
    let name = json!({"name": "Renamed"});
    let rename =
        |token: &str| world.ask(Method::PUT, "/api/v1/tenants/bank").body(&name).token(token);
    assert_eq!(rename(&admin).send().await.status, 403);
    assert_eq!(rename(&platform).with("if-match", "\"9\"").send().await.code(), "version_conflict");
    assert_eq!(rename(&platform).with("if-match", "\"1\"").send().await.json()["name"], "Renamed");
}
