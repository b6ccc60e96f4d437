//! Death of an actor: its successor is the same, and nobody else notices.
//!
//! Actors are told to die, and a command kills whoever carries it out; both exist in test builds only.
//! Invariant: a command is refused for good only after it has killed three times.

use serde_json::{Value, json};

use crate::app::{App, eventually};
use crate::client::{Client, fresh_key, id, number};

stories! {
    a_queue_that_dies_comes_back_as_it_was,
    an_agent_that_dies_comes_back_with_the_ticket_in_hand,
    the_tenants_actor_comes_back_with_its_boards,
    a_command_that_kills_is_set_aside_and_the_queue_serves_on,
    a_queue_that_keeps_dying_is_set_aside_and_the_others_go_on,
    commands_in_the_middle_of_a_death_have_one_effect,
}

/// The answer once the actor is back: whoever asks in the middle of a death is told to ask again.
async fn answered(client: &Client, path: &str) -> Value {
    eventually("there is an answer", async || {
        let answer = client.get(path).await;
        (answer.status == 200).then(|| answer.body())
    })
    .await
}

async fn a_queue_that_dies_comes_back_as_it_was(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    for _ in 0..25 {
        awa.issue(branch.a).await;
    }
    let called = awa.call_next_in(branch.a).await.is(200);
    let before = app.bank().audit_queue(branch.a.into()).await.unwrap();
    let others = app.bank().audit_queue(branch.c.into()).await.unwrap();
    for _ in 0..3 {
        app.bank().kill_queue(branch.a.into());
        answered(&awa, &format!("/queues/{}", branch.a)).await;
        assert_eq!(app.bank().audit_queue(branch.a.into()).await.unwrap(), before);
    }
    assert_eq!(app.bank().audit_queue(branch.c.into()).await.unwrap(), others);
    assert_eq!(awa.me().await["ticket"]["id"], called["id"]);
    let estimate = eventually("the queue knows its agents again", async || {
        Some(awa.queue(branch.a).await["agents"].clone()).filter(|agents| agents["busy"] == 1)
    })
    .await;
    assert_eq!(estimate["available"], 0);
    app.finish_in_hand(&awa).await;
    assert_eq!(number(&awa.call_next().await.is(200)), "A002");
}

async fn an_agent_that_dies_comes_back_with_the_ticket_in_hand(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    awa.issue(branch.a).await;
    let ticket = awa.serve_next().await;
    for _ in 0..3 {
        app.bank().kill_agent(branch.awa.into());
        let me = answered(&awa, "/agents/me").await;
        assert_eq!((&me["presence"], &me["ticket"]["id"]), (&json!("busy"), &ticket["id"]));
    }
    awa.call_next().await.refused(409, "agent_busy");
    app.bank().kill_agent(branch.awa.into());
    awa.order(&ticket, "finish").await.is(200);
    eventually("free, whoever heard of it", async || {
        let me = awa.get("/agents/me").await;
        (me.status == 200 && me.body()["presence"] == "available").then_some(())
    })
    .await;
}

async fn the_tenants_actor_comes_back_with_its_boards(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    awa.issue(branch.a).await;
    let ticket = awa.call_next().await.is(200);
    app.bank().kill_tenant_actor();
    let calls = eventually("the board is whole again", async || {
        let mut display = crate::socket::Socket::signed_in(app, &app.display().token).await;
        display.say(json!({ "op": "subscribe", "topic": format!("site:{}", branch.dakar) })).await;
        let frame = display.hear().await;
        let calls = frame["data"]["calls"].as_array().cloned().unwrap_or_default();
        (calls.len() == 1).then_some(calls)
    })
    .await;
    assert_eq!(id(&calls[0]["ticket"]), id(&ticket));
    let counter = json!({ "site_id": branch.dakar, "name": "after" });
    app.admin().post("/counters", counter).await.is(201);
}

async fn a_command_that_kills_is_set_aside_and_the_queue_serves_on(app: &mut App) {
    let (branch, awa, key) = (app.branch(), app.awa(), fresh_key());
    let (ticket, elsewhere) = (awa.issue(branch.a).await, app.manager().issue(branch.c).await);
    let path = format!("/tickets/{}/tag", id(&ticket));
    let deadly = json!({ "tags": ["deadly"] });
    for death in 1..=3 {
        let answer = eventually("the queue is there to be killed", async || {
            let answer = awa.post_as(&key, &path, deadly.clone()).await;
            let is_not_yet = answer.body()["code"] == "overloaded"
                || answer.body()["code"] == "idempotency_key_in_flight";
            (!is_not_yet).then_some(answer)
        })
        .await;
        answer.refused(503, "outcome_unknown");
        assert!(answer.header("retry-after").is_some(), "death {death}");
        answered(&awa, &format!("/queues/{}", branch.a)).await;
    }
    let problem = awa.post_as(&key, &path, deadly).await.refused(500, "command_quarantined");
    assert_eq!(problem["failures"], 3);
    let now = awa.ticket(&ticket).await;
    assert_eq!((&now["tags"], &now["state"]), (&json!([]), &json!("waiting")));
    awa.order_with(&ticket, "tag", json!({ "tags": ["harmless"] })).await.is(200);
    assert_eq!(number(&awa.issue(branch.a).await), "A002");
    assert_eq!(app.manager().ticket(&elsewhere).await["position"], 1);
}

async fn a_queue_that_keeps_dying_is_set_aside_and_the_others_go_on(app: &mut App) {
    let (branch, manager) = (app.branch(), app.manager());
    let problem = eventually("the queue is set aside", async || {
        app.bank().kill_queue(branch.a.into());
        let answer = manager.get(&format!("/queues/{}", branch.a)).await;
        (answer.body()["code"] == "queue_quarantined").then_some(answer)
    })
    .await;
    problem.refused(503, "queue_quarantined");
    manager.issue_with(branch.a, json!({})).await.refused(503, "queue_quarantined");
    assert_eq!(number(&manager.issue(branch.b).await), "B001");
    assert_eq!(number(&manager.issue(branch.c).await), "C001");
    app.restart().await;
    assert_eq!(number(&app.manager().issue(branch.a).await), "A001", "a new start tries again");
}

async fn commands_in_the_middle_of_a_death_have_one_effect(app: &mut App) {
    const TICKETS: usize = 100;
    let (branch, kiosk) = (app.branch(), app.kiosk());
    let body = json!({ "queue_id": branch.a });
    let issue = async || {
        let key = fresh_key();
        eventually("the ticket is issued", async || {
            let answer = kiosk.post_as(&key, "/tickets", body.clone()).await;
            (answer.status == 201).then(|| number(&answer.body()).to_owned())
        })
        .await
    };
    let deaths = async {
        for _ in 0..4 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            app.bank().kill_queue(branch.a.into());
        }
    };
    let issued = futures_util::future::join_all((0..TICKETS).map(|_| issue()));
    let (mut numbers, ()) = futures_util::future::join(issued, deaths).await;
    numbers.sort();
    let wanted: Vec<String> = (1..=TICKETS).map(|n| format!("A{n:03}")).collect();
    assert_eq!(numbers, wanted);
    assert_eq!(app.count(branch.a, "ticket.issued").await, TICKETS);
}
