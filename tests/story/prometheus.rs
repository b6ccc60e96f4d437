//! What a scraper is told, and what it is not: no id, no name, no slug of anybody.
//!
//! Figures are compared before and after, so a story does not depend on what starting counted.
//! Invariant: the figures are reached on their own address only.

use serde_json::json;

use crate::app::{App, eventually};
use crate::branch::{BANK, OTHER_BANK};
use crate::client::Client;
use crate::socket::Socket;

stories! {
    requests_are_counted_by_template_and_class,
    the_engine_is_seen_at_work,
    a04_no_id_and_no_name_is_in_the_metrics,
}

/// The value of the line that begins with `series`; 0 when there is none.
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().unwrap())
}

async fn requests_are_counted_by_template_and_class(app: &mut App) {
    let (manager, branch) = (app.manager(), app.branch());
    manager.get(&format!("/queues/{}", branch.a)).await.is(200);
    manager.get("/queues/none").await.is(404);
    manager.get("/no-such-thing").await.is(404);
    let text = app.metrics().await;
    let one = "route=\"/api/v1/tenants/{tenant}/queues/{id}\",method=\"GET\"";
    let of = |status: &str| {
        value(&text, &format!("smartqueue_http_requests_total{{{one},status=\"{status}\"}}"))
    };
    assert_eq!((of("2xx"), of("4xx"), of("5xx")), (1.0, 1.0, 0.0), "{text}");
    let all = |name: &str| value(&text, &format!("smartqueue_http_request_seconds_{name}"));
    assert_eq!(all(&format!("bucket{{{one},le=\"+Inf\"}}")), 2.0, "{text}");
    assert!(all(&format!("sum{{{one}}}")) > 0.0, "{text}");
    let other = "smartqueue_http_requests_total{route=\"other\",method=\"GET\",status=\"4xx\"}";
    assert_eq!(value(&text, other), 1.0, "{text}");
    let on_the_main_address = manager.http.get(format!("{}/metrics", app.origin()));
    Client::sends(on_the_main_address).await.is(404);
}

async fn the_engine_is_seen_at_work(app: &mut App) {
    let (branch, before) = (app.branch(), app.metrics().await);
    let mut socket = Socket::signed_in(app, &app.manager().token).await;
    socket.follow(&format!("queue:{}", branch.a)).await;
    app.awa().issue(branch.a).await;
    socket.event("ticket.issued").await;
    let text = app.metrics().await;
    let grew = |series: &str| value(&text, series) - value(&before, series);
    assert_eq!(grew("smartqueue_tickets_issued_total"), 1.0, "{text}");
    assert_eq!(value(&text, "smartqueue_tenant_tickets_issued{rank=\"1\"}"), 1.0, "{text}");
    assert!(grew("smartqueue_journal_commit_seconds_count") >= 1.0, "{text}");
    assert!(grew("smartqueue_journal_batch_events_sum") >= 1.0, "{text}");
    assert!(grew("smartqueue_frames_sent_total") >= 1.0, "{text}");
    assert_eq!(grew("smartqueue_sockets_opened_total{kind=\"json\"}"), 1.0, "{text}");
    drop(socket);
    for actor in ["queue", "tenant", "agent", "journal"] {
        eventually("what was sent is handled", async || {
            let text = app.metrics().await;
            let of = |what: &str| {
                value(&text, &format!("smartqueue_mailbox_{what}_total{{actor=\"{actor}\"}}"))
            };
            (of("sent") == of("handled") && of("sent") > 0.0).then_some(())
        })
        .await;
    }
    eventually("the socket has ended", async || {
        let text = app.metrics().await;
        (value(&text, "smartqueue_sockets_ended_total{kind=\"json\"}") >= 1.0).then_some(())
    })
    .await;
    assert!(value(&text, "smartqueue_database_connections") >= 1.0, "{text}");
    assert!(text.contains("smartqueue_outbox_oldest_seconds "), "{text}");
}

async fn a04_no_id_and_no_name_is_in_the_metrics(app: &mut App) {
    let branch = app.branch();
    let person =
        json!({ "name": "Canari Dupont", "phone": "+221770008642", "email": "canari@example.org" });
    let ticket = app.awa().issue_with(branch.a, person).await.is(201);
    app.awa().get("/customers").await.is(200);
    app.awa().get(&format!("/tickets/{}", crate::client::id(&ticket))).await.is(200);
    app.awa().get("/canari-path").await.is(404);
    app.stranger().get("/sites").await.is(200);
    app.manager().get(&format!("/queues/{}?canari=1", branch.a)).await;
    let text = app.metrics().await;
    let ids = [branch.a, branch.awa, branch.dakar, branch.kiosk].map(|id| id.to_string());
    let tenant = app.bank().id().to_string();
    let words = [
        "anari",
        "Dupont",
        "221770008642",
        BANK,
        OTHER_BANK,
        "ZZ cash",
        "dakar",
        "awa",
        tenant.as_str(),
    ];
    let ticket = crate::client::id(&ticket);
    for word in words.into_iter().chain(ids.iter().map(String::as_str)).chain([ticket]) {
        // A word may stand in a template, such as `autre` nowhere does.
        assert!(!text.contains(word), "{word} is in the metrics: {text}");
    }
    assert!(text.contains("/api/v1/tenants/{tenant}/tickets/{id}"), "the control: {text}");
}
