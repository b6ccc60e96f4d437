//! The agent's day: signing in, the counter, breaks, the time after a ticket, signing out.
//!
//! What is wanted and what is so are kept apart: a break asked for with a ticket in hand begins after it.
//! Invariant: `busy` is never asked for; it follows from a ticket.

use serde_json::{Value, json};

use crate::app::{App, eventually};
use crate::client::Client;

stories! {
    at "2026-03-02T09:00:00Z";
    an_agent_signs_in_at_the_usual_counter_and_out_again,
    a_break_asked_for_with_a_ticket_begins_after_it,
    a_wrap_up_ends_by_itself,
    a_counter_has_one_agent,
    nobody_leaves_with_a_ticket_in_hand,
    agents_act_for_themselves_and_supervisors_for_anybody,
    the_day_goes_on_after_a_restart,
}

async fn status(client: &Client, presence: &str, reason: Option<&str>) -> crate::client::Answer {
    client.post("/agents/me/set-status", json!({ "presence": presence, "reason": reason })).await
}

async fn an_agent_signs_in_at_the_usual_counter_and_out_again(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    assert_eq!(awa.me().await["presence"], "offline");
    let here = awa.sign_in().await;
    assert_eq!(
        (&here["presence"], &here["counter"]["id"]),
        (&json!("available"), &json!(branch.counter_1))
    );
    assert_eq!(here["available_since"], "2026-03-02T09:00:00Z");
    assert_eq!(awa.sign_in().await["presence"], "available", "twice is once");
    let gone = awa.post("/agents/me/sign-out", json!({})).await.is(200);
    assert_eq!((&gone["presence"], &gone["counter"]), (&json!("offline"), &Value::Null));
    assert_eq!(app.count(branch.awa, "agent.available").await, 1);
    awa.post("/agents/me/sign-in", json!({ "counter_id": branch.a }))
        .await
        .refused(400, "invalid_request");
    status(&awa, "busy", None).await.refused(400, "invalid_request");
    status(&awa, "available", None).await.refused(409, "agent_not_available");
}

async fn a_break_asked_for_with_a_ticket_begins_after_it(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    awa.issue(branch.a).await;
    awa.serve_next().await;
    let wanted = status(&awa, "on_break", Some("lunch")).await.is(200);
    assert_eq!((&wanted["presence"], &wanted["break_wanted"]), (&json!("busy"), &json!("lunch")));
    app.finish_in_hand(&awa).await;
    let away = awa.me().await;
    assert_eq!((&away["presence"], &away["reason"]), (&json!("on_break"), &json!("lunch")));
    assert_eq!(status(&awa, "available", None).await.is(200)["presence"], "available");
}

async fn a_wrap_up_ends_by_itself(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    app.configure("agents", branch.awa, json!({ "wrap_up_seconds": 60 })).await;
    awa.sign_in().await;
    awa.issue(branch.a).await;
    awa.serve_next().await;
    app.finish_in_hand(&awa).await;
    let writing = awa.me().await;
    assert_eq!(
        (&writing["presence"], &writing["wrap_up_until"]),
        (&json!("wrap_up"), &json!("2026-03-02T09:01:00Z"))
    );
    app.wait(60);
    eventually("the wrap-up is over", async || {
        Some(awa.me().await).filter(|me| me["presence"] == "available")
    })
    .await;
}

async fn a_counter_has_one_agent(app: &mut App) {
    let (branch, awa, binta) = (app.branch(), app.awa(), app.binta());
    awa.sign_in().await;
    let at = json!({ "counter_id": branch.counter_1 });
    assert_eq!(binta.post("/agents/me/sign-in", at.clone()).await.is(200)["counter"]["name"], "1");
    eventually("the counter is another's", async || {
        Some(awa.me().await).filter(|me| me["counter"].is_null())
    })
    .await;
    awa.call_next().await.refused(409, "agent_not_available");
    assert_eq!(awa.post("/agents/me/counter", at).await.is(200)["counter"]["name"], "1");
}

async fn nobody_leaves_with_a_ticket_in_hand(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    awa.issue(branch.a).await;
    awa.call_next().await.is(200);
    awa.post("/agents/me/sign-out", json!({})).await.refused(409, "agent_busy");
    status(&awa, "offline", None).await.refused(409, "agent_busy");
    let other = json!({ "counter_id": branch.counter_2 });
    awa.post("/agents/me/counter", other.clone()).await.refused(409, "agent_busy");
    awa.post("/agents/me/sign-in", other).await.refused(409, "agent_busy");
}

async fn agents_act_for_themselves_and_supervisors_for_anybody(app: &mut App) {
    let (branch, awa, manager) = (app.branch(), app.awa(), app.manager());
    let path = |verb: &str| format!("/agents/{}/{verb}", branch.binta);
    awa.post(&path("sign-in"), json!({})).await.refused(403, "insufficient_scope");
    awa.get(&path("status")).await.refused(403, "insufficient_scope");
    manager.post(&path("sign-in"), json!({})).await.is(200);
    awa.issue(branch.a).await;
    let called = manager.post(&path("call-next"), json!({})).await.is(200);
    assert_eq!(called["agent_id"], json!(branch.binta));
    assert_eq!(manager.get(&path("status")).await.is(200)["presence"], "busy");
    manager.post("/agents/me/sign-in", json!({})).await.refused(403, "no_agent");
    app.kiosk().post(&path("sign-in"), json!({})).await.refused(403, "insufficient_scope");
}

async fn the_day_goes_on_after_a_restart(app: &mut App) {
    let (branch, awa, binta) = (app.branch(), app.awa(), app.binta());
    awa.sign_in().await;
    binta.sign_in().await;
    status(&binta, "on_break", Some("prayer")).await.is(200);
    awa.issue(branch.a).await;
    let ticket = awa.serve_next().await;
    app.restart().await;
    let (awa, binta) = (app.awa(), app.binta());
    let me = awa.me().await;
    assert_eq!((&me["presence"], &me["ticket"]["id"]), (&json!("busy"), &ticket["id"]));
    assert_eq!(me["counter"]["name"], "1");
    let away = binta.me().await;
    assert_eq!((&away["presence"], &away["reason"]), (&json!("on_break"), &json!("prayer")));
    awa.order(&ticket, "finish").await.is(200);
    app.until_free(&awa).await;
}
