//! Reports: what happened at the counters is what they say, on the day and at the hour of the site's own clock.
//!
//! The clock stands at a Friday morning until a story moves it; a clock change of Paris lies two days ahead.
//! Invariant: legs are counted behind the answer, so a story looks until they are.

use actors::{Opinion, Rebuilding, rebuild_roll_ups};
use domain::TicketId;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, eventually};
use crate::client::{Client, id};

stories! {
    at "2026-03-27T09:00:00Z";
    reports_say_what_happened,
    days_and_half_hours_are_those_of_the_sites_clock_through_a_clock_change,
    a_reinstated_ticket_counts_once_and_as_it_ended,
    filters_narrow_and_foreign_ids_are_not_found,
    questions_that_cannot_be_meant_are_refused_by_name,
    a_report_is_also_a_table_and_a_workbook,
    groups_of_few_are_not_shown,
    a_call_out_of_turn_is_listed_with_its_reason,
    opinions_are_counted_by_day_queue_and_agent,
    legs_are_counted_after_a_restart_as_well,
}

async fn report(app: &App, path: &str) -> Value {
    app.manager().get(&format!("/reports/{path}")).await.is(200)
}

/// The report once it has counted so many legs.
pub(crate) async fn counting(app: &App, path: &str, legs: u64) -> Value {
    eventually("every leg is counted", async || {
        Some(report(app, path).await).filter(|report| report["total_tickets"] == legs)
    })
    .await
}

/// Somebody comes to `queue` and leaves after `secs`.
async fn leaves(app: &App, queue: Uuid, secs: u32) -> Value {
    let ticket = app.manager().issue(queue).await;
    app.wait(secs);
    app.manager().order(&ticket, "walk-out").await.is(200)
}

/// Somebody comes to `A`, waits, walks, and is served by Awa.
pub(crate) async fn is_served(app: &App, wait: u32, walk: u32, service: u32) -> Value {
    let awa = app.awa();
    let ticket = awa.issue(app.branch().a).await;
    app.wait(wait);
    awa.call_next().await.is(200);
    app.wait(walk);
    awa.order(&ticket, "start").await.is(200);
    app.wait(service);
    awa.order(&ticket, "finish").await.is(200);
    app.until_free(&awa).await;
    ticket
}

async fn reports_say_what_happened(app: &mut App) {
    let branch = app.branch();
    app.awa().sign_in().await;
    is_served(app, 60, 10, 120).await;
    is_served(app, 180, 30, 60).await;
    leaves(app, branch.a, 40).await;
    leaves(app, branch.c, 5).await;
    let waits = counting(app, "wait-times/", 4).await;
    assert_eq!(waits["period"], json!({ "start": "2026-02-26", "end": "2026-03-27" }));
    assert_eq!((&waits["completed_tickets"], &waits["walked_out"]), (&json!(2), &json!(2)));
    let metrics = json!({ "avg_wait_seconds": 120, "min_wait_seconds": 60, "max_wait_seconds": 180,
        "avg_service_duration_seconds": 90 });
    assert_eq!(waits["metrics"], metrics);
    assert_eq!(
        (&waits["wait"]["p50_seconds"], &waits["wait"]["p99_seconds"]),
        (&json!(60), &json!(180))
    );
    assert_eq!(waits["walk"]["avg_seconds"], 20);
    assert_eq!(waits["stay"]["count"], 4);
    assert_eq!(waits["service_level"], json!({ "count": 2, "of": 2, "share": 1.0 }));
    assert_eq!(waits["service_level_2"], json!({ "count": 4, "of": 4, "share": 1.0 }));
    assert_eq!(waits["abandonment"], json!({ "count": 2, "of": 4, "share": 0.5 }));
    assert_eq!(waits["days"].as_array().unwrap().len(), 1);
    app.configure("services", branch.cash, json!({ "target_seconds": 100 })).await;
    let waits = report(app, "wait-times").await;
    assert_eq!(waits["service_level"]["share"], 0.5, "judged against the target of now");
    let queues = report(app, "queue-stats").await;
    let of = |queue: Uuid| {
        let all = queues["queues"].as_array().unwrap();
        all.iter().find(|one| one["queue_id"] == json!(queue)).unwrap().clone()
    };
    assert_eq!(
        (&of(branch.a)["total_tickets"], &of(branch.c)["total_tickets"]),
        (&json!(3), &json!(1))
    );
    let agents = report(app, "agent-performance").await;
    assert_eq!(agents["agents"].as_array().unwrap().len(), 1);
    let awa = &agents["agents"][0];
    assert_eq!((&awa["agent_id"], &awa["name"]), (&json!(branch.awa), &json!("awa")));
    assert_eq!(
        (&awa["completed_tickets"], &awa["avg_service_duration_seconds"]),
        (&json!(2), &json!(90))
    );
    app.awa().get("/reports/wait-times").await.refused(403, "insufficient_scope");
}

