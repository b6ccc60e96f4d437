//! Leaving the line: given back, taken out, walked away; and coming back within the tolerance.
//!
//! The clock stands until a story moves it.
//! Invariant: who leaves while being called leaves once, or is called once, never both.

use futures_util::future::join;
use serde_json::json;

use crate::app::{App, eventually};
use crate::client::id;

stories! {
    at "2026-03-02T09:00:00Z";
    each_way_of_leaving_is_told_apart,
    who_comes_back_in_time_has_the_old_place,
    who_comes_back_too_late_takes_a_new_ticket,
    who_cancels_while_being_called_does_one_of_both,
    the_longest_wait_ends_the_wait,
}

async fn each_way_of_leaving_is_told_apart(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    for (verb, state) in
        [("cancel", "cancelled"), ("remove", "removed"), ("walk-out", "walked_out")]
    {
        let ticket = awa.issue(queue).await;
        app.wait(60);
        let gone = awa.order(&ticket, verb).await.is(200);
        assert_eq!((&gone["state"], gone["ended_at"].is_string()), (&json!(state), true));
        let ended = awa.ticket(&ticket).await;
        assert_eq!(
            (&ended["legs"][0]["outcome"], &ended["legs"][0]["stay_seconds"]),
            (&json!(state), &json!(60))
        );
        assert_eq!(ended["legs"][0]["wait_seconds"], json!(null), "nobody was called");
    }
    assert_eq!(app.manager().queue(queue).await["waiting"], 0);
}

async fn who_comes_back_in_time_has_the_old_place(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    awa.sign_in().await;
    let first = awa.issue(queue).await;
    app.wait(1);
    awa.issue(queue).await;
    for verb in ["cancel", "remove", "walk-out"] {
        awa.order(&first, verb).await.is(200);
        app.wait(60);
        let back = awa.order(&first, "reinstate").await.is(200);
        assert_eq!(
            (&back["arrived_at"], &back["position"]),
            (&first["arrived_at"], &json!(1)),
            "{verb}"
        );
    }
    assert_eq!(id(&awa.call_next().await.is(200)), id(&first));
}

async fn who_comes_back_too_late_takes_a_new_ticket(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    app.configure_queue(queue, json!({ "reinstate_within_seconds": 600 })).await;
    let ticket = awa.issue(queue).await;
    awa.order(&ticket, "walk-out").await.is(200);
    app.wait(601);
    let problem = awa.order(&ticket, "reinstate").await.refused(409, "ticket_ended");
    assert_eq!(problem["state"], "walked_out");
}

async fn who_cancels_while_being_called_does_one_of_both(app: &mut App) {
    const ROUNDS: usize = 50;
    let (queue, awa, manager) = (app.branch().a, app.awa(), app.manager());
    awa.sign_in().await;
    let mut cancelled = 0;
    for _ in 0..ROUNDS {
        let ticket = awa.issue(queue).await;
        let call = awa.order(&ticket, "call");
        let remove = manager.order(&ticket, "remove");
        let (call, remove) = join(call, remove).await;
        match (call.status, remove.status) {
            (200, 409) => assert_eq!(remove.refused(409, "invalid_transition")["from"], "called"),
            (409, 200) => {
                assert_eq!(call.refused(409, "ticket_ended")["state"], "removed");
                cancelled += 1;
            }
            other => panic!("both or neither: {other:?}"),
        }
        app.finish_in_hand(&awa).await;
    }
    assert_eq!(app.count(queue, "ticket.removed").await, cancelled);
    assert_eq!(app.count(queue, "ticket.called").await, ROUNDS - cancelled);
}

async fn the_longest_wait_ends_the_wait(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    app.configure_queue(queue, json!({ "longest_wait_seconds": 1_800 })).await;
    let ticket = awa.issue(queue).await;
    app.wait(1_800);
    eventually("waited too long", async || {
        Some(awa.ticket(&ticket).await).filter(|now| now["state"] == "expired")
    })
    .await;
    awa.order(&ticket, "reinstate").await.refused(409, "ticket_ended");
}
