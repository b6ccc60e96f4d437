//! Transfer: the person goes on to another queue, and is never lost on the way.
//!
//! In the original this was a black hole (fault 4). Here either end may die, or the whole program may stop.
//! Invariant: a person on the way is in exactly one place, with the number and the arrival they began with.

use serde_json::{Value, json};

use crate::app::{App, eventually};
use crate::client::{Client, fresh_key, id, number};

stories! {
    a_transferred_person_is_called_in_the_other_queue,
    a_transfer_may_say_where_the_person_stands,
    a_transfer_that_cannot_arrive_is_refused_before_it_leaves,
    a_person_goes_there_and_back,
    a_transfer_survives_the_death_of_its_target,
    a_transfer_survives_the_death_of_its_source,
    a_transfer_survives_a_restart,
}

async fn serving(app: &App) -> (Client, Value) {
    let awa = app.awa();
    awa.sign_in().await;
    awa.issue(app.branch().a).await;
    let ticket = awa.serve_next().await;
    (awa, ticket)
}

/// The ticket once it waits in `queue`.
async fn waits_in(client: &Client, ticket: &Value, queue: uuid::Uuid) -> Value {
    eventually("the person waits in the other queue", async || {
        let answer = client.get(&format!("/tickets/{}", id(ticket))).await;
        let now = answer.body();
        (answer.status == 200 && now["state"] == "waiting" && now["queue_id"] == json!(queue))
            .then_some(now)
    })
    .await
}

async fn a_transferred_person_is_called_in_the_other_queue(app: &mut App) {
    let (branch, (awa, ticket)) = (app.branch(), serving(app).await);
    let sent = awa.order_with(&ticket, "transfer", json!({ "queue_id": branch.b })).await.is(200);
    assert_eq!((&sent["queue_id"], &sent["leg"]), (&json!(branch.b), &json!(2)));
    assert_eq!((number(&sent), &sent["arrived_at"]), (number(&ticket), &ticket["arrived_at"]));
    waits_in(&awa, &ticket, branch.b).await;
    app.until_free(&awa).await;
    let called = awa.call_next().await.is(200);
    assert_eq!((id(&called), number(&called)), (id(&ticket), "A001"));
    app.finish_in_hand(&awa).await;
    let legs = awa.ticket(&ticket).await["legs"].clone();
    let told: Vec<_> = legs
        .as_array()
        .unwrap()
        .iter()
        .map(|leg| (leg["leg"].clone(), leg["outcome"].clone()))
        .collect();
    assert_eq!(told, [(json!(1), json!("transferred")), (json!(2), json!("served"))]);
    assert_eq!((&legs[0]["queue_id"], &legs[1]["queue_id"]), (&json!(branch.a), &json!(branch.b)));
}

async fn a_transfer_may_say_where_the_person_stands(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    let sent = [awa.issue(branch.a).await, awa.issue(branch.a).await];
    for _ in 0..3 {
        awa.issue(branch.b).await;
    }
    let places = [(json!("first"), 1), (json!({ "behind": 2 }), 3)];
    for (ticket, (placement, position)) in sent.iter().zip(places) {
        awa.order(ticket, "call").await.is(200);
        awa.order(ticket, "start").await.is(200);
        let body = json!({ "queue_id": branch.b, "placement": placement });
        awa.order_with(ticket, "transfer", body).await.is(200);
        assert_eq!(waits_in(&awa, ticket, branch.b).await["position"], position, "{placement}");
        awa.order(ticket, "cancel").await.is(200);
        app.until_free(&awa).await;
    }
}

