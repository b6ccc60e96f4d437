//! Sites, services, queues, counters, agents and devices: made, seen, replaced and deleted, version by version.
//!
//! A change that was judged against an older version is refused; what is still in use is not deleted.
//! Invariant: a refused change changes nothing, and an accepted one is at work at once.

use serde_json::{Value, json};

use crate::app::{App, eventually};
use crate::client::id;

stories! {
    each_kind_is_made_seen_replaced_and_deleted,
    a_change_of_an_older_version_is_refused,
    what_is_in_use_stays,
    unsound_bodies_say_where_they_are_wrong,
    a_change_is_at_work_at_once_and_after_a_restart,
}

fn bodies(app: &App) -> [(&'static str, Value, &'static str); 6] {
    let branch = app.branch();
    [
        (
            "sites",
            json!({ "slug": "ziguinchor", "name": "Ziguinchor", "timezone": "Africa/Dakar" }),
            "name",
        ),
        (
            "services",
            json!({ "slug": "cards", "names": { "fr": "Cartes", "en": "Cards" } }),
            "slug",
        ),
        (
            "queues",
            json!({ "site_id": branch.thies, "service_id": branch.credit, "name": "Credit", "prefix": "Z" }),
            "name",
        ),
        ("counters", json!({ "site_id": branch.thies, "name": "7" }), "name"),
        (
            "agents",
            json!({ "name": "Coumba", "email": "coumba@example.org", "queues": [branch.c] }),
            "name",
        ),
        ("devices", json!({ "site_id": branch.thies, "kind": "kiosk", "name": "Hall" }), "name"),
    ]
}

async fn each_kind_is_made_seen_replaced_and_deleted(app: &mut App) {
    let admin = app.admin();
    for (kind, mut body, member) in bodies(app) {
        let made = admin.post(&format!("/{kind}"), body.clone()).await;
        let shown = made.is(201);
        let path = format!("/{kind}/{}", id(&shown));
        assert_eq!(
            (made.header("etag"), made.header("location")),
            (Some("\"1\""), Some(format!("/api/v1/tenants/teranga{path}").as_str())),
            "{kind}"
        );
        assert_eq!(admin.get(&path).await.header("etag"), Some("\"1\""));
        body[member] = json!("changed");
        let replaced = admin.put(&path, Some(1), &body).await;
        replaced.is(200);
        assert_eq!(replaced.header("etag"), Some("\"2\""), "{kind}");
        let again = admin.post(&format!("/{kind}"), body).await;
        assert!(again.refused(409, "taken")["field"].is_string(), "{kind}");
        admin.delete(&path).await.is(204);
        admin.get(&path).await.refused(404, "not_found");
        admin.delete(&path).await.refused(404, "not_found");
    }
}

async fn a_change_of_an_older_version_is_refused(app: &mut App) {
    let admin = app.admin();
    let (_, body, _) = bodies(app)[0].clone();
    let site = admin.post("/sites", body.clone()).await.is(201);
    let path = format!("/sites/{}", id(&site));
    admin.put(&path, Some(1), &body).await.is(200);
    let problem = admin.put(&path, Some(1), &body).await.refused(412, "version_conflict");
    assert_eq!(problem["current"], 2);
    let request =
        admin.http.delete(admin.url(&path)).bearer_auth(&admin.token).header("if-match", "\"1\"");
    crate::client::Client::sends(request).await.refused(412, "version_conflict");
    let weak = admin
        .http
        .put(admin.url(&path))
        .bearer_auth(&admin.token)
        .json(&body)
        .header("if-match", "W/\"2\"");
    crate::client::Client::sends(weak).await.refused(400, "if_match_invalid");
    assert_eq!(admin.get(&path).await.is(200)["version"], 2);
    let both = futures_util::future::join(
        admin.put(&path, Some(2), &body),
        admin.put(&path, Some(2), &body),
    )
    .await;
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "one of two writers wins");
}

async fn what_is_in_use_stays(app: &mut App) {
    let (branch, admin) = (app.branch(), app.admin());
    for (kind, thing) in [
        ("sites", branch.dakar),
        ("services", branch.cash),
        ("queues", branch.a),
        ("counters", branch.counter_1),
    ] {
        admin.delete(&format!("/{kind}/{thing}")).await.refused(409, "in_use");
    }
}

async fn unsound_bodies_say_where_they_are_wrong(app: &mut App) {
    let (branch, admin) = (app.branch(), app.admin());
    let queue = |more: Value| {
        let mut body = json!({ "site_id": branch.thies, "service_id": branch.credit, "name": "Credit", "prefix": "Z" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (kind, body, pointer) in [
        ("sites", json!({ "slug": "x", "name": "X", "timezone": "Mars/Olympus" }), "/timezone"),
        ("sites", json!({ "slug": "x", "name": "X", "colour": "red" }), "/colour"),
        ("queues", queue(json!({ "classes": [{ "key": "a" }, { "key": "a" }] })), "/classes"),
        ("queues", queue(json!({ "policy": { "kind": "lottery" } })), "/policy"),
        ("queues", queue(json!({ "ladder": { "min_calls": 3, "max_calls": 2 } })), "/ladder"),
        ("counters", json!({ "site_id": branch.thies }), "/name"),
        (
            "agents",
            json!({ "name": "X", "email": "x@example.org", "queues": [branch.awa] }),
            "/queues",
        ),
    ] {
        let problem = admin.post(&format!("/{kind}"), body).await.refused(400, "invalid_request");
        let found = problem["errors"][0]["pointer"].as_str().unwrap();
        assert!(found.starts_with(pointer), "{kind}: {pointer} is not {found}");
    }
}

async fn a_change_is_at_work_at_once_and_after_a_restart(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    app.configure_queue(branch.a, json!({ "prefix": "ZA", "number_start": 100 })).await;
    let first = eventually("the new numbers", async || {
        let ticket = awa.issue(branch.a).await;
        ticket["number"].as_str().unwrap().starts_with("ZA").then_some(ticket)
    })
    .await;
    assert!(first["number"].as_str().unwrap().starts_with("ZA"));
    app.restart().await;
    assert!(app.awa().issue(branch.a).await["number"].as_str().unwrap().starts_with("ZA"));
    app.configure("agents", branch.awa, json!({ "queues": [branch.b] })).await;
    app.awa().issue_with(branch.a, json!({})).await.refused(403, "not_assigned");
}
