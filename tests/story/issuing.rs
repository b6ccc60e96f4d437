//! Joining: the number, the place, the class, and what nobody may write.
//!
//! A ticket comes back with everything a person needs to know while waiting.
//! Invariant: however many join at once, no number is given twice.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use crate::app::App;
use crate::client::{id, number};

stories! {
    a_kiosk_issues_a_ticket_that_says_all,
    parallel_joins_give_distinct_numbers,
    t09_nobody_may_write_a_free_priority_number,
    a_kiosk_may_choose_only_the_classes_for_everybody,
    a_ticket_is_issued_by_site_and_service,
    a_person_holds_one_ticket_of_a_queue,
    a_ticket_is_issued_to_a_customer_that_there_is,
    a_remote_person_keeps_a_place_and_is_called_only_when_there,
    numbers_go_on_after_a_restart,
    names_and_telephones_stay_out_of_answers_and_of_the_journal,
}

async fn a_kiosk_issues_a_ticket_that_says_all(app: &mut App) {
    let branch = app.branch();
    let answer =
        app.kiosk().post("/tickets", json!({ "queue_id": branch.a, "language": "fr" })).await;
    let ticket = answer.is(201);
    assert_eq!(number(&ticket), "A001");
    let fact = |name: &str| ticket[name].clone();
    assert_eq!(
        [fact("state"), fact("channel"), fact("class")],
        [json!("waiting"), json!("kiosk"), json!("normal")]
    );
    assert_eq!([fact("position"), fact("ahead"), fact("leg")], [json!(1), json!(0), json!(1)]);
    assert_eq!(
        [fact("queue_id"), fact("site_id"), fact("service_id")],
        [branch.a, branch.dakar, branch.cash].map(|id| json!(id))
    );
    assert!(fact("issued_at").as_str().unwrap().ends_with('Z'), "times are in UTC");
    let location = format!("/api/v1/tenants/teranga/tickets/{}", id(&ticket));
    assert_eq!(answer.header("location"), Some(location.as_str()));
    assert_eq!(number(&app.kiosk().issue(branch.a).await), "A002");
    assert_eq!(app.manager().ticket(&ticket).await["number"], "A001");
}

/// The original's fault 9: twelve parallel joins had six or seven distinct numbers.
async fn parallel_joins_give_distinct_numbers(app: &mut App) {
    const JOINS: usize = 200;
    let (kiosk, queue) = (app.kiosk(), app.branch().a);
    let tickets = join_all((0..JOINS).map(|_| kiosk.issue(queue))).await;
    let numbers: BTreeSet<String> =
        tickets.iter().map(|ticket| number(ticket).to_owned()).collect();
    let wanted: BTreeSet<String> = (1..=JOINS).map(|n| format!("A{n:03}")).collect();
    assert_eq!(numbers, wanted, "none twice, and none left out");
    assert_eq!(app.manager().queue(queue).await["waiting"], JOINS);
}

/// The original's fault 13: an agent could write 999999.
async fn t09_nobody_may_write_a_free_priority_number(app: &mut App) {
    let queue = app.branch().a;
    for (member, value) in [
        ("priority", json!(999_999)),
        ("status", json!("served")),
        ("state", json!("served")),
        ("number", json!("A999")),
        ("tenant_id", json!("autre")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
    ] {
        let before = app.journal_length(queue).await;
        for client in [app.kiosk(), app.awa(), app.admin()] {
            let problem = client
                .issue_with(queue, json!({ member: value }))
                .await
                .refused(400, "invalid_request");
            assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(member), "{problem}");
        }
        assert_eq!(app.journal_length(queue).await, before, "no event");
    }
}

async fn a_kiosk_may_choose_only_the_classes_for_everybody(app: &mut App) {
    let queue = app.branch().a;
    assert_eq!(
        app.kiosk().issue_with(queue, json!({ "class": "senior" })).await.is(201)["class"],
        "senior"
    );
    let problem = app
        .kiosk()
        .issue_with(queue, json!({ "class": "vip" }))
        .await
        .refused(403, "class_not_allowed");
    assert_eq!(problem["class"], "vip");
    app.awa()
        .issue_with(queue, json!({ "class": "vip", "channel": "web" }))
        .await
        .refused(403, "class_not_allowed");
    app.awa()
        .issue_with(queue, json!({ "class": "emperor" }))
        .await
        .refused(403, "class_not_allowed");
    let ticket = app.awa().issue_with(queue, json!({ "class": "vip" })).await.is(201);
    let lower =
        app.awa().order_with(&ticket, "set-priority", json!({ "class": "normal" })).await.is(200);
    assert_eq!(lower["class"], "normal");
    let wrong = app.awa().order_with(&ticket, "set-priority", json!({ "class": "emperor" })).await;
    wrong.refused(403, "class_not_allowed");
}

