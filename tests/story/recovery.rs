//! Coming back: everything that was acknowledged is there after a stop, and damage is found, named and contained.
//!
//! The database is damaged behind the program's back while it is stopped.
//! Invariant: a queue that cannot be read says so, and no other notices.

use domain::QueueId;
use persistence::StreamId;
use serde_json::{Value, json};

use crate::app::{App, eventually};
use crate::client::{Client, id};
use crate::socket::Socket;

stories! {
    everything_is_as_it_was_after_a_restart,
    a_ticket_is_live_while_its_queue_is_still_loading,
    a_damaged_snapshot_costs_nothing_but_time,
    an_edited_event_sets_its_queue_aside_and_no_other,
    a_second_program_on_the_same_database_is_refused,
}

/// Tickets in many states.
async fn busy(app: &App) -> (Client, Vec<Value>) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    let mut tickets = Vec::new();
    for round in 0..8 {
        let ticket = awa
            .issue_with(
                branch.a,
                json!({ "class": if round % 2 == 0 { "normal" } else { "senior" } }),
            )
            .await
            .is(201);
        match round {
            0 => drop(awa.order(&ticket, "cancel").await.is(200)),
            1 => {
                awa.order(&ticket, "call").await.is(200);
                awa.order(&ticket, "start").await.is(200);
                awa.order(&ticket, "finish").await.is(200);
                app.until_free(&awa).await;
            }
            2 => {
                awa.order(&ticket, "call").await.is(200);
                awa.order_with(&ticket, "hold", json!({ "reason": "papers" })).await.is(200);
                app.until_free(&awa).await;
            }
            3 => drop(
                awa.order_with(&ticket, "tag", json!({ "tags": ["wheelchair"] })).await.is(200),
            ),
            4 => {
                awa.order(&ticket, "call").await.is(200);
                awa.order(&ticket, "start").await.is(200);
            }
            _ => {}
        }
        tickets.push(ticket);
    }
    (awa, tickets)
}

/// What everybody sees of the branch, without what time alone changes.
async fn seen(app: &App, tickets: &[Value]) -> Vec<Value> {
    let (branch, manager) = (app.branch(), app.manager());
    let mut all = Vec::new();
    for ticket in tickets {
        all.push(manager.ticket(ticket).await);
    }
    for queue in [branch.a, branch.b] {
        all.push(manager.queue(queue).await);
    }
    all.push(manager.get(&format!("/agents/{}/status", branch.awa)).await.is(200));
    all.iter_mut().for_each(without_time);
    all
}

/// One by one, so that a difference can be read.
fn same(now: &[Value], before: &[Value]) {
    assert_eq!(now.len(), before.len());
    for (now, before) in now.iter().zip(before) {
        assert_eq!(now, before);
    }
}

fn without_time(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["estimate", "longest_wait_seconds", "text", "agents"] {
                fields.remove(name);
            }
            fields.values_mut().for_each(without_time);
        }
        Value::Array(items) => items.iter_mut().for_each(without_time),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

async fn everything_is_as_it_was_after_a_restart(app: &mut App) {
    let (_, tickets) = busy(app).await;
    let before = seen(app, &tickets).await;
    for _ in 0..2 {
        app.restart().await;
        same(&seen(app, &tickets).await, &before);
    }
}

/// Queues load in the background: whoever asks first waits, and is not told half the truth.
async fn a_ticket_is_live_while_its_queue_is_still_loading(app: &mut App) {
    let ticket = app.kiosk().issue(app.branch().a).await;
    for _ in 0..5 {
        app.restart().await;
        let manager = app.manager();
        let shown = manager.ticket(&ticket).await;
        assert_eq!((&shown["state"], &shown["position"]), (&json!("waiting"), &json!(1)));
        app.restart().await;
        let mut socket = Socket::signed_in(app, &app.manager().token).await;
        let snapshot = socket.follow(&format!("ticket:{}", id(&ticket))).await;
        assert_eq!(snapshot["data"]["position"], 1);
    }
}

async fn a_damaged_snapshot_costs_nothing_but_time(app: &mut App) {
    let (_, tickets) = busy(app).await;
    let before = seen(app, &tickets).await;
    let (tenant, stream) = (app.bank().id(), StreamId(app.branch().a));
    app.stop().await;
    app.database.damage_newest_snapshot(tenant, stream).await;
    app.start_again().await;
    same(&seen(app, &tickets).await, &before);
}

async fn an_edited_event_sets_its_queue_aside_and_no_other(app: &mut App) {
    let (branch, (awa, tickets)) = (app.branch(), busy(app).await);
    let (tenant, last) =
        (app.bank().id(), u64::try_from(app.journal_length(branch.a).await).unwrap());
    let other = awa.issue(branch.b).await;
    app.stop().await;
    // Behind the newest snapshot nobody reads at the start: that would be found by an audit only.
    app.database.damage_newest_snapshot(tenant, StreamId(branch.a)).await;
    app.database.damage_event(tenant, StreamId(branch.a), last).await;
    app.give_up(branch.a);
    app.start_again().await;
    let (awa, manager) = (app.awa(), app.manager());
    let problem = eventually("the queue is set aside", async || {
        let answer = manager.get(&format!("/queues/{}", branch.a)).await;
        (answer.body()["code"] == "queue_quarantined").then_some(answer)
    })
    .await;
    problem.refused(503, "queue_quarantined");
    assert!(problem.header("retry-after").is_some());
    awa.issue_with(branch.a, json!({})).await.refused(503, "queue_quarantined");
    manager.order(&tickets[7], "cancel").await.refused(503, "queue_quarantined");
    assert_eq!(awa.ticket(&other).await["state"], "waiting");
    awa.issue(branch.b).await;
    app.moussa().sign_in().await;
    let remote = manager.issue(branch.c).await;
    assert_eq!(id(&app.moussa().call_next().await.is(200)), id(&remote));
    let found =
        app.engine().store().load_all_events(tenant, QueueId(branch.a).into()).await.unwrap_err();
    assert!(found.to_string().contains(&last.to_string()), "the event is named: {found}");
}

async fn a_second_program_on_the_same_database_is_refused(app: &mut App) {
    let second = persistence::open(app.database.url(), &persistence::Options::default()).await;
    let Err(error) = second else { panic!("two owners of one database") };
    assert!(matches!(error, persistence::StoreError::InUse { .. }), "{error:?}");
    app.kiosk().issue(app.branch().a).await;
}
