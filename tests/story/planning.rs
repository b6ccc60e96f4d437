//! Plans from real tickets: forecasts by half-hours, and weeks simulated again.
//!
//! Two people come on each of three Mondays, just after ten, and each takes a counter for five minutes.
//! Invariant: plans change nothing and show nothing of another bank.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::App;

stories! {
    at "2026-03-02T09:00:00Z";
    a_forecast_follows_the_mondays_before,
    a_holiday_is_named_and_takes_its_factor,
    weeks_come_out_otherwise_with_another_counter,
    plans_that_cannot_be_are_refused_by_their_field,
    plans_are_of_one_bank_and_for_those_who_may_read_reports,
}

/// Serves two people on each Monday and stands on the next one, before anybody comes.
async fn three_mondays(app: &mut App) -> Uuid {
    let queue = app.branch().a;
    app.awa().sign_in().await;
    for monday in ["2026-03-02", "2026-03-09", "2026-03-16"] {
        app.wait_until(&format!("{monday}T10:05:00Z"));
        for _ in 0..2 {
            app.kiosk().issue(queue).await;
        }
        for _ in 0..2 {
            let ticket = app.awa().serve_next().await;
            app.wait(300);
            app.awa().order(&ticket, "finish").await.is(200);
        }
    }
    app.wait_until("2026-03-23T08:00:00Z");
    queue
}

fn close(found: &Value, expected: f64) -> bool {
    found.as_f64().is_some_and(|found| (found - expected).abs() < 1e-6)
}

async fn a_forecast_follows_the_mondays_before(app: &mut App) {
    let queue = three_mondays(app).await;
    let path = format!("/reports/forecast?queue_id={queue}");
    let forecast = app.manager().get(&path).await.is(200);
    assert_eq!(forecast["days"].as_array().unwrap().len(), 7, "a week by default");
    let (monday, tuesday) = (&forecast["days"][0], &forecast["days"][1]);
    assert_eq!((&monday["date"], &monday["days_used"]), (&json!("2026-03-23"), &json!(3)));
    assert!(close(&monday["expected"], 2.0), "{monday}");
    let half_hours = monday["half_hours"].as_array().unwrap();
    assert_eq!(half_hours.len(), 1, "{monday}");
    assert_eq!((&half_hours[0]["start"], &half_hours[0]["counters"]), (&json!("10:00"), &json!(1)));
    assert!(half_hours[0]["high"].as_f64().unwrap() >= 3.0);
    assert_eq!((&tuesday["days_used"], &tuesday["half_hours"]), (&json!(0), &json!([])));
    assert_eq!(
        (&forecast["service_mean_seconds"], &forecast["visits_used"]),
        (&json!(300), &json!(6))
    );
    // The first Monday had none before it; the others were as expected.
    assert_eq!(forecast["accuracy"]["days"], 2);
    assert!(close(&forecast["accuracy"]["wape"], 0.0) && close(&forecast["accuracy"]["bias"], 0.0));
    let site = app.branch().dakar;
    let path =
        format!("/reports/forecast?site_id={site}&start_date=2026-05-11&end_date=2026-05-11");
    let ahead = app.manager().get(&path).await.is(200);
    assert!(close(&ahead["days"][0]["expected"], 2.0), "weeks ahead: {ahead}");
}

async fn a_holiday_is_named_and_takes_its_factor(app: &mut App) {
    let queue = three_mondays(app).await;
    let path =
        format!("/reports/forecast?queue_id={queue}&start_date=2026-03-30&end_date=2026-04-06");
    let forecast = app.manager().get(&path).await.is(200);
    let (ordinary, easter) = (&forecast["days"][0], &forecast["days"][7]);
    assert_eq!((&ordinary["holidays"], &ordinary["holiday_factor"]), (&json!([]), &Value::Null));
    assert!(close(&ordinary["expected"], 2.0));
    assert_eq!(easter["holidays"][0]["kind"], "easter_monday");
    assert!(close(&easter["expected"], 0.0) && close(&easter["holiday_factor"], 0.0), "{easter}");
    assert_eq!(forecast["days"][5]["holidays"][0]["kind"], "independence");
}

