//! Every route that is described exists, and what is not a request is told so.
//!
//! In the original, transfer, pause, resume, no-show, recall and cancel were described and answered 404 (fault 5).
//! Invariant: every answer of no is a problem with a stable code, and every answer carries the id of its request.

use reqwest::Method;
use serde_json::json;

use crate::app::App;
use crate::client::{Answer, Client, id};
use crate::document::document;

stories! {
    all_commands_of_a_ticket_have_their_route,
    everything_described_is_served,
    a_slash_at_the_end_makes_no_difference,
    what_is_not_there_is_a_problem,
    s23_bodies_that_are_no_bodies_are_refused,
    pages_of_a_list_show_everything_once,
    the_program_says_how_it_is,
    s25_nothing_old_and_nothing_for_builders_is_served,
}

/// What asks for no token.
const PUBLIC: [&str; 3] = ["/api/v1/public/", "/api/v1/pairings", "/api/v1/devices/"];

/// How a route answers to somebody without a token.
fn expected(path: &str) -> &'static [u16] {
    if PUBLIC.iter().any(|public| path.starts_with(public)) {
        &[400, 404]
    } else if ["/healthz", "/readyz", "/.well-known/jwks.json"].contains(&path) {
        &[200]
    } else {
        &[401]
    }
}

/// The original's fault 5.
async fn all_commands_of_a_ticket_have_their_route(app: &mut App) {
    let awa = app.awa();
    let ticket = awa.issue(app.branch().a).await;
    for verb in [
        "check-in",
        "recall",
        "start",
        "start_service",
        "hold",
        "resume",
        "finish",
        "close",
        "no-show",
        "requeue",
        "reinstate",
    ] {
        awa.order(&ticket, verb).await.is(409);
    }
    awa.order(&ticket, "transfer").await.refused(400, "invalid_request");
    awa.order(&ticket, "call").await.refused(409, "agent_not_available");
    for verb in ["walk-out", "reinstate", "remove", "reinstate", "cancel"] {
        awa.order(&ticket, verb).await.is(200);
    }
}

async fn everything_described_is_served(app: &mut App) {
    let manager = app.manager();
    let document = document(app).await;
    let paths = document["paths"].as_object().unwrap();
    let verbs = |path: &str| {
        paths.get(path).map(|item| item.as_object().unwrap().len()).unwrap_or_default()
    };
    for verb in [
        "call",
        "recall",
        "start",
        "hold",
        "resume",
        "finish",
        "no-show",
        "requeue",
        "transfer",
        "cancel",
        "remove",
        "reinstate",
        "tag",
        "note",
    ] {
        assert_eq!(
            verbs(&format!("/api/v1/tenants/{{tenant}}/tickets/{{id}}/{verb}")),
            1,
            "{verb}"
        );
    }
    let mut asked = 0;
    for (path, item) in paths {
        let unknown = uuid::Uuid::now_v7().to_string();
        let url = format!(
            "{}{}",
            app.origin(),
            path.replace("{tenant}", "teranga").replace("{id}", &unknown)
        );
        for method in item
            .as_object()
            .unwrap()
            .keys()
            .filter_map(|name| Method::from_bytes(name.to_uppercase().as_bytes()).ok())
        {
            let answer = Client::sends(manager.http.request(method.clone(), &url)).await;
            assert!(
                expected(path).contains(&answer.status),
                "{method} {path}: {} {}",
                answer.status,
                answer.text
            );
            assert!(answer.header("x-request-id").is_some(), "{method} {path}");
            asked += 1;
        }
    }
    assert!(asked > 60, "only {asked} operations are described");
}

async fn a_slash_at_the_end_makes_no_difference(app: &mut App) {
    let awa = app.awa();
    let body = json!({ "queue_id": app.branch().a, "channel": "staff" });
    let ticket = awa.post("/tickets/", body).await.is(201);
    awa.get("/queues/").await.is(200);
    awa.get(&format!("/tickets/{}/", id(&ticket))).await.is(200);
    awa.post(&format!("/tickets/{}/cancel/", id(&ticket)), json!({})).await.is(200);
}

async fn what_is_not_there_is_a_problem(app: &mut App) {
    let (awa, http) = (app.awa(), app.awa().http);
    for path in
        ["/nothing", "/tickets/not-an-id", "/tickets/1%20or%201=1", "/queues/../agents/nobody"]
    {
        awa.get(path).await.refused(404, "not_found");
    }
    Client::sends(http.get(format!("{}/nothing/at/all", app.origin())))
        .await
        .refused(404, "not_found");
    for method in [Method::DELETE, Method::PATCH, Method::PUT, Method::TRACE] {
        let answer =
            Client::sends(http.request(method, awa.url("/tickets")).bearer_auth(&awa.token)).await;
        answer.refused(405, "method_not_allowed");
        assert!(
            answer.header("allow").is_some_and(|allow| allow.contains("POST")),
            "{:?}",
            answer.headers
        );
    }
    let override_it = http
        .get(awa.url("/queues"))
        .bearer_auth(&awa.token)
        .header("x-http-method-override", "DELETE");
    Client::sends(override_it).await.is(200);
}

