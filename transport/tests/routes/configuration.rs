//! What an administrator does: create, read, replace, delete, page by page, with versions.

use axum::http::Method;
use domain::Role;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_thing_is_made_once_changed_by_version_and_deleted() {
    let world = World::new().await;
    let admin = world.of_role(Role::Admin);
    let body = json!({"slug": "north", "name": "North", "timezone": "Africa/Dakar"});
    let create = || world.post("/sites", &body).token(&admin).key("k1");
    let made = create().send().await;
    assert_eq!((made.status, made.header("etag")), (201, "\"1\""), "{}", made.text);
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("/api/v1/tenants/bank/sites/{}", made.json()["id"].as_str().unwrap()));
    let again = create().send().await;
    assert_eq!(
        (&again.text, again.header("location"), again.header("etag")),
        (&made.text, path.as_str(), "\"1\"")
    );
    assert_eq!(again.header("idempotency-replayed"), "true");
    let taken = world.post("/sites", &body).token(&admin).key("k2").send().await;
    assert_eq!((taken.status, taken.code().as_str()), (409, "taken"));
    let put = |etag: &str| {
        let body = json!({"slug": "north", "name": "Far North"});
        world.ask(Method::PUT, path.clone()).body(&body).token(&admin).with("if-match", etag)
    };
    assert_eq!(put("\"7\"").send().await.code(), "version_conflict");
    assert_eq!(put("W/\"1\"").send().await.code(), "if_match_invalid");
    let changed = put("\"1\"").send().await;
    assert_eq!(
        (changed.header("etag"), changed.json()["name"].as_str()),
        ("\"2\"", Some("Far North"))
    );
    assert_eq!(changed.json()["created_at"], made.json()["created_at"]);
    let delete = || world.ask(Method::DELETE, path.clone()).token(&admin);
    assert_eq!(delete().with("if-match", "\"1\"").send().await.status, 412);
    assert_eq!(delete().with("if-match", "\"2\"").send().await.status, 204);
    assert_eq!(delete().send().await.status, 404);
}

#[tokio::test]
async fn what_others_depend_on_stays() {
    let world = World::new().await;
    let admin = world.of_role(Role::Admin);
    let used = world.delete(&format!("/sites/{}", world.site)).token(&admin).send().await;
    assert_eq!((used.status, used.code().as_str()), (409, "in_use"), "{}", used.text);
}

#[tokio::test]
async fn faults_are_named_by_member() {
    let world = World::new().await;
    let admin = world.of_role(Role::Admin);
    let ask = |path: &str, body: serde_json::Value| world.post(path, &body).token(&admin).key("k");
    let unknown = ask("/sites", json!({"slug": "x", "name": "X", "color": "red"})).send().await;
    assert_eq!(
        (unknown.status, unknown.json()["errors"][0]["pointer"].as_str()),
        (400, Some("/color"))
    );
    let slug = ask("/sites", json!({"slug": "No Good", "name": "X"})).send().await;
    assert_eq!((slug.status, slug.json()["errors"][0]["pointer"].as_str()), (400, Some("/slug")));
    let nowhere = json!({"site_id": uuid::Uuid::from_u128(1), "name": "9"});
    let counter = ask("/counters", nowhere).send().await;
    assert_eq!(
        (counter.status, counter.json()["errors"][0]["pointer"].as_str()),
        (400, Some("/site_id"))
    );
}

#[tokio::test]
async fn lists_come_in_pages_that_neither_repeat_nor_skip() {
    let world = World::new().await;
    let (admin, agent) = (world.of_role(Role::Admin), world.of_agent());
    for name in ["2", "3", "4", "5"] {
        let body = json!({"site_id": world.site, "name": name});
        world.post("/counters", &body).token(&admin).key(name).send().await;
    }
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/counters?limit=2&site_id={}{cursor}", world.site);
        let page = world.get(&path).token(&agent).send().await.json();
        names.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["1", "2", "3", "4", "5"]);
    let elsewhere = world
        .get(&format!("/counters?site_id={}", world.other_site))
        .token(&agent)
        .send()
        .await
        .json();
    assert_eq!(elsewhere["items"].as_array().map(Vec::len), Some(0));
    let services = world
        .get(&format!("/services?site_id={}", world.other_site))
        .token(&agent)
        .send()
        .await
        .json();
    assert_eq!(services["items"][0]["id"], world.service.to_string());
}

#[tokio::test]
async fn a_queue_is_shown_live_and_as_configured() {
    let world = World::new().await;
    let (manager, path) = (world.of_role(Role::Manager), format!("/queues/{}", world.queue));
    world.issue("t1").await;
    let shown = world.get(&path).token(&manager).send().await;
    let body = shown.json();
    assert_eq!(
        (body["waiting"].as_u64(), body["state"].as_str()),
        (Some(1), Some("open")),
        "{body}"
    );
    assert_eq!(body["head"][0]["number"], "A001");
    let mut config = body["config"].clone();
    config["name"] = json!("Tills");
    let changed = world
        .put(&path, &config)
        .token(&manager)
        .with("if-match", shown.header("etag"))
        .send()
        .await;
    assert_eq!(
        (changed.status, changed.json()["name"].as_str()),
        (200, Some("Tills")),
        "{}",
        changed.text
    );
    let stats = world.get(&format!("{path}/stats")).token(&manager).send().await.json();
    assert_eq!(stats["waiting"], 1);
    let used = world.delete(&path).token(&manager).send().await;
    assert_eq!(used.status, 409, "{}", used.text);
    let change =
        |verb: &str| world.post(&format!("{path}/{verb}"), &json!({})).token(&manager).key(verb);
    assert_eq!(change("pause").send().await.json()["state"], "paused");
    let body = json!({"queue_id": world.queue, "channel": "staff"});
    let refused = world.post("/tickets", &body).token(&manager).key("t2").send().await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "queue_paused"));
    assert_eq!(change("open").send().await.json()["state"], "open");
}

#[tokio::test]
async fn addresses_of_staff_are_for_those_who_manage_them() {
    let world = World::new().await;
    let shown = |token: String| {
        let world = &world;
        async move { world.get("/agents").token(&token).send().await.json()["items"][0].clone() }
    };
    assert_eq!(shown(world.of_role(Role::Manager)).await["email"], "awa@example.com");
    let seen = shown(world.of_agent()).await;
    assert_eq!((seen["name"].as_str(), seen.get("email")), (Some("Awa"), None));
}
