//! What every answer has, and what happens to requests that no route takes.

use axum::http::Method;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn every_answer_carries_the_requests_id() {
    let world = World::new().await;
    let own = world.ask(Method::GET, "/healthz").with("x-request-id", "mine-1").send().await;
    assert_eq!((own.status, own.text.as_str(), own.header("x-request-id")), (200, "ok", "mine-1"));
    let bad = world.ask(Method::GET, "/nowhere").with("x-request-id", "a b<c>").send().await;
    assert!(!bad.header("x-request-id").is_empty() && bad.header("x-request-id") != "a b<c>");
    let refused = world.get("/queues").with("x-request-id", "mine-2").send().await;
    assert_eq!((refused.status, refused.json()["trace_id"].as_str()), (401, Some("mine-2")));
    assert_eq!(refused.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn what_no_route_takes_is_answered_as_a_problem() {
    let world = World::new().await;
    let nowhere = world.ask(Method::GET, "/api/v2/x").send().await;
    assert_eq!((nowhere.status, nowhere.code().as_str()), (404, "not_found"));
    assert_eq!(nowhere.header("content-type"), "application/problem+json");
    for method in [Method::DELETE, Method::OPTIONS, Method::TRACE, Method::PATCH] {
        let answer = world.ask(method.clone(), "/api/v1/tenants/bank/tickets").send().await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (405, "method_not_allowed"),
            "{method}"
        );
        let allowed = answer.header("allow");
        assert!(allowed.contains("GET") && allowed.contains("POST"), "{method}: {allowed}");
    }
    let overridden =
        world.ask(Method::POST, "/healthz").with("x-http-method-override", "GET").send().await;
    assert_eq!(overridden.status, 405);
}

#[tokio::test]
async fn slashes_and_heads_change_nothing() {
    let world = World::new().await;
    let token = world.of_agent();
    let plain = world.get("/queues").token(&token).send().await;
    let slash = world.get("/queues/").token(&token).send().await;
    assert_eq!((plain.status, slash.status), (200, 200));
    assert_eq!(plain.json()["items"].as_array().map(Vec::len), Some(3));
    let head = world.ask(Method::HEAD, "/api/v1/tenants/bank/queues").token(&token).send().await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

#[tokio::test]
async fn a_token_in_the_address_is_refused_and_not_repeated() {
    let world = World::new().await;
    let answer = world.get("/queues?access_token=secret-text").send().await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "token_in_url"));
    assert!(!answer.text.contains("secret-text"));
}

#[tokio::test]
async fn other_origins_need_the_operators_permission() {
    let world = World::new().await;
    let ask = |origin: &str| {
        let ask = world.ask(Method::OPTIONS, "/api/v1/tenants/bank/tickets").with("origin", origin);
        ask.with("access-control-request-method", "POST")
    };
    let listed = ask("https://app.example").send().await;
    assert_eq!(
        (listed.status, listed.header("access-control-allow-origin")),
        (204, "https://app.example")
    );
    assert!(listed.header("access-control-allow-headers").contains("idempotency-key"));
    let stranger = ask("https://evil.example").send().await;
    assert_eq!((stranger.status, stranger.header("access-control-allow-origin")), (405, ""));
    let simple =
        world.ask(Method::GET, "/healthz").with("origin", "https://app.example").send().await;
    assert_eq!(simple.header("access-control-allow-origin"), "https://app.example");
}

#[tokio::test]
async fn health_keys_documents_and_pages_ask_nobody_who_they_are() {
    let world = World::new().await;
    let ready = world.ask(Method::GET, "/readyz").send().await;
    assert_eq!((ready.status, ready.text.as_str()), (200, "ready"));
    let keys = world.ask(Method::GET, "/.well-known/jwks.json").send().await;
    assert_eq!(keys.json()["keys"][0]["alg"], "ES256");
    let document = world.ask(Method::GET, "/openapi.json").send().await;
    assert!(document.json()["paths"]["/api/v1/tenants/{tenant}/tickets"]["post"].is_object());
    let page = world.ask(Method::GET, "/docs/api/").send().await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(
        page.text.contains("swagger-ui")
            && page.header("content-security-policy").contains("'self'")
    );
    let script = world.ask(Method::GET, "/docs/api/swagger-initializer.js").send().await;
    assert!(script.text.contains("/openapi.json"), "{}", script.text);
    assert_eq!(world.ask(Method::GET, "/docs/api").send().await.status, 308);
    let problems = world.ask(Method::GET, "/docs/problems").send().await;
    assert!(problems.text.contains("id=\"queue_full\""));
    let home = world.ask(Method::GET, "/").send().await;
    assert!([200, 503].contains(&home.status), "with or without its pages");
    assert_eq!(home.header("content-type"), "text/html; charset=utf-8");
    assert!(home.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(world.ask(Method::GET, "/assets/../Cargo.toml").send().await.status, 404);
}

#[tokio::test]
async fn the_demos_session_exists_in_the_demo_only() {
    let world = World::new().await;
    let none = world.ask(Method::GET, "/demo/session").send().await;
    assert_eq!((none.status, none.code().as_str()), (404, "not_found"));
    let demo =
        World::with(transport::Limits::default(), Some(json!({"tenant": "demo"}).to_string()))
            .await;
    let some = demo.ask(Method::GET, "/demo/session").send().await;
    assert_eq!((some.status, some.json()["tenant"].as_str()), (200, Some("demo")));
}
