//! Queues: opened, paused, closed, outside their hours, and what is seen of them.
//!
//! Pausing stops joins and nothing else; closing asks what becomes of those who wait.
//! Invariant: the state of a queue survives a restart.

use serde_json::{Value, json};

use crate::app::App;
use crate::client::{Answer, Client, id, number};

stories! {
    at "2026-03-02T09:00:00Z";
    a_paused_queue_takes_nobody_and_still_serves,
    a_closed_queue_keeps_or_sends_away_those_who_wait,
    outside_the_opening_hours_nobody_joins,
    the_head_of_the_line_says_why,
    figures_count_everybody_once,
    only_supervisors_open_and_close,
    a_queue_with_people_is_not_deleted,
}

async fn change(client: &Client, queue: uuid::Uuid, verb: &str, body: Value) -> Answer {
    client.post(&format!("/queues/{queue}/{verb}"), body).await
}

async fn a_paused_queue_takes_nobody_and_still_serves(app: &mut App) {
    let (queue, awa, manager) = (app.branch().a, app.awa(), app.manager());
    awa.sign_in().await;
    awa.issue(queue).await;
    assert_eq!(change(&manager, queue, "pause", json!({})).await.is(200)["state"], "paused");
    for client in [app.kiosk(), app.awa(), app.admin()] {
        client.issue_with(queue, json!({})).await.refused(409, "queue_paused");
    }
    awa.call_next().await.is(200);
    app.restart().await;
    app.kiosk().issue_with(queue, json!({})).await.refused(409, "queue_paused");
    assert_eq!(change(&app.manager(), queue, "open", json!({})).await.is(200)["state"], "open");
    app.kiosk().issue(queue).await;
}

async fn a_closed_queue_keeps_or_sends_away_those_who_wait(app: &mut App) {
    let (queue, awa, manager) = (app.branch().a, app.awa(), app.manager());
    awa.sign_in().await;
    let (called, kept) = (awa.issue(queue).await, awa.issue(queue).await);
    awa.order(&called, "call").await.is(200);
    let closed = change(&manager, queue, "close", json!({})).await.is(200);
    assert_eq!((&closed["state"], &closed["waiting"]), (&json!("closed"), &json!(1)));
    awa.issue_with(queue, json!({})).await.refused(409, "queue_closed");
    change(&manager, queue, "close", json!({ "waiting": "expire" })).await.is(200);
    assert_eq!(awa.ticket(&kept).await["state"], "expired");
    assert_eq!(awa.ticket(&called).await["state"], "called", "nobody at a counter is sent away");
    change(&manager, queue, "close", json!({ "waiting": "perhaps" }))
        .await
        .refused(400, "invalid_request");
}

async fn outside_the_opening_hours_nobody_joins(app: &mut App) {
    let (queue, kiosk) = (app.branch().a, app.kiosk());
    let day = json!([{ "open": "08:00", "close": "16:30" }]);
    let weekly = json!([day, day, day, day, day, [], []]);
    let special = json!({ "2026-03-03": [] });
    app.configure_queue(queue, json!({ "hours": { "weekly": weekly, "special": special } })).await;
    assert_eq!(app.manager().queue(queue).await["in_opening_hours"], true);
    kiosk.issue(queue).await;
    for closed_at in ["2026-03-02T16:30:00Z", "2026-03-03T10:00:00Z", "2026-03-07T10:00:00Z"] {
        app.wait_until(closed_at);
        let kiosk = app.kiosk();
        kiosk.issue_with(queue, json!({})).await.refused(409, "outside_opening_hours");
        assert_eq!(app.manager().queue(queue).await["in_opening_hours"], false, "{closed_at}");
    }
    app.wait_until("2026-03-09T08:00:00Z");
    app.kiosk().issue(queue).await;
}

async fn the_head_of_the_line_says_why(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    app.configure_queue(queue, json!({ "policy": { "kind": "priority" } })).await;
    awa.issue(queue).await;
    app.wait(1);
    awa.issue_with(queue, json!({ "class": "senior" })).await.is(201);
    let head = awa.queue(queue).await["head"].clone();
    let told: Vec<_> = head
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (number(entry), entry["position"].clone()))
        .collect();
    assert_eq!(told, [("A002", json!(1)), ("A001", json!(2))]);
    assert!(head[0]["reason"]["text"].as_str().unwrap().contains("senior"), "{head}");
}

async fn figures_count_everybody_once(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    awa.sign_in().await;
    app.binta().sign_in().await;
    for _ in 0..4 {
        awa.issue(queue).await;
    }
    app.wait(90);
    awa.serve_next().await;
    app.binta().call_next().await.is(200);
    let stats = awa.get(&format!("/queues/{queue}/stats")).await.is(200);
    let of = |name: &str| stats[name].clone();
    assert_eq!(
        [of("waiting"), of("called"), of("serving"), of("held")],
        [2, 1, 1, 0].map(|n| json!(n))
    );
    assert_eq!((of("longest_wait_seconds"), &stats["agents"]["busy"]), (json!(90), &json!(2)));
    let listed = awa.get("/queues").await.is(200);
    let of_a = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| id(item) == queue.to_string())
        .unwrap();
    assert_eq!(of_a["waiting"], 2);
}

async fn only_supervisors_open_and_close(app: &mut App) {
    let queue = app.branch().a;
    for client in [app.awa(), app.kiosk()] {
        for verb in ["open", "pause", "close"] {
            change(&client, queue, verb, json!({})).await.refused(403, "insufficient_scope");
        }
    }
    change(&app.stranger(), queue, "pause", json!({})).await.refused(404, "not_found");
    assert_eq!(app.manager().queue(queue).await["state"], "open");
}

async fn a_queue_with_people_is_not_deleted(app: &mut App) {
    let (branch, admin) = (app.branch(), app.admin());
    app.manager().issue(branch.c).await;
    admin.delete(&format!("/queues/{}", branch.c)).await.refused(409, "in_use");
    assert_eq!(admin.queue(branch.c).await["waiting"], 1);
}
