//! The recall ladder: how often a person is called, how far apart, and what a missed call costs.
//!
//! The clock stands until a story moves it, so that no story waits for half a minute.
//! Invariant: nobody is marked absent before being called often enough, and a missed call never costs the arrival time.

use serde_json::{Value, json};

use crate::app::{App, eventually};
use crate::client::{Client, id};

stories! {
    at "2026-03-02T09:00:00Z";
    a_recall_too_soon_says_when_it_may_be,
    nobody_is_absent_after_too_few_calls,
    a_call_too_many_is_refused,
    a_missed_call_costs_some_places_and_the_second_the_visit,
    an_agent_puts_a_person_back_without_the_loss_of_their_arrival,
    the_ladder_climbs_by_itself_where_it_is_told_to,
    the_ladder_goes_on_after_a_restart,
}

const DEFAULTS: &str =
    r#"{"min_calls":2,"max_calls":3,"min_gap_seconds":30,"requeue_behind":3,"requeues_max":1}"#;

/// Awa at her counter, with one person called and `more` behind.
async fn called(app: &App, ladder: Value, more: usize) -> (Client, Value) {
    let (queue, awa) = (app.branch().a, app.awa());
    app.ladder(queue, ladder).await;
    awa.sign_in().await;
    let first = awa.issue(queue).await;
    for _ in 0..more {
        app.wait(1);
        awa.issue(queue).await;
    }
    let ticket = awa.call_next().await.is(200);
    assert_eq!(id(&ticket), id(&first));
    (awa, ticket)
}

fn defaults() -> Value {
    serde_json::from_str(DEFAULTS).unwrap()
}

async fn a_recall_too_soon_says_when_it_may_be(app: &mut App) {
    let (awa, ticket) = called(app, defaults(), 0).await;
    let problem = awa.order(&ticket, "recall").await.refused(409, "too_soon");
    assert_eq!(problem["retry_at"], "2026-03-02T09:00:30Z");
    app.wait(29);
    awa.order(&ticket, "recall").await.refused(409, "too_soon");
    app.wait(1);
    let again = awa.order(&ticket, "recall").await.is(200);
    assert_eq!(
        (&again["calls"], &again["last_called_at"]),
        (&json!(2), &json!("2026-03-02T09:00:30Z"))
    );
    assert_eq!(again["first_called_at"], "2026-03-02T09:00:00Z", "both calls are kept");
}

async fn nobody_is_absent_after_too_few_calls(app: &mut App) {
    let (awa, ticket) = called(app, defaults(), 0).await;
    let problem = awa.order(&ticket, "no-show").await.refused(409, "too_few_calls");
    assert_eq!((&problem["calls"], &problem["min_calls"]), (&json!(1), &json!(2)));
    app.manager().order(&ticket, "no-show").await.refused(409, "too_few_calls");
}

async fn a_call_too_many_is_refused(app: &mut App) {
    let (awa, ticket) = called(app, defaults(), 0).await;
    for calls in 2..=3 {
        app.wait(30);
        assert_eq!(awa.order(&ticket, "recall").await.is(200)["calls"], calls);
    }
    app.wait(30);
    awa.order(&ticket, "recall").await.refused(409, "quota_exceeded");
}

async fn a_missed_call_costs_some_places_and_the_second_the_visit(app: &mut App) {
    let (awa, ticket) = called(app, defaults(), 5).await;
    let miss = async || {
        app.wait(30);
        awa.order(&ticket, "recall").await.is(200);
        awa.order(&ticket, "no-show").await.is(200)
    };
    let back = miss().await;
    assert_eq!((&back["state"], &back["requeues"]), (&json!("waiting"), &json!(1)));
    assert_eq!(back["arrived_at"], ticket["arrived_at"], "the arrival is kept");
    app.until_free(&awa).await;
    assert_eq!(awa.ticket(&ticket).await["position"], 4, "behind three people");
    for _ in 0..3 {
        let next = awa.call_next().await.is(200);
        assert_ne!(id(&next), id(&ticket));
        app.finish_in_hand(&awa).await;
    }
    assert_eq!(id(&awa.call_next().await.is(200)), id(&ticket));
    assert_eq!(miss().await["state"], "no_show");
    let ended = awa.ticket(&ticket).await;
    assert_eq!(ended["legs"][0]["outcome"], "no_show");
}

async fn an_agent_puts_a_person_back_without_the_loss_of_their_arrival(app: &mut App) {
    let (awa, ticket) = called(app, defaults(), 2).await;
    let back = awa.order(&ticket, "requeue").await.is(200);
    assert_eq!((&back["state"], &back["arrived_at"]), (&json!("waiting"), &ticket["arrived_at"]));
    assert_eq!(back["position"], 3);
}

async fn the_ladder_climbs_by_itself_where_it_is_told_to(app: &mut App) {
    let mut ladder = defaults();
    ladder["automatic"] = json!(true);
    let (awa, ticket) = called(app, ladder, 4).await;
    let until = async |what: &str, is: &(dyn Fn(&Value) -> bool + Sync)| {
        eventually(what, async || Some(awa.ticket(&ticket).await).filter(|ticket| is(ticket))).await
    };
    for calls in 2..=3 {
        app.wait(30);
        until("called again", &|ticket| ticket["calls"] == calls).await;
    }
    app.wait(30);
    let back = until("back in line", &|ticket| ticket["state"] == "waiting").await;
    assert_eq!((&back["requeues"], &back["position"]), (&json!(1), &json!(4)));
    assert_eq!(app.until_free(&awa).await["presence"], "available");
    for _ in 0..3 {
        awa.call_next().await.is(200);
        app.finish_in_hand(&awa).await;
    }
    assert_eq!(id(&awa.call_next().await.is(200)), id(&ticket));
    for _ in 0..3 {
        app.wait(30);
        let calls = awa.ticket(&ticket).await["calls"].clone();
        until("one step on", &|ticket| ticket["calls"] != calls || ticket["state"] != "called")
            .await;
    }
    until("gone", &|ticket| ticket["state"] == "no_show").await;
}

async fn the_ladder_goes_on_after_a_restart(app: &mut App) {
    let mut ladder = defaults();
    ladder["automatic"] = json!(true);
    let (_, ticket) = called(app, ladder, 0).await;
    app.stop().await;
    app.wait(31);
    app.start_again().await;
    let awa = app.awa();
    eventually("called again after the start", async || {
        Some(awa.ticket(&ticket).await).filter(|ticket| ticket["calls"] == 2)
    })
    .await;
}