async fn a_transfer_that_cannot_arrive_is_refused_before_it_leaves(app: &mut App) {
    let (branch, (awa, ticket)) = (app.branch(), serving(app).await);
    let before = app.journal_length(branch.a).await;
    let to = |queue| json!({ "queue_id": queue });
    awa.order_with(&ticket, "transfer", to(branch.a)).await.refused(409, "same_queue");
    awa.order_with(&ticket, "transfer", to(branch.foreign_queue)).await.refused(404, "not_found");
    awa.order_with(&ticket, "transfer", to(branch.awa)).await.refused(404, "not_found");
    awa.order_with(&ticket, "transfer", json!({})).await.refused(400, "invalid_request");
    app.manager().post(&format!("/queues/{}/close", branch.c), json!({})).await.is(200);
    awa.order_with(&ticket, "transfer", to(branch.c)).await.refused(409, "queue_closed");
    app.configure_queue(branch.b, json!({ "capacity": 1 })).await;
    awa.issue(branch.b).await;
    awa.order_with(&ticket, "transfer", to(branch.b)).await.refused(409, "queue_full");
    assert_eq!(app.journal_length(branch.a).await, before, "no event");
    assert_eq!(awa.ticket(&ticket).await["state"], "serving");
}

async fn a_person_goes_there_and_back(app: &mut App) {
    let (branch, (awa, ticket)) = (app.branch(), serving(app).await);
    for queue in [branch.b, branch.a, branch.b, branch.a] {
        awa.order_with(&ticket, "transfer", json!({ "queue_id": queue })).await.is(200);
        waits_in(&awa, &ticket, queue).await;
        app.until_free(&awa).await;
        assert_eq!(id(&awa.serve_next().await), id(&ticket));
    }
    awa.order(&ticket, "finish").await.is(200);
    assert_eq!(awa.ticket(&ticket).await["legs"].as_array().unwrap().len(), 5);
}

/// Sends until it is known to have been sent; the key makes it one transfer.
async fn send(client: &Client, ticket: &Value, to: uuid::Uuid) {
    let (key, path) = (fresh_key(), format!("/tickets/{}/transfer", id(ticket)));
    eventually("the transfer is answered", async || {
        let answer = client.post_as(&key, &path, json!({ "queue_id": to })).await;
        match answer.status {
            200 => Some(()),
            409 if answer.body()["code"] == "idempotency_key_in_flight" => None,
            429 | 503 => None,
            _ => panic!("{}", answer.text),
        }
    })
    .await;
}

/// While the target is being started again the ticket's row says that it waits there: only the journals tell that it
/// has arrived, and that the source knows.
async fn arrives_once(app: &App) {
    let branch = app.branch();
    eventually("the source has heard of the arrival", async || {
        (app.count(branch.a, "ticket.handover_confirmed").await == 1).then_some(())
    })
    .await;
    assert_eq!(app.count(branch.a, "ticket.transferred").await, 1);
    assert_eq!(app.count(branch.b, "ticket.admitted").await, 1);
}

async fn a_transfer_survives_the_death_of_its_target(app: &mut App) {
    let (branch, (awa, ticket)) = (app.branch(), serving(app).await);
    let deaths = async {
        for _ in 0..3 {
            app.bank().kill_queue(branch.b.into());
            tokio::task::yield_now().await;
        }
    };
    futures_util::future::join(send(&awa, &ticket, branch.b), deaths).await;
    waits_in(&awa, &ticket, branch.b).await;
    arrives_once(app).await;
}

async fn a_transfer_survives_the_death_of_its_source(app: &mut App) {
    let (branch, (awa, ticket)) = (app.branch(), serving(app).await);
    send(&awa, &ticket, branch.b).await;
    for _ in 0..3 {
        app.bank().kill_queue(branch.a.into());
        tokio::task::yield_now().await;
    }
    waits_in(&awa, &ticket, branch.b).await;
    let known = app.manager();
    eventually("the source is back", async || {
        (known.get(&format!("/queues/{}", branch.a)).await.status == 200).then_some(())
    })
    .await;
    arrives_once(app).await;
    assert_eq!(app.until_free(&awa).await["ticket"], json!(null));
}

async fn a_transfer_survives_a_restart(app: &mut App) {
    let (branch, (awa, ticket)) = (app.branch(), serving(app).await);
    send(&awa, &ticket, branch.b).await;
    app.restart().await;
    let awa = app.awa();
    waits_in(&awa, &ticket, branch.b).await;
    arrives_once(app).await;
    app.until_free(&awa).await;
    assert_eq!(id(&awa.call_next().await.is(200)), id(&ticket));
}