async fn days_and_half_hours_are_those_of_the_sites_clock_through_a_clock_change(app: &mut App) {
    let branch = app.branch();
    app.configure("sites", branch.dakar, json!({ "timezone": "Europe/Paris" })).await;
    // 23:30 on Saturday, 0:30 and 3:30 on the Sunday of 23 hours, 0:30 on Monday.
    for instant in [
        "2026-03-28T22:30:00Z",
        "2026-03-28T23:30:00Z",
        "2026-03-29T01:30:00Z",
        "2026-03-29T22:30:00Z",
    ] {
        app.wait_until(instant);
        leaves(app, branch.a, 60).await;
    }
    // In Thiès, on UTC, it is still Sunday.
    leaves(app, branch.c, 60).await;
    let waits = counting(app, "wait-times", 5).await;
    assert_eq!(waits["period"]["end"], "2026-03-30", "the latest day of any site");
    let days = waits["days"].as_array().unwrap();
    let days: Vec<_> =
        days.iter().map(|day| (day["date"].as_str().unwrap(), &day["total_tickets"])).collect();
    let (one, three) = (json!(1), json!(3));
    assert_eq!(days, [("2026-03-28", &one), ("2026-03-29", &three), ("2026-03-30", &one)]);
    let heat = counting(app, &format!("heatmap?site_id={}", branch.dakar), 4).await;
    let cells = heat["cells"].as_array().unwrap();
    let cells: Vec<_> = cells
        .iter()
        .map(|cell| (cell["weekday"].as_u64().unwrap(), cell["half_hour"].as_str().unwrap()))
        .collect();
    assert_eq!(cells, [(1, "00:30"), (6, "23:30"), (7, "00:30"), (7, "03:30")]);
    let sunday = "wait-times?start_date=2026-03-29&end_date=2026-03-29";
    assert_eq!(report(app, sunday).await["total_tickets"], 3);
    let there = format!("{sunday}&site_id={}", branch.dakar);
    assert_eq!(report(app, &there).await["total_tickets"], 2);
}

async fn a_reinstated_ticket_counts_once_and_as_it_ended(app: &mut App) {
    let awa = app.awa();
    awa.sign_in().await;
    let ticket = leaves(app, app.branch().a, 30).await;
    let waits = counting(app, "wait-times", 1).await;
    assert_eq!((&waits["walked_out"], &waits["completed_tickets"]), (&json!(1), &json!(0)));
    awa.order(&ticket, "reinstate").await.is(200);
    awa.call_next().await.is(200);
    app.finish_in_hand(&awa).await;
    let waits = eventually("the later end is counted", async || {
        Some(report(app, "wait-times").await).filter(|report| report["completed_tickets"] == 1)
    })
    .await;
    assert_eq!((&waits["walked_out"], &waits["total_tickets"]), (&json!(0), &json!(1)));
    assert_rebuilt(app).await;
}

/// Nothing is due, and what is kept is what a counting from the beginning says.
async fn assert_rebuilt(app: &App) {
    let (store, bank) = (app.engine().store(), app.bank());
    let rebuilt = eventually("nothing is due", async || {
        let directory = bank.directory();
        let doing = Rebuilding::Compare;
        let rebuilt =
            rebuild_roll_ups(store.as_ref(), bank.id(), &directory, doing, |_, _| ()).await;
        Some(rebuilt.unwrap()).filter(|rebuilt| rebuilt.due == 0)
    })
    .await;
    assert_eq!(rebuilt.differences, []);
    assert!(rebuilt.rows > 0);
}