async fn raw(client: &Client, media_type: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = client
        .http
        .post(client.url("/tickets"))
        .bearer_auth(&client.token)
        .header("content-type", media_type);
    Client::sends(request.header("idempotency-key", crate::client::fresh_key()).body(body)).await
}

/// And D06.
async fn s23_bodies_that_are_no_bodies_are_refused(app: &mut App) {
    const JSON: &str = "application/json";
    let (queue, awa) = (app.branch().a, app.awa());
    let good = json!({ "queue_id": queue, "channel": "staff" }).to_string();
    for (body, code) in [
        ("{".to_owned(), "invalid_json"),
        ("[]".to_owned(), "invalid_request"),
        ("\"text\"".to_owned(), "invalid_request"),
        (format!("{good}{good}"), "invalid_json"),
        (json!([queue, null, null, "staff"]).to_string(), "invalid_request"),
        ("[".repeat(10_000), "invalid_request"),
        (good.replace("\"staff\"", &"[".repeat(10_000)), "invalid_json"),
        (good.replace("\"staff\"", &"9".repeat(10_000)), "invalid_json"),
        (good.replace("staff", "st\\u0000aff"), "invalid_json"),
        (good.replace("staff", "st\\ud800aff"), "invalid_json"),
    ] {
        let answer = raw(&awa, JSON, body.clone()).await;
        answer.refused(400, code);
        for leak in ["src/", "sql", "SELECT", "panicked"] {
            assert!(!answer.text.contains(leak), "{}", answer.text);
        }
    }
    raw(&awa, "text/plain", good.clone()).await.refused(415, "unsupported_media_type");
    raw(&awa, JSON, vec![0xff, 0xfe]).await.refused(400, "invalid_json");
    let large = raw(&awa, JSON, " ".repeat(70 * 1024)).await;
    large.refused(413, "body_too_large");
    awa.get("/tickets?limit=1000000000").await.refused(400, "invalid_request");
    awa.get("/tickets?limit=201").await.refused(400, "invalid_request");
    awa.get("/tickets?limit=200").await.is(200);
    let problem = raw(
        &awa,
        JSON,
        json!({ "queue_id": queue, "channel": "staff", "tags": ["a", ""] }).to_string(),
    )
    .await;
    assert_eq!(problem.refused(400, "invalid_request")["errors"][0]["pointer"], "/tags/1");
    assert_eq!(app.count(queue, "ticket.issued").await, 0);
}

async fn pages_of_a_list_show_everything_once(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    let mut wanted = Vec::new();
    for _ in 0..23 {
        wanted.push(id(&awa.issue(queue).await).to_owned());
    }
    for order in ["oldest", "newest"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = awa.get(&format!("/tickets?limit=5&order={order}{cursor}")).await.is(200);
            seen.extend(
                page["items"].as_array().unwrap().iter().map(|ticket| id(ticket).to_owned()),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
            awa.issue_with(app.branch().b, json!({})).await;
        }
        seen.retain(|ticket| wanted.contains(ticket));
        seen.sort();
        let mut wanted = wanted.clone();
        wanted.sort();
        assert_eq!(seen, wanted, "{order}");
    }
    awa.get("/tickets?cursor=made-up").await.refused(400, "invalid_request");
}

async fn the_program_says_how_it_is(app: &mut App) {
    let http = app.manager().http;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(
            Client::sends(http.get(format!("{}{path}", app.origin()))).await.status,
            200,
            "{path}"
        );
    }
    let named = http.get(format!("{}/healthz", app.origin())).header("x-request-id", "story-42");
    assert_eq!(Client::sends(named).await.header("x-request-id"), Some("story-42"));
}

/// What scanners look for first. The document of the API is public on purpose: it holds no secret, and clients need it.
async fn s25_nothing_old_and_nothing_for_builders_is_served(app: &mut App) {
    let admin = app.admin();
    for path in [
        "/api",
        "/api/v0/tenants",
        "/api/v2/tenants/teranga/queues",
        "/metrics",
        "/debug",
        "/debug/pprof",
        "/admin",
        "/actuator/env",
        "/server-status",
        "/console",
        "/graphql",
        "/swagger.json",
        "/.env",
        "/.git/config",
        "/data/smartqueue.db",
        "/config/smartqueue.toml",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
    ] {
        for token in ["", admin.token.as_str()] {
            let request = admin.http.get(format!("{}{path}", app.origin()));
            let request = if token.is_empty() { request } else { request.bearer_auth(token) };
            let answer = Client::sends(request).await;
            assert!(
                [400, 404].contains(&answer.status),
                "{path}: {} {}",
                answer.status,
                answer.text
            );
            assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        }
    }
}