async fn a_ticket_is_issued_by_site_and_service(app: &mut App) {
    let (branch, awa) = (app.branch(), app.manager());
    let by = |site, service| json!({ "site_id": site, "service_id": service, "channel": "staff" });
    let ticket = awa.post("/tickets", by(branch.thies, branch.cash)).await.is(201);
    assert_eq!((number(&ticket), &ticket["queue_id"]), ("C001", &json!(branch.c)));
    awa.post("/tickets", by(branch.thies, branch.credit)).await.refused(404, "not_found");
    awa.post("/tickets", json!({ "channel": "staff" })).await.refused(400, "invalid_request");
    awa.post("/tickets", json!({ "queue_id": branch.a })).await.refused(400, "invalid_request");
    awa.issue_with(branch.a, json!({ "channel": "pigeon" })).await.refused(400, "invalid_request");
}

async fn a_person_holds_one_ticket_of_a_queue(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    let phone = json!({ "phone": "+221771234567", "name": "Awa Ndiaye" });
    let first = awa.issue_with(branch.a, phone.clone()).await.is(201);
    assert!(first["customer_id"].is_string(), "a known person");
    let problem = awa.issue_with(branch.a, phone.clone()).await.refused(409, "already_in_queue");
    assert_eq!(problem["ticket"], json!({ "id": id(&first), "number": "A001" }));
    let elsewhere = awa.issue_with(branch.b, phone.clone()).await.is(201);
    assert_eq!(elsewhere["customer_id"], first["customer_id"], "the same person");
    awa.order(&first, "cancel").await.is(200);
    let second = awa.issue_with(branch.a, phone).await.is(201);
    awa.order(&first, "reinstate").await.refused(409, "already_in_queue");
    assert_eq!(awa.ticket(&second).await["state"], "waiting");
}

async fn a_ticket_is_issued_to_a_customer_that_there_is(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    let person = json!({ "phone": "+221771234567", "name": "Awa Ndiaye" });
    let first = awa.issue_with(branch.a, person.clone()).await.is(201);
    let known = json!({ "customer_id": first["customer_id"] });
    let elsewhere = awa.issue_with(branch.b, known.clone()).await.is(201);
    assert_eq!(elsewhere["customer_id"], first["customer_id"], "the same person");
    let foreign = app.stranger().issue_with(branch.foreign_queue, person).await.is(201);
    let refused = async |customer: &serde_json::Value| {
        let answer = awa.issue_with(branch.a, json!({ "customer_id": customer })).await;
        let mut problem = answer.refused(400, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], "/customer_id");
        problem.as_object_mut().unwrap().remove("trace_id");
        problem
    };
    let unknown = refused(&json!(uuid::Uuid::now_v7())).await;
    assert_eq!(refused(&foreign["customer_id"]).await, unknown, "another's is nobody's");
    let before = app.journal_length(branch.a).await;
    let erased = json!({ "customer_id": first["customer_id"] });
    app.admin().post("/erasures", erased).await.is(201);
    assert_eq!(refused(&first["customer_id"]).await, unknown, "erased is nobody's");
    assert!(app.count(branch.a, "ticket.issued").await == 1 && before > 0, "nothing was issued");
}

async fn a_remote_person_keeps_a_place_and_is_called_only_when_there(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    awa.sign_in().await;
    let remote =
        awa.issue_with(queue, json!({ "remote": true, "channel": "mobile" })).await.is(201);
    assert_eq!((&remote["state"], &remote["arrived_at"]), (&json!("remote"), &json!(null)));
    awa.call_next_in(queue).await.is(204);
    awa.order(&remote, "call").await.refused(409, "invalid_transition");
    let here = awa.order(&remote, "check-in").await.is(200);
    assert_eq!((&here["state"], here["arrived_at"].is_string()), (&json!("waiting"), true));
    assert_eq!(awa.call_next_in(queue).await.is(200)["number"], remote["number"]);
}

async fn numbers_go_on_after_a_restart(app: &mut App) {
    let queue = app.branch().a;
    for _ in 0..13 {
        app.kiosk().issue(queue).await;
    }
    app.restart().await;
    assert_eq!(number(&app.kiosk().issue(queue).await), "A014");
    assert_eq!(app.manager().queue(queue).await["waiting"], 14);
}

async fn names_and_telephones_stay_out_of_answers_and_of_the_journal(app: &mut App) {
    const CANARIES: [&str; 3] = ["Canari Secret", "+221770009999", "canari@example.org"];
    let (queue, awa) = (app.branch().a, app.awa());
    let body = json!({ "name": CANARIES[0], "phone": CANARIES[1], "email": CANARIES[2] });
    let answer = awa.issue_with(queue, body).await;
    let ticket = answer.is(201);
    let noted = awa.order_with(&ticket, "note", json!({ "text": CANARIES[0] })).await;
    noted.is(200);
    let list = awa.get("/tickets").await;
    let shown = awa.get(&format!("/tickets/{}", id(&ticket))).await;
    let mut texts = vec![answer.text, noted.text, list.text, shown.text];
    texts.extend(app.journal(queue).await.into_iter().map(|event| event.payload));
    for text in texts {
        assert!(CANARIES.iter().all(|canary| !text.contains(canary)), "{text}");
    }
}
