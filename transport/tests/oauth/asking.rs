//! Requests for a code: what is sent back to the client, what is shown to the person, what is granted.

use crate::world::{HOME, ISSUER, World, address, text, wish};

#[tokio::test]
async fn a_sign_in_comes_back_with_code_state_and_issuer() {
    let world = World::new().await;
    let mut browser = world.browser();
    let answer = browser.sign_in(&address(&wish())).await;
    assert!(answer.header("location").starts_with(HOME), "{}", answer.header("location"));
    assert_eq!(answer.sent("state").as_deref(), Some("s&1"));
    let tokens = world.exchange(&answer.sent("code").unwrap()).await.json();
    assert_eq!(world.admits(&text(&tokens, "access_token")).await, 200);
    // Signed in already: no page at all.
    let again = browser.get(&address(&wish())).await;
    assert!(again.sent("code").is_some());
}

#[tokio::test]
async fn s01_without_a_sha256_challenge_there_is_no_code() {
    let world = World::new().await;
    let plain = [
        ("S01a missing", "code_challenge", ""),
        ("S01b plain", "code_challenge_method", "plain"),
        ("S01c method left out", "code_challenge_method", ""),
        ("S01d no SHA-256", "code_challenge", "short"),
        ("S01e method in lower case", "code_challenge_method", "s256"),
    ];
    for (case, name, value) in plain {
        let mut wish = wish();
        wish.insert(name, value.to_owned());
        let answer = world.browser().get(&address(&wish)).await;
        assert_eq!(answer.sent("error").as_deref(), Some("invalid_request"), "{case}");
        assert_eq!(
            (answer.sent("code"), answer.sent("state").as_deref()),
            (None, Some("s&1")),
            "{case}"
        );
    }
}

#[tokio::test]
async fn s02_an_address_that_is_not_the_registered_one_gets_nothing() {
    let world = World::new().await;
    let variants = [
        ("S02a slash", "https://queue.example/agent/"),
        ("S02b case", "https://queue.example/Agent"),
        ("S02c port", "https://queue.example:8443/agent"),
        ("S02d path traversal", "https://queue.example/x/../agent"),
        ("S02e extra query", "https://queue.example/agent?x=1"),
        ("S02f another host", "https://queue.example.evil.example/agent"),
        ("S02g none", ""),
    ];
    for (case, redirect_uri) in variants {
        let mut wish = wish();
        wish.insert("redirect_uri", redirect_uri.to_owned());
        let answer = world.browser().get(&address(&wish)).await;
        assert_eq!((answer.status, answer.header("location")), (400, ""), "{case}");
        assert!(answer.header("content-type").starts_with("text/html"), "{case}");
    }
    // The control: a program on the person's own machine may choose its port, and only that.
    let mut native = wish();
    native.insert("client_id", "smartqueue-cli".to_owned());
    native.insert("redirect_uri", "http://127.0.0.1:50123/callback".to_owned());
    assert_eq!(world.browser().get(&address(&native)).await.status, 303);
    native.insert("redirect_uri", "http://127.0.0.1:50123/elsewhere".to_owned());
    assert_eq!(world.browser().get(&address(&native)).await.status, 400);
}

#[tokio::test]
async fn s13_the_client_can_tell_whose_answer_it_is() {
    let world = World::new().await;
    let answer = world.browser().sign_in(&address(&wish())).await;
    assert_eq!(answer.sent("iss").as_deref(), Some(ISSUER), "S13a with a code");
    let mut none = wish();
    none.insert("prompt", "none".to_owned());
    let refused = world.browser().get(&address(&none)).await;
    assert_eq!(refused.sent("error").as_deref(), Some("login_required"));
    assert_eq!(refused.sent("iss").as_deref(), Some(ISSUER), "S13b with an error");
    assert_eq!(refused.sent("state").as_deref(), Some("s&1"), "S13c the state as it was sent");
}

#[tokio::test]
async fn s13_a_form_from_elsewhere_signs_nobody_in() {
    let world = World::new().await;
    let filled =
        [("tenant", "bank"), ("email", crate::world::EMAIL), ("password", crate::world::PASSWORD)];
    for (case, origin) in
        [("null", Some("null")), ("another", Some("https://evil.example")), ("none", None)]
    {
        let mut browser = world.browser();
        browser.get("/signin").await;
        browser.origin = origin;
        assert_eq!(browser.submit("/signin", &filled).await.status, 403, "S13d origin {case}");
    }
    let mut browser = world.browser();
    browser.get("/signin").await;
    browser.cookies.clear();
    assert_eq!(browser.submit("/signin", &filled).await.status, 403, "S13e another browser's form");
    let mut browser = world.browser();
    browser.get("/signin").await;
    assert_eq!(browser.post("/signin", &filled).await.status, 403, "S13f no token");
    browser.get("/signin").await;
    assert_eq!(browser.submit("/signin", &filled).await.status, 303, "the control");
}

/// Every form there is, as the routes are written down: a new one is tried from its first day on.
#[tokio::test]
async fn no_form_at_all_is_taken_from_elsewhere() {
    let routes = include_str!("../../src/signin.rs").lines().filter(|line| line.contains("post("));
    let paths: Vec<String> = routes
        .filter_map(|line| line.split(".route(\"").nth(1)?.split('"').next())
        .map(|path| path.replace("{token}", "x"))
        .chain(["/oauth/consent".to_owned()])
        .collect();
    assert!(paths.len() >= 14, "{paths:?}");
    for path in &paths {
        let world = World::new().await;
        let mut browser = world.browser();
        browser.sign_in(&address(&wish())).await;
        browser.get("/account").await;
        let token = browser.hidden("/signout");
        let sealed: Vec<(&str, &str)> =
            token.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(browser.post(path, &[]).await.status, 403, "{path} without its token");
        for origin in [Some("https://evil.example"), Some("null"), None] {
            browser.origin = origin;
            assert_eq!(browser.post(path, &sealed).await.status, 403, "{path} from {origin:?}");
        }
        let mut stranger = world.browser();
        stranger.get("/signin").await;
        assert_eq!(stranger.post(path, &sealed).await.status, 403, "{path}, another browser's");
        assert_eq!(browser.get("/account").await.status, 200, "{path}: still signed in");
        browser.origin = Some(ISSUER);
        let control = browser.post(path, &sealed).await;
        assert_ne!(control.status, 403, "{path}, the control: {}", control.text);
    }
}

#[tokio::test]
async fn a_parameter_twice_is_refused() {
    let world = World::new().await;
    let answer = world.browser().get(&format!("{}&scope=openid", address(&wish()))).await;
    assert_eq!(answer.sent("error").as_deref(), Some("invalid_request"));
    let answer =
        world.browser().get(&format!("{}&client_id=smartqueue-web", address(&wish()))).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn s20_an_old_sign_in_is_asked_for_again() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.sign_in(&address(&wish())).await;
    world.later(120);
    let mut recent = wish();
    recent.insert("max_age", "60".to_owned());
    let answer = browser.get(&address(&recent)).await;
    assert!(answer.header("location").starts_with("/signin?"), "S20a too long ago");
    recent.insert("max_age", "600".to_owned());
    assert!(browser.get(&address(&recent)).await.sent("code").is_some(), "the control");
}
