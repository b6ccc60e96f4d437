//! Push dispatch: the next ticket is held out to the agent who has been idle longest.
//!
//! Offers come over the agent's socket; they are accepted, rejected or missed.
//! Invariant: a ticket that is offered keeps its place, and is announced to nobody before it is accepted.

use serde_json::{Value, json};

use crate::app::{App, eventually};
use crate::client::{Client, id, number};
use crate::socket::Socket;

stories! {
    an_offer_comes_to_the_socket_and_is_accepted,
    a_rejected_offer_goes_to_the_next_agent,
    a_missed_offer_goes_on_and_missing_too_many_is_a_break,
    an_offer_that_is_a_call_needs_no_answer,
    an_offer_is_answered_by_its_agent_only,
    an_offer_falls_with_its_ticket,
    an_offered_ticket_waits_again_after_a_restart,
}

async fn pushed(app: &App, agents: &[uuid::Uuid], more: Value) {
    for agent in agents {
        let mut body = json!({ "dispatch": "push", "offer_timeout_seconds": 600 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app.configure("agents", *agent, body).await;
    }
}

/// The agent once an offer stands.
async fn offered(client: &Client) -> Value {
    eventually("an offer stands", async || {
        Some(client.me().await["offer"].clone()).filter(|offer| !offer.is_null())
    })
    .await
}

async fn answer(client: &Client, offer: &Value, verb: &str) -> crate::client::Answer {
    client.post(&format!("/offers/{}/{verb}", id(offer)), json!({})).await
}

async fn an_offer_comes_to_the_socket_and_is_accepted(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    pushed(app, &[branch.awa], json!({})).await;
    let mut socket = Socket::signed_in(app, &awa.token).await;
    socket.follow(&format!("agent:{}", branch.awa)).await;
    awa.sign_in().await;
    let ticket = awa.issue(branch.a).await;
    let frame = socket.event("ticket.offered").await;
    let offer = frame["data"]["ticket"].clone();
    assert_eq!((&offer["ticket_id"], number(&offer)), (&ticket["id"], "A001"));
    assert!(offer["reason"]["text"].is_string());
    assert_eq!(awa.ticket(&ticket).await["state"], "offered");
    assert_eq!(app.count(branch.a, "ticket.called").await, 0, "nobody was called yet");
    let called = answer(&awa, &offer, "accept").await.is(200);
    assert_eq!((&called["state"], &called["id"]), (&json!("called"), &ticket["id"]));
    assert_eq!(socket.event("ticket.called").await["data"]["ticket"]["number"], "A001");
    answer(&awa, &offer, "accept").await.refused(404, "not_found");
}

async fn a_rejected_offer_goes_to_the_next_agent(app: &mut App) {
    let (branch, awa, binta) = (app.branch(), app.awa(), app.binta());
    pushed(app, &[branch.awa, branch.binta], json!({})).await;
    awa.sign_in().await;
    binta.sign_in().await;
    let ticket = awa.issue(branch.a).await;
    let first = offered(&awa).await;
    assert_eq!(binta.me().await["offer"], Value::Null, "the longest idle is asked first");
    answer(&awa, &first, "reject").await.is(204);
    let second = offered(&binta).await;
    assert_eq!(second["ticket_id"], ticket["id"]);
    assert_ne!(id(&second), id(&first));
    assert_eq!(answer(&binta, &second, "accept").await.is(200)["agent_id"], json!(branch.binta));
}

async fn a_missed_offer_goes_on_and_missing_too_many_is_a_break(app: &mut App) {
    let (branch, awa, binta) = (app.branch(), app.awa(), app.binta());
    pushed(app, &[branch.awa], json!({ "offer_timeout_seconds": 1, "offers_missed_max": 1 })).await;
    pushed(app, &[branch.binta], json!({})).await;
    awa.sign_in().await;
    binta.sign_in().await;
    let ticket = awa.issue(branch.a).await;
    let second = offered(&binta).await;
    assert_eq!(second["ticket_id"], ticket["id"], "the ticket kept its place and went on");
    let away = awa.me().await;
    assert_eq!((&away["presence"], &away["reason"]), (&json!("on_break"), &json!("missed offers")));
    answer(&binta, &second, "accept").await.is(200);
}

async fn an_offer_that_is_a_call_needs_no_answer(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    pushed(app, &[branch.awa], json!({ "auto_accept": true })).await;
    awa.sign_in().await;
    let ticket = awa.issue(branch.a).await;
    eventually("called without an answer", async || {
        Some(awa.ticket(&ticket).await).filter(|ticket| ticket["state"] == "called")
    })
    .await;
    assert_eq!(awa.me().await["ticket"]["id"], ticket["id"]);
}

async fn an_offer_is_answered_by_its_agent_only(app: &mut App) {
    let (branch, awa, binta) = (app.branch(), app.awa(), app.binta());
    pushed(app, &[branch.awa], json!({})).await;
    awa.sign_in().await;
    binta.sign_in().await;
    let ticket = awa.issue(branch.a).await;
    let offer = offered(&awa).await;
    answer(&binta, &offer, "accept").await.refused(403, "insufficient_scope");
    answer(&app.stranger(), &offer, "accept").await.refused(404, "not_found");
    binta.order(&ticket, "call").await.refused(409, "invalid_transition");
    binta.call_next().await.is(204);
    assert_eq!(
        answer(&app.manager(), &offer, "accept").await.is(200)["agent_id"],
        json!(branch.awa)
    );
}

async fn an_offer_falls_with_its_ticket(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    pushed(app, &[branch.awa], json!({})).await;
    awa.sign_in().await;
    let ticket = awa.issue(branch.a).await;
    let offer = offered(&awa).await;
    awa.order(&ticket, "cancel").await.is(200);
    eventually("the offer is gone", async || {
        Some(awa.me().await).filter(|me| me["offer"].is_null() && me["presence"] == "available")
    })
    .await;
    answer(&awa, &offer, "accept").await.refused(404, "not_found");
    let next = awa.issue(branch.a).await;
    assert_eq!(offered(&awa).await["ticket_id"], next["id"], "and the agent is asked again");
}

async fn an_offered_ticket_waits_again_after_a_restart(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    pushed(app, &[branch.awa], json!({})).await;
    awa.sign_in().await;
    let ticket = awa.issue(branch.a).await;
    offered(&awa).await;
    app.restart().await;
    let awa = app.awa();
    let offer = offered(&awa).await;
    assert_eq!(offer["ticket_id"], ticket["id"], "offered anew");
    assert_eq!(answer(&awa, &offer, "accept").await.is(200)["number"], "A001");
}
