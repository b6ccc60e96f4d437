//! Calling: the next of one queue, the most urgent of several, a chosen one out of turn.
//!
//! Most of these are faults of the original that must be impossible here.
//! Invariant: no agent has two tickets in hand, and no ticket is in two hands.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::app::App;
use crate::client::{Answer, id, number};

stories! {
    call_next_works_with_a_queue_id,
    call_next_takes_the_most_urgent_and_not_the_first_by_name,
    t07_nobody_is_called_from_a_queue_of_others,
    ten_parallel_calls_give_one_ticket,
    two_agents_never_call_the_same_person,
    the_agent_is_free_after_finish,
    ended_tickets_are_never_called_again,
    nobody_takes_the_ticket_of_a_colleague,
    a_chosen_person_is_called_out_of_turn_and_it_is_on_record,
    skills_are_a_filter,
    an_agent_who_is_not_there_calls_nobody,
}

/// The original's fault 1: with a queue id it always crashed.
async fn call_next_works_with_a_queue_id(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    awa.issue(branch.a).await;
    let wanted = awa.issue(branch.b).await;
    let called = awa.call_next_in(branch.b).await.is(200);
    assert_eq!((number(&called), &called["state"]), (number(&wanted), &json!("called")));
    assert_eq!(
        (&called["agent_id"], &called["counter"]["name"]),
        (&json!(branch.awa), &json!("1"))
    );
    assert!(called["reason"]["text"].is_string(), "every call has its reason");
}

/// The original's fault 2: it took the first queue by name, whoever asked.
async fn call_next_takes_the_most_urgent_and_not_the_first_by_name(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    let earlier = awa.issue(branch.a).await;
    let later = awa.issue(branch.b).await;
    let names = [branch.a, branch.b]
        .map(|queue| app.bank().directory().queue(queue.into()).unwrap().body.name.clone());
    assert!(names[0] > names[1], "by name the other would come first");
    for wanted in [&earlier, &later] {
        let called = awa.call_next().await.is(200);
        assert_eq!(id(&called), id(wanted));
        app.finish_in_hand(&awa).await;
    }
    let senior = awa.issue_with(branch.b, json!({ "class": "senior" })).await.is(201);
    app.configure_queue(branch.a, json!({ "policy": { "kind": "priority" } })).await;
    app.configure_queue(branch.b, json!({ "policy": { "kind": "priority" } })).await;
    awa.issue(branch.a).await;
    assert_eq!(id(&awa.call_next().await.is(200)), id(&senior), "class before arrival");
}

async fn t07_nobody_is_called_from_a_queue_of_others(app: &mut App) {
    let (branch, binta) = (app.branch(), app.binta());
    binta.sign_in().await;
    let (theirs, remote) = (app.awa().issue(branch.b).await, app.manager().issue(branch.c).await);
    binta.call_next().await.is(204);
    let before = app.journal_length(branch.b).await;
    binta.call_next_in(branch.b).await.refused(403, "not_assigned");
    binta.order(&theirs, "call").await.refused(403, "not_assigned");
    binta.order(&remote, "cancel").await.refused(403, "not_assigned");
    binta.issue_with(branch.c, json!({})).await.refused(403, "not_assigned");
    binta.call_next_in(branch.foreign_queue).await.refused(404, "not_found");
    assert_eq!(app.journal_length(branch.b).await, before, "no event");
}

/// The original's fault 8: four parallel clicks gave three or four active tickets.
async fn ten_parallel_calls_give_one_ticket(app: &mut App) {
    const CLICKS: usize = 10;
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    for _ in 0..CLICKS {
        awa.issue(branch.a).await;
        awa.issue(branch.b).await;
    }
    let answers = join_all((0..CLICKS).map(|_| awa.call_next())).await;
    let (called, refused): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((called.len(), refused.len()), (1, CLICKS - 1));
    let ticket = called[0].body();
    for answer in refused {
        let problem = answer.refused(409, "agent_busy");
        assert_eq!(problem["ticket"], json!({ "id": id(&ticket), "number": number(&ticket) }));
        assert!(
            problem["detail"].as_str().unwrap().contains(number(&ticket)),
            "says which: {problem}"
        );
    }
}

async fn two_agents_never_call_the_same_person(app: &mut App) {
    const ROUNDS: usize = 10;
    let (branch, awa, binta) = (app.branch(), app.awa(), app.binta());
    awa.sign_in().await;
    binta.sign_in().await;
    let mut called = BTreeSet::new();
    for round in 0..ROUNDS {
        // In every other round there is one ticket for two.
        let tickets = 1 + round % 2;
        for _ in 0..tickets {
            awa.issue(branch.a).await;
        }
        let answers = futures_util::future::join(awa.call_next(), binta.call_next()).await;
        let answers = [answers.0, answers.1];
        let got: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(got.len(), tickets, "{answers:?}");
        assert!(
            got.iter().all(|answer| called.insert(id(&answer.body()).to_owned())),
            "never the same"
        );
        for (client, answer) in [&awa, &binta].into_iter().zip(&answers) {
            if answer.status == 200 {
                app.finish_in_hand(client).await;
            }
        }
    }
}

