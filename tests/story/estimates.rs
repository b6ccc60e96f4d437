//! The place in line and the wait to come, as the person is told.
//!
//! Both follow the order in which the queue really calls; no promise is made while nobody serves.
//! Invariant: who is told to be first is called first.

use serde_json::{Value, json};

use crate::app::{App, eventually};
use crate::client::id;

stories! {
    the_place_agrees_with_the_order_of_calls,
    nobody_serving_means_no_estimate,
    the_estimate_grows_with_the_place,
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
