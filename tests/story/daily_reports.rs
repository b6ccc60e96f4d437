//! The report of a site's day: made when the site closes, kept as it was, and sent once.
//!
//! Letters lie in a folder, because no mail server is configured.
//! Invariant: what happens after closing changes nothing of the day's report.

use serde_json::json;
use uuid::Uuid;

use crate::app::{App, eventually};
use crate::reports::{counting, is_served};

stories! {
    at "2026-03-27T09:00:00Z";
    the_report_of_a_day_is_made_once_when_the_site_closes,
}

/// The letters that lie in the folder for mail.
fn letters(app: &App) -> Vec<String> {
    let folder = app.folder().join("letters");
    let found = std::fs::read_dir(folder).into_iter().flatten();
    let whole = found.map(|entry| entry.unwrap().path());
    let whole = whole.filter(|path| path.extension().is_some_and(|end| end == "eml"));
    whole.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

async fn the_report_of_a_day_is_made_once_when_the_site_closes(app: &mut App) {
    let branch = app.branch();
    let day = json!([{ "open": "08:00:00", "close": "17:00:00" }]);
    let weekly = vec![day; 7];
    let change = json!({ "hours": { "weekly": weekly }, "report_to": ["chef@example.org"] });
    app.configure("sites", branch.dakar, change).await;
    let path = format!("/reports/daily?site_id={}", branch.dakar);
    app.awa().sign_in().await;
    is_served(app, 60, 10, 120).await;
    app.manager().get(&path).await.refused(404, "not_found");
    let late = app.manager().issue(branch.a).await;
    app.wait_until("2026-03-27T17:00:00Z");
    let made = eventually("the day's report is made", async || {
        Some(app.manager().get(&path).await).filter(|answer| answer.status == 200)
    })
    .await
    .is(200);
    assert_eq!((&made["date"], &made["site"]), (&json!("2026-03-27"), &json!("dakar")));
    assert_eq!(made["wait_times"]["completed_tickets"], 1);
    assert_eq!(made["queue_stats"]["queues"][0]["queue_id"], json!(branch.a));
    let sent = letters(app);
    assert_eq!(sent.len(), 1);
    for part in
        ["To: chef@example.org", "Subject: dakar: 2026-03-27", "text/html", "queues_2026-03-27.csv"]
    {
        assert!(sent[0].contains(part), "{part}: {}", sent[0]);
    }
    app.restart().await;
    app.manager().order(&late, "walk-out").await.is(200);
    counting(app, "wait-times", 2).await;
    let again = app.manager().get(&format!("{path}&date=2026-03-27")).await.is(200);
    assert_eq!(again, made, "as it was made");
    assert_eq!(letters(app).len(), 1, "sent once");
    let manager = app.manager();
    manager.get(&format!("{path}&date=2026-03-26")).await.refused(404, "not_found");
    manager.get(&format!("{path}&date=today")).await.refused(400, "invalid_request");
    manager
        .get(&format!("/reports/daily?site_id={}", Uuid::now_v7()))
        .await
        .refused(404, "not_found");
    app.awa().get(&path).await.refused(403, "insufficient_scope");
}