async fn filters_narrow_and_foreign_ids_are_not_found(app: &mut App) {
    let branch = app.branch();
    app.awa().sign_in().await;
    is_served(app, 60, 10, 120).await;
    leaves(app, branch.c, 5).await;
    counting(app, "wait-times", 2).await;
    for (filter, legs) in [
        (format!("site_id={}", branch.dakar), 1),
        (format!("service_id={}", branch.cash), 2),
        (format!("service_id={}", branch.credit), 0),
        (format!("queue_id={}", branch.c), 1),
        (format!("agent_id={}", branch.awa), 1),
        (format!("agent_id={}", branch.moussa), 0),
        (format!("agent_id={}&queue_id={}", branch.awa, branch.c), 0),
        ("start_date=2026-03-28&end_date=2026-03-28".to_owned(), 0),
    ] {
        let waits = report(app, &format!("wait-times?{filter}")).await;
        assert_eq!(waits["total_tickets"], legs, "{filter}");
    }
    let manager = app.manager();
    for name in ["wait-times", "agent-performance", "queue-stats", "satisfaction", "fairness"] {
        for foreign in [
            format!("queue_id={}", branch.foreign_queue),
            format!("agent_id={}", branch.foreign_agent),
            format!("site_id={}", Uuid::now_v7()),
        ] {
            manager.get(&format!("/reports/{name}?{foreign}")).await.refused(404, "not_found");
        }
    }
    let stranger = app.stranger();
    assert_eq!(stranger.get("/reports/wait-times").await.is(200)["total_tickets"], 0);
}

async fn questions_that_cannot_be_meant_are_refused_by_name(app: &mut App) {
    let manager = app.manager();
    let today = app.branch().awa;
    for (question, parameter) in [
        ("start_date=2026-02-30".to_owned(), "start_date"),
        ("end_date=yesterday".to_owned(), "end_date"),
        ("start_date=2026-03-02&end_date=2026-03-01".to_owned(), "end_date"),
        ("start_date=2001-01-01".to_owned(), "start_date"),
        ("privacy=1".to_owned(), "privacy"),
        (format!("agent_id={today}"), "agent_id"),
    ] {
        let problem = manager.get(&format!("/reports/heatmap?{question}")).await;
        let problem = problem.refused(400, "invalid_request");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{question}");
    }
    for question in ["format=pdf", "queue_id=12", "colour=red"] {
        let answer = manager.get(&format!("/reports/wait-times?{question}")).await;
        answer.refused(400, "invalid_request");
    }
}

async fn a_report_is_also_a_table_and_a_workbook(app: &mut App) {
    let branch = app.branch();
    app.configure("agents", branch.awa, json!({ "name": "=HYPERLINK(\"http://x\")" })).await;
    app.awa().sign_in().await;
    is_served(app, 60, 10, 120).await;
    counting(app, "wait-times", 1).await;
    let manager = app.manager();
    for name in
        ["wait-times", "agent-performance", "queue-stats", "satisfaction", "heatmap", "fairness"]
    {
        let table = manager.get(&format!("/reports/{name}/?format=csv")).await;
        assert_eq!(table.status, 200, "{name}: {}", table.text);
        assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
        let file = format!("attachment; filename=\"{name}_2026-02-26_2026-03-27.csv\"");
        assert_eq!(table.header("content-disposition"), Some(file.as_str()));
        let head = table.text.split("\r\n").next().unwrap();
        let widths: Vec<usize> =
            table.text.trim_end().split("\r\n").map(|line| line.split(',').count()).collect();
        assert!(
            head.contains(',') && widths.iter().all(|width| *width == widths[0]),
            "{}",
            table.text
        );
        let book = manager.get(&format!("/reports/{name}?format=xlsx")).await;
        assert_eq!(book.status, 200, "{name}: {}", book.text);
        assert!(book.text.starts_with("PK"), "a workbook is a zip");
        assert!(book.header("content-type").unwrap().ends_with("spreadsheetml.sheet"));
        assert!(book.header("content-disposition").unwrap().ends_with("2026-03-27.xlsx\""));
    }
    let agents = manager.get("/reports/agent-performance?format=csv").await.text;
    assert!(agents.contains(",\"'=HYPERLINK"), "{agents}");
}

