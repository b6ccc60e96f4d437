//! The place in line and the wait to come, as the person is told.
//!
//! Both follow the order in which the queue really calls; no promise is made while nobody serves.
//! Invariant: who is told to be first is called first.

use serde_json::{Value, json};

use crate::app::{App, eventually};
use crate::client::{Client, id};
use crate::socket::Socket;

stories! {
    the_place_agrees_with_the_order_of_calls,
    nobody_serving_means_no_estimate,
    the_estimate_grows_with_the_place,
    a_range_is_shown_in_whole_minutes_around_the_estimate,
    who_follows_a_ticket_hears_when_its_range_changes,
    what_was_learnt_survives_a_restart,
}

/// The original's fault 11: the place shown was by arrival, whatever the algorithm.
async fn the_place_agrees_with_the_order_of_calls(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    awa.sign_in().await;
    for policy in ["fifo", "priority", "sla", "accumulating"] {
        app.configure_queue(queue, json!({ "policy": { "kind": policy } })).await;
        let mut tickets = Vec::new();
        for class in ["normal", "senior", "normal", "vip"] {
            tickets.push(awa.issue_with(queue, json!({ "class": class })).await.is(201));
        }
        let mut placed: Vec<(u64, String)> = Vec::new();
        for ticket in &tickets {
            let place = awa.ticket(ticket).await["position"].as_u64().unwrap();
            placed.push((place, id(ticket).to_owned()));
        }
        placed.sort();
        assert_eq!(
            placed.iter().map(|(place, _)| *place).collect::<Vec<_>>(),
            [1, 2, 3, 4],
            "{policy}"
        );
        for (_, wanted) in placed {
            assert_eq!(id(&awa.call_next().await.is(200)), wanted, "{policy}");
            app.finish_in_hand(&awa).await;
        }
    }
}

/// The original's fault 12: it always counted at least one agent.
async fn nobody_serving_means_no_estimate(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    let estimate =
        async || app.kiosk().get(&format!("/queues/{queue}")).await.is(200)["estimate"].clone();
    let ticket = app.kiosk().issue(queue).await;
    assert_eq!((&ticket["estimate"], estimate().await), (&Value::Null, Value::Null));
    awa.sign_in().await;
    let told = eventually("somebody serves", async || {
        Some(estimate().await).filter(|told| !told.is_null())
    })
    .await;
    assert!(told["p10_seconds"].as_u64() <= told["p50_seconds"].as_u64());
    assert!(told["p50_seconds"].as_u64() <= told["p90_seconds"].as_u64());
    assert!(!awa.ticket(&ticket).await["estimate"].is_null());
    awa.post("/agents/me/sign-out", json!({})).await.is(200);
    eventually("nobody serves", async || Some(estimate().await).filter(Value::is_null)).await;
}

async fn the_estimate_grows_with_the_place(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    awa.sign_in().await;
    let mut told = Vec::new();
    for _ in 0..6 {
        let ticket = awa.issue(queue).await;
        told.push(ticket["estimate"]["p50_seconds"].as_u64().unwrap());
    }
    assert!(told.is_sorted() && told[0] < told[5], "{told:?}");
}

async fn a_range_is_shown_in_whole_minutes_around_the_estimate(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    awa.sign_in().await;
    for _ in 0..6 {
        let estimate = awa.issue(queue).await["estimate"].clone();
        let figure = |name: &str| estimate[name].as_u64().unwrap();
        let shown = |name: &str| estimate["shown"][name].as_u64().unwrap();
        let (from, to) = (shown("from_seconds"), shown("to_seconds"));
        assert!(from <= figure("p10_seconds") && figure("p90_seconds") <= to, "{estimate}");
        assert!(from.is_multiple_of(60) && to.is_multiple_of(60) && from < to, "{estimate}");
    }
}

async fn serve_next(app: &App, awa: &Client) {
    awa.call_next().await.is(200);
    app.finish_in_hand(awa).await;
}

async fn who_follows_a_ticket_hears_when_its_range_changes(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    awa.sign_in().await;
    for _ in 0..5 {
        awa.issue(queue).await;
    }
    let last = awa.issue(queue).await;
    let mut socket = Socket::signed_in(app, &app.manager().token).await;
    let before = socket.follow(&format!("ticket:{}", id(&last))).await["data"].clone();
    serve_next(app, &awa).await;
    serve_next(app, &awa).await;
    let told = socket
        .hear_until(|frame| {
            frame["type"] == "ticket.eta_changed" && !frame["data"]["estimate"].is_null()
        })
        .await;
    let most = |of: &Value| of["estimate"]["shown"]["to_seconds"].as_u64().unwrap();
    assert!(most(&told["data"]) < most(&before), "{told} after {before}");
    assert!(told["data"]["position"].as_u64() < before["position"].as_u64(), "{told}");
    assert_eq!(id(&told["data"]["ticket"]), id(&last));
    assert_eq!(app.count(queue, "ticket.eta_changed").await, 0, "it is in no journal");
    awa.post("/agents/me/sign-out", json!({})).await.is(200);
    let silent = |frame: &Value| {
        frame["type"] == "ticket.eta_changed" && frame["data"]["estimate"].is_null()
    };
    socket.hear_until(silent).await;
}

async fn what_was_learnt_survives_a_restart(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    awa.sign_in().await;
    let stats =
        async |app: &App| app.manager().get(&format!("/queues/{queue}/stats")).await.is(200);
    let none = json!({ "promised": 0, "inside": 0, "share": null });
    assert_eq!(stats(app).await["eta_calibration"], none);
    awa.issue(queue).await;
    awa.call_next().await.is(200);
    for _ in 0..3 {
        awa.issue(queue).await;
    }
    // Less than a second is no wait.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    app.finish_in_hand(&awa).await;
    awa.call_next().await.is(200);
    let learnt = stats(app).await["eta_calibration"].clone();
    assert_eq!(learnt["promised"], 1, "{learnt}");
    assert_eq!(learnt["share"].as_f64(), learnt["inside"].as_f64(), "of one");
    for _ in 0..2 {
        let before = stats(app).await["eta"]["p50"].as_f64().unwrap();
        app.restart().await;
        let after = eventually("the queue knows its agents again", async || {
            stats(app).await["eta"]["p50"].as_f64()
        })
        .await;
        assert!((after / before - 1.0).abs() < 0.2, "{after} s after {before} s");
        assert_eq!(stats(app).await["eta_calibration"], learnt);
    }
}
