//! How queues stood, every half minute: stored, paged, thinned.
//!
//! The clock stands at noon in Dakar, which is on UTC, until a story moves it.
//! Invariant: a sample says what the queue had published when it was taken.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, eventually};

stories! {
    at "2026-03-02T12:00:10Z";
    a_sample_is_taken_every_half_minute,
    samples_are_paged_and_cut_by_time,
    a_sample_says_how_the_queue_stood,
    after_ninety_days_one_sample_an_hour_is_left,
    the_interval_is_configured,
}

async fn page(app: &App, queue: Uuid, query: &str) -> Value {
    app.manager().get(&format!("/queues/{queue}/metrics?{query}")).await.is(200)
}

/// When the samples were taken, newest first.
async fn times(app: &App, queue: Uuid, query: &str) -> Vec<String> {
    let page = page(app, queue, query).await;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["at"].as_str().unwrap().to_owned()).collect()
}

/// The sample of the clock's instant is there for all three queues.
async fn sampled(app: &App) {
    let now = app.now().to_string();
    let branch = app.branch();
    for queue in [branch.a, branch.b, branch.c] {
        eventually("it is sampled", async || {
            (times(app, queue, "limit=1").await.first() == Some(&now)).then_some(())
        })
        .await;
    }
}

/// Every queue has published once.
async fn published(app: &App) {
    let manager = app.manager();
    app.awa().sign_in().await;
    eventually("the bank knows its agents", async || {
        let told = manager.get("/stats").await.is(200);
        (told["agents"]["available"] == 1).then_some(())
    })
    .await;
}

async fn a_sample_is_taken_every_half_minute(app: &mut App) {
    published(app).await;
    let queue = app.branch().a;
    assert_eq!(times(app, queue, "").await, [""; 0], "none is due");
    for _ in 0..3 {
        app.wait(30);
        sampled(app).await;
    }
    let taken = ["2026-03-02T12:01:40Z", "2026-03-02T12:01:10Z", "2026-03-02T12:00:40Z"];
    assert_eq!(times(app, queue, "").await, taken);
    app.restart().await;
    assert_eq!(times(app, queue, "").await, taken);
}

async fn samples_are_paged_and_cut_by_time(app: &mut App) {
    published(app).await;
    let queue = app.branch().a;
    for _ in 0..4 {
        app.wait(30);
        sampled(app).await;
    }
    let all = times(app, queue, "").await;
    assert_eq!(all.len(), 4);
    let (mut walked, mut query) = (Vec::new(), "limit=3".to_owned());
    loop {
        walked.extend(times(app, queue, &query).await);
        let next = page(app, queue, &query).await["next_cursor"].clone();
        let Some(cursor) = next.as_str() else { break };
        query = format!("limit=3&cursor={cursor}");
    }
    assert_eq!(walked, all);
    let between = format!("from={}&to={}", all[2], all[0]);
    assert_eq!(times(app, queue, &between).await, all[1..3]);
    for wrong in ["from=yesterday", "to=1", "limit=0", "limit=201", "cursor=x", "day=2"] {
        let path = format!("/queues/{queue}/metrics?{wrong}");
        app.manager().get(&path).await.refused(400, "invalid_request");
    }
}

async fn a_sample_says_how_the_queue_stood(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    published(app).await;
    awa.issue(branch.a).await;
    app.wait(20);
    let ticket = awa.serve_next().await;
    app.wait(50);
    awa.order(&ticket, "finish").await.is(200);
    awa.issue(branch.a).await;
    app.wait(25);
    // Another event, so that the queue publishes how long the line has waited by now.
    awa.issue(branch.a).await;
    eventually("the queue has published", async || {
        let told = app.manager().get("/stats").await.is(200);
        (told["waiting"] == 2 && told["served_15m"] == 1 && told["longest_wait_seconds"] == 25)
            .then_some(())
    })
    .await;
    app.wait(30);
    sampled(app).await;
    let sample = page(app, branch.a, "limit=1").await["items"][0].clone();
    assert_eq!(sample["wait"], json!({ "p50": 20, "p90": 20, "p95": 20, "count": 1 }), "{sample}");
    assert_eq!(sample["agents"], json!({ "available": 1, "busy": 0, "on_break": 0 }));
    assert_eq!((&sample["waiting"], &sample["served_15m"]), (&json!(2), &json!(1)));
    assert_eq!((&sample["service_level"], &sample["abandoned_15m"]), (&json!(1.0), &json!(0)));
    assert!(sample["longest_wait_seconds"].as_u64().unwrap() >= 25, "{sample}");
    let elsewhere = page(app, branch.c, "limit=1").await["items"][0].clone();
    assert_eq!((&elsewhere["waiting"], &elsewhere["wait"]["p50"]), (&json!(0), &Value::Null));
}

async fn after_ninety_days_one_sample_an_hour_is_left(app: &mut App) {
    published(app).await;
    let queue = app.branch().a;
    for at in [
        "2026-03-02T12:10:00Z",
        "2026-03-02T12:50:00Z",
        "2026-03-02T13:20:00Z",
        "2026-03-02T13:40:00Z",
        "2026-03-04T09:00:00Z",
        "2026-03-04T09:30:00Z",
    ] {
        app.wait_until(at);
        sampled(app).await;
    }
    assert_eq!(times(app, queue, "").await.len(), 6);
    // Ninety days after the first day, and not yet after the third.
    app.wait_until("2026-06-01T12:00:00Z");
    let old = "to=2026-03-05T00:00:00Z";
    let left = [
        "2026-03-04T09:30:00Z",
        "2026-03-04T09:00:00Z",
        "2026-03-02T13:40:00Z",
        "2026-03-02T12:50:00Z",
    ];
    eventually("what is old is thinned", async || {
        (times(app, queue, old).await == left).then_some(())
    })
    .await;
    app.wait_until("2026-06-03T12:00:00Z");
    eventually("what has become old is thinned too", async || {
        let left = [left[0], left[2], left[3]];
        (times(app, queue, old).await == left).then_some(())
    })
    .await;
}

async fn the_interval_is_configured(app: &mut App) {
    app.restart_with(&[("SMARTQUEUE__METRICS__SAMPLE_SECONDS", "5")]).await;
    published(app).await;
    app.wait(5);
    sampled(app).await;
    app.wait(5);
    sampled(app).await;
    assert_eq!(times(app, app.branch().b, "").await.len(), 2);
}