/// The original's fault 6: the agent stayed busy for ever.
async fn the_agent_is_free_after_finish(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    assert_eq!(awa.sign_in().await["presence"], "available");
    for verb in ["finish", "close"] {
        awa.issue(branch.a).await;
        let ticket = awa.serve_next().await;
        let busy = awa.me().await;
        assert_eq!((&busy["presence"], id(&busy["ticket"])), (&json!("busy"), id(&ticket)));
        let done = awa.order_with(&ticket, verb, json!({ "outcomes": ["paid"] })).await.is(200);
        assert_eq!((&done["state"], &done["outcomes"]), (&json!("served"), &json!(["paid"])));
        let free = app.until_free(&awa).await;
        assert_eq!((&free["presence"], &free["ticket"]), (&json!("available"), &Value::Null));
    }
}

/// The original's fault 7: a closed ticket could be called again.
async fn ended_tickets_are_never_called_again(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    awa.issue(branch.a).await;
    let served = awa.serve_next().await;
    awa.order(&served, "finish").await.is(200);
    let cancelled = awa.issue(branch.a).await;
    awa.order(&cancelled, "cancel").await.is(200);
    app.until_free(&awa).await;
    let before = app.journal_length(branch.a).await;
    for (ticket, state) in [(&served, "served"), (&cancelled, "cancelled")] {
        for verb in ["call", "start", "recall", "finish", "start_service", "close"] {
            let problem = awa.order(ticket, verb).await.refused(409, "ticket_ended");
            assert_eq!(problem["state"], state, "{verb}");
        }
    }
    let unknown = json!({ "id": branch.a.to_string() });
    awa.order(&unknown, "call").await.refused(404, "not_found");
    assert_eq!(app.journal_length(branch.a).await, before, "no event");
    app.restart().await;
    app.awa().order(&served, "call").await.refused(409, "ticket_ended");
}

/// The original's fault 7, its other half: `call` took the ticket of another agent.
async fn nobody_takes_the_ticket_of_a_colleague(app: &mut App) {
    let (branch, awa, binta) = (app.branch(), app.awa(), app.binta());
    awa.sign_in().await;
    binta.sign_in().await;
    awa.issue(branch.a).await;
    let ticket = awa.call_next().await.is(200);
    binta.order(&ticket, "call").await.refused(409, "invalid_transition");
    for verb in ["start", "recall", "requeue", "no-show", "hold"] {
        binta.order(&ticket, verb).await.refused(403, "not_assigned");
    }
    awa.order(&ticket, "start").await.is(200);
    for verb in ["finish", "hold"] {
        binta.order(&ticket, verb).await.refused(403, "not_assigned");
    }
    awa.order_with(&ticket, "hold", json!({ "reason": "papers" })).await.is(200);
    for verb in ["resume", "call", "requeue"] {
        binta.order(&ticket, verb).await.refused(403, "not_assigned");
    }
    assert_eq!(
        app.manager().order(&ticket, "requeue").await.is(200)["state"],
        "waiting",
        "a supervisor may"
    );
}

async fn a_chosen_person_is_called_out_of_turn_and_it_is_on_record(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    awa.issue(branch.a).await;
    let chosen = awa.issue(branch.a).await;
    let body = json!({ "reason": "elderly person standing" });
    let called = awa.order_with(&chosen, "call", body).await.is(200);
    let reason = called["reason"]["text"].as_str().unwrap();
    assert!(reason.contains("elderly person standing"), "{reason}");
    app.finish_in_hand(&awa).await;
    let legs = awa.ticket(&chosen).await["legs"].clone();
    assert_eq!((&legs[0]["out_of_order"], &legs[0]["outcome"]), (&json!(true), &json!("served")));
    let next = awa.call_next().await.is(200);
    app.finish_in_hand(&awa).await;
    assert_eq!(
        awa.ticket(&next).await["legs"][0]["out_of_order"],
        false,
        "who was next was called in turn"
    );
}

async fn skills_are_a_filter(app: &mut App) {
    let (branch, binta) = (app.branch(), app.binta());
    app.configure("agents", branch.binta, json!({ "queues": [branch.a, branch.b] })).await;
    binta.sign_in().await;
    let credit = app.awa().issue(branch.b).await;
    let signs = binta.issue_with(branch.a, json!({ "skills": ["sign-language"] })).await.is(201);
    binta.call_next().await.is(204);
    binta.order(&credit, "call").await.refused(409, "skill_missing");
    binta.order(&signs, "call").await.refused(409, "skill_missing");
    let plain = binta.issue(branch.a).await;
    assert_eq!(
        id(&binta.call_next().await.is(200)),
        id(&plain),
        "a free agent never idles for others' skills"
    );
    app.finish_in_hand(&binta).await;
    app.configure("agents", branch.binta, json!({ "skills": ["credit", "sign-language"] })).await;
    binta.call_next().await.is(200);
}

async fn an_agent_who_is_not_there_calls_nobody(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    let ticket = awa.issue(branch.a).await;
    let refused = async || {
        let problem = awa.call_next().await.refused(409, "agent_not_available");
        awa.order(&ticket, "call").await.refused(409, "agent_not_available");
        problem["why"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused().await, "sign in first");
    awa.sign_in().await;
    awa.post("/agents/me/set-status", json!({ "presence": "on_break", "reason": "lunch" }))
        .await
        .is(200);
    assert_eq!(refused().await, "end the break first");
    app.configure("agents", branch.awa, json!({ "counter_id": null })).await;
    awa.post("/agents/me/sign-out", json!({})).await.is(200);
    awa.sign_in().await;
    assert_eq!(refused().await, "take a counter first");
    awa.post("/agents/me/counter", json!({ "counter_id": branch.counter_1 })).await.is(200);
    assert_eq!(id(&awa.call_next().await.is(200)), id(&ticket));
    app.manager().order(&ticket, "call").await.refused(409, "agent_not_available");
}