async fn weeks_come_out_otherwise_with_another_counter(app: &mut App) {
    let queue = three_mondays(app).await;
    let question = json!({ "queue_id": queue, "weeks": 4, "counters": [1, 3], "seed": 7,
        "policies": [{ "kind": "fifo" }, { "kind": "sla" }],
        "plan": [{ "start": "08:00", "counters": 1 }, { "start": "10:30", "counters": 2 }] });
    let answer = app.manager().post("/reports/what-if", question.clone()).await.is(200);
    let recorded = &answer["recorded"];
    assert_eq!(
        (&recorded["visits"], &recorded["served"], &answer["days"]),
        (&json!(6), &json!(6), &json!(3))
    );
    // On each Monday the second one waited for the first.
    assert_eq!(recorded["wait"]["max_seconds"], 300);
    let runs = answer["runs"].as_array().unwrap();
    let counters: Vec<&Value> = runs.iter().map(|run| &run["counters"]).collect();
    assert_eq!(counters, [&json!(1), &json!(1), &json!(3), &json!(3), &Value::Null, &Value::Null]);
    let wait = |run: usize| runs[run]["all"]["wait"]["mean_seconds"].as_u64().unwrap();
    assert!(wait(0) >= wait(2), "more counters wait less: {answer}");
    assert_eq!(
        runs[0]["all"]["visits"], runs[2]["all"]["visits"],
        "every run sees the same people"
    );
    assert_eq!(runs[0]["all"]["visits"], runs[0]["all"]["served"]);
    let again = app.manager().post("/reports/what-if", question).await.is(200);
    assert_eq!(again, answer, "the same seed gives the same answer");
    let site = json!({ "site_id": app.branch().dakar, "counters": [2] });
    let whole = app.manager().post("/reports/what-if", site).await.is(200);
    assert_eq!(whole["recorded"]["visits"], 6);
    let class = whole["runs"][0]["classes"][0]["class"].as_str().unwrap();
    assert!(class.contains('/'), "with the prefix of its queue: {class}");
}

async fn plans_that_cannot_be_are_refused_by_their_field(app: &mut App) {
    let (queue, site) = (app.branch().a, app.branch().dakar);
    for (query, field) in [
        (String::new(), "queue_id"),
        (format!("queue_id={queue}&site_id={site}"), "site_id"),
        (format!("queue_id={queue}&start_date=27/05/2026"), "start_date"),
        (format!("queue_id={queue}&start_date=2020-01-01"), "start_date"),
        (format!("queue_id={queue}&end_date=2026-02-30"), "end_date"),
        (format!("queue_id={queue}&start_date=2026-03-09&end_date=2026-03-08"), "end_date"),
        (format!("queue_id={queue}&end_date=2026-06-01"), "end_date"),
    ] {
        let refused = app.manager().get(&format!("/reports/forecast?{query}")).await;
        let problem = refused.refused(400, "invalid_request");
        assert!(problem["errors"].to_string().contains(field), "{query}: {problem}");
    }
    for (change, field) in [
        (json!({ "queue_id": null }), "/queue_id"),
        (json!({ "site_id": site }), "/site_id"),
        (json!({ "weeks": 0 }), "/weeks"),
        (json!({ "counters": [] }), "/counters"),
        (json!({ "counters": [201] }), "/counters"),
        (json!({ "policies": vec![json!({ "kind": "fifo" }); 7] }), "/policies"),
        (json!({ "plan": [{ "start": "08:10", "counters": 1 }] }), "/plan/0/start"),
        (json!({ "speed": 2 }), "speed"),
    ] {
        let mut question = json!({ "queue_id": queue, "counters": [2] });
        for (name, value) in change.as_object().unwrap() {
            question[name] = value.clone();
        }
        let problem =
            app.manager().post("/reports/what-if", question).await.refused(400, "invalid_request");
        assert!(problem.to_string().contains(field), "{field}: {problem}");
    }
}

async fn plans_are_of_one_bank_and_for_those_who_may_read_reports(app: &mut App) {
    let queue = three_mondays(app).await;
    let never = Uuid::now_v7();
    let ask = |queue: Uuid| json!({ "queue_id": queue, "counters": [1] });
    for queue in [queue, never] {
        let path = format!("/reports/forecast?queue_id={queue}");
        app.stranger().get(&path).await.refused(404, "not_found");
        app.stranger().post("/reports/what-if", ask(queue)).await.refused(404, "not_found");
    }
    let path = format!("/reports/forecast?queue_id={queue}");
    app.awa().get(&path).await.refused(403, "insufficient_scope");
    app.awa().post("/reports/what-if", ask(queue)).await.refused(403, "insufficient_scope");
}