async fn groups_of_few_are_not_shown(app: &mut App) {
    let branch = app.branch();
    for _ in 0..4 {
        leaves(app, branch.a, 5).await;
    }
    leaves(app, branch.c, 5).await;
    counting(app, "queue-stats", 5).await;
    let shown = report(app, "queue-stats?privacy=5").await;
    assert_eq!((&shown["total_tickets"], &shown["suppressed"]), (&json!(5), &json!(false)));
    for queue in shown["queues"].as_array().unwrap() {
        assert_eq!((&queue["suppressed"], &queue["total_tickets"]), (&json!(true), &json!(0)));
    }
    let shown = report(app, &format!("wait-times?privacy=5&queue_id={}", branch.a)).await;
    assert_eq!((&shown["total_tickets"], &shown["suppressed"]), (&json!(0), &json!(true)));
}

async fn a_call_out_of_turn_is_listed_with_its_reason(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    awa.sign_in().await;
    awa.issue(branch.a).await;
    app.wait(10);
    let chosen = awa.issue(branch.a).await;
    app.wait(10);
    let why = json!({ "reason": "elderly person standing" });
    awa.order_with(&chosen, "call", why).await.is(200);
    app.finish_in_hand(&awa).await;
    app.wait(10);
    awa.call_next().await.is(200);
    app.finish_in_hand(&awa).await;
    let fairness = counting(app, "fairness", 2).await;
    assert_eq!(fairness["out_of_order"], json!({ "count": 1, "of": 2, "share": 0.5 }));
    let overtaking =
        ["overtaken_tickets", "overtakes", "overtakes_max"].map(|name| fairness[name].clone());
    assert_eq!(overtaking, [json!(1), json!(1), json!(1)]);
    let call = &fairness["calls"][0];
    assert_eq!((&call["ticket_id"], &call["agent"]), (&json!(id(&chosen)), &json!("awa")));
    assert_eq!(call["reason"], "elderly person standing");
    assert_eq!(report(app, "fairness?privacy=2").await["calls"], json!([]));
}

async fn says(app: &App, ticket: &Value, csat: u8, nps: u8) {
    let opinion = Opinion { csat: Some(csat), nps: Some(nps), comment: None };
    let ticket: TicketId = id(ticket).parse().unwrap();
    app.bank().give_feedback(ticket, opinion).await.unwrap();
}

async fn opinions_are_counted_by_day_queue_and_agent(app: &mut App) {
    let branch = app.branch();
    app.configure("sites", branch.dakar, json!({ "timezone": "Europe/Paris" })).await;
    app.awa().sign_in().await;
    let served = is_served(app, 60, 10, 120).await;
    says(app, &served, 5, 10).await;
    // 22:59:50 on UTC is the same day in Paris before the clock changes, and the next one after.
    for (instant, csat, nps) in [
        ("2026-03-28T22:59:00Z", 4, 7),
        ("2026-03-29T21:59:30Z", 1, 3),
        ("2026-03-29T22:00:30Z", 2, 9),
    ] {
        app.wait_until(instant);
        let left = leaves(app, branch.a, 1).await;
        says(app, &left, csat, nps).await;
    }
    let said = report(app, "satisfaction").await;
    assert_eq!(said["csat"], json!({ "responses": 4, "mean": 3.0, "satisfied_share": 0.5 }));
    let nps =
        json!({ "responses": 4, "promoters": 2, "passives": 1, "detractors": 1, "score": 25.0 });
    assert_eq!(said["nps"], nps);
    let days: Vec<_> =
        said["days"].as_array().unwrap().iter().map(|day| day["key"].as_str().unwrap()).collect();
    assert_eq!(days, ["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30"]);
    assert_eq!(said["agents"].as_array().unwrap().len(), 1);
    assert_eq!(said["agents"][0]["key"], json!(branch.awa));
    assert_eq!(said["queues"][0]["name"], "ZZ cash");
    let thies = report(app, &format!("satisfaction?site_id={}", branch.thies)).await;
    assert_eq!((&thies["responses"], &thies["nps"]["score"]), (&json!(0), &Value::Null));
}

async fn legs_are_counted_after_a_restart_as_well(app: &mut App) {
    let branch = app.branch();
    for _ in 0..3 {
        leaves(app, branch.a, 5).await;
        app.restart().await;
    }
    counting(app, "wait-times", 3).await;
    assert_rebuilt(app).await;
    let client: Client = app.manager();
    assert_eq!(client.get("/reports/wait-times?privacy=2").await.is(200)["total_tickets"], 3);
}
