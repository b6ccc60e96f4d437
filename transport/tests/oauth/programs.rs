//! Programs: what a tenant registers, what they may ask for, what they are told, and what discovery says of it all.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::world::{ISSUER, VERIFIER, World, address, text, wish};

/// A service of the bank's, made by the administrator: its id and its secret.
async fn service(world: &World, token: &str) -> (String, String) {
    let body = json!({"name": "Reports", "confidential": true, "grants": ["client_credentials"],
        "scopes": "read:queue read:reports", "role": "manager"});
    let made = world.api("POST", "/clients", token, Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    (text(&made, "id"), text(&made, "secret"))
}

async fn page_of_somebody_else(world: &World, token: &str) -> String {
    let body = json!({"name": "Board <b>", "redirect_uris": ["https://board.example/cb"], "scopes": "read:queue"});
    let made = world.api("POST", "/clients", token, Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json()["secret"], Value::Null, "a public one has none");
    text(&made.json(), "id")
}

#[tokio::test]
async fn a_service_signs_in_with_its_own_secret() {
    let world = World::new().await;
    let admin = text(&world.tokens().await, "access_token");
    let (id, secret) = service(&world, &admin).await;
    let ask = [("grant_type", "client_credentials")];
    let answer = world.program("/oauth/token", &ask, Some((&id, &secret))).await;
    assert_eq!(
        (answer.status, text(&answer.json(), "scope").as_str()),
        (200, "read:queue read:reports")
    );
    assert_eq!(answer.json()["refresh_token"], Value::Null);
    let token = text(&answer.json(), "access_token");
    assert_eq!(world.admits(&token).await, 200);
    let shown = world.api("GET", &format!("/clients/{id}"), &admin, None).await;
    assert_eq!((shown.status, shown.text.contains(&secret)), (200, false), "shown once");
    for proof in [Some((id.as_str(), "wrong")), None] {
        let refused = world.program("/oauth/token", &ask, proof).await;
        assert_eq!(refused.error(), (401, "invalid_client".to_owned()));
        assert!(refused.header("www-authenticate").starts_with("Basic"));
    }
    assert_eq!(world.api("DELETE", &format!("/clients/{id}"), &admin, None).await.status, 204);
    assert_eq!(world.admits(&token).await, 401, "its tokens end with it");
    assert_eq!(world.program("/oauth/token", &ask, Some((&id, &secret))).await.status, 401);
}

#[tokio::test]
async fn s18_nobody_gets_more_than_was_granted() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let (id, secret) = service(&world, &text(&tokens, "access_token")).await;
    for (case, scope) in [("S18a unknown", "fly"), ("S18b not registered", "manage:settings")] {
        let ask = [("grant_type", "client_credentials"), ("scope", scope)];
        let answer = world.program("/oauth/token", &ask, Some((&id, &secret))).await;
        assert_eq!(answer.error(), (400, "invalid_scope".to_owned()), "{case}");
    }
    let mut narrow = wish();
    narrow.insert("scope", "read:queue".to_owned());
    let code = world.browser().sign_in(&address(&narrow)).await.sent("code").unwrap();
    let refresh = text(&world.exchange(&code).await.json(), "refresh_token");
    let wider = [
        ("grant_type", "refresh_token"),
        ("client_id", "smartqueue-web"),
        ("refresh_token", refresh.as_str()),
        ("scope", "read:queue manage:settings"),
    ];
    assert_eq!(
        world.token(&wider).await.error(),
        (400, "invalid_scope".to_owned()),
        "S18c at refresh"
    );
    let mut unknown = wish();
    unknown.insert("scope", "openid fly".to_owned());
    let answer = world.browser().get(&address(&unknown)).await;
    assert_eq!(answer.sent("error").as_deref(), Some("invalid_scope"), "S18d at authorize");
}

#[tokio::test]
async fn s19_discovery_names_exactly_the_issuer() {
    let world = World::new().await;
    let mut seen = Vec::new();
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let request = Request::get(path)
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example");
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, &answer.json()["issuer"]), (200, &ISSUER.into()), "S19a");
        assert!(!answer.text.contains("evil"), "S19b no header moves an endpoint");
        assert_eq!(answer.json()["code_challenge_methods_supported"], json!(["S256"]), "S19c");
        seen.push(answer.text);
    }
    assert_eq!(seen[0], seen[1]);
    let post = Request::post("/.well-known/openid-configuration").body(Body::empty()).unwrap();
    assert_eq!(world.send(post).await.status, 405);
}

#[tokio::test]
async fn s20_a_stolen_session_registers_no_program() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    world.later(301);
    let body =
        json!({"name": "X", "redirect_uris": ["https://evil.example/cb"], "scopes": "read:queue"});
    let answer = world.api("POST", "/clients", &text(&tokens, "access_token"), Some(body)).await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (401, Some("insufficient_user_authentication")),
        "S20b"
    );
    assert!(answer.header("www-authenticate").contains("max_age=300"));
}

#[tokio::test]
async fn a_program_of_somebody_elses_asks_for_consent() {
    let world = World::new().await;
    let id = page_of_somebody_else(&world, &text(&world.tokens().await, "access_token")).await;
    let mut wish = wish();
    wish.remove("tenant");
    wish.insert("client_id", id.clone());
    wish.insert("redirect_uri", "https://board.example/cb".to_owned());
    wish.insert("scope", "openid read:queue".to_owned());
    let mut browser = world.browser();
    let page = browser.sign_in(&address(&wish)).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Board &lt;b&gt;") && page.text.contains("read:queue"));
    assert!(
        page.header("content-security-policy")
            .contains("form-action 'self' https://board.example;")
    );
    let refused = browser.submit("/oauth/consent", &[("decision", "deny")]).await;
    assert_eq!(refused.sent("error").as_deref(), Some("access_denied"));
    let page = browser.get(&address(&wish)).await;
    assert_eq!(page.status, 200, "asked again");
    let granted = browser.submit("/oauth/consent", &[("decision", "allow")]).await;
    assert!(
        granted.header("location").starts_with("https://board.example/cb?code="),
        "{}",
        granted.text
    );
    let code = granted.sent("code").unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", id.as_str()),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let tokens = world.token(&fields).await.json();
    assert_eq!(text(&tokens, "scope"), "openid read:queue");
    let mut silent = wish.clone();
    silent.insert("prompt", "none".to_owned());
    assert_eq!(
        world.browser().get(&address(&silent)).await.sent("error").as_deref(),
        Some("login_required")
    );
    assert!(browser.get(&address(&silent)).await.sent("code").is_some(), "it was remembered");
    let mut more = wish;
    more.insert("scope", "manage:settings".to_owned());
    assert_eq!(browser.get(&address(&more)).await.sent("error").as_deref(), Some("invalid_scope"));
}

#[tokio::test]
async fn a_service_asks_about_tokens_of_its_own_tenant() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let access = text(&tokens, "access_token");
    let (id, secret) = service(&world, &access).await;
    let about = async |token: &str| {
        world.program("/oauth/introspect", &[("token", token)], Some((&id, &secret))).await.json()
    };
    let said = about(&access).await;
    assert_eq!(
        (&said["active"], &said["tenant"], &said["iss"]),
        (&true.into(), &"bank".into(), &ISSUER.into())
    );
    let refresh = text(&tokens, "refresh_token");
    assert_eq!(about(&refresh).await["token_type"], "refresh_token");
    assert_eq!(about("nonsense").await, json!({"active": false}));
    world
        .program("/oauth/revoke", &[("client_id", "smartqueue-web"), ("token", &access)], None)
        .await;
    assert_eq!(
        (about(&access).await, about(&refresh).await),
        (json!({"active": false}), json!({"active": false}))
    );
    let public = world
        .program("/oauth/introspect", &[("client_id", "smartqueue-web"), ("token", &access)], None)
        .await;
    assert_eq!(public.error(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn what_could_be_anybodys_is_not_registered() {
    let world = World::new().await;
    let admin = text(&world.tokens().await, "access_token");
    let sound =
        json!({"name": "X", "redirect_uris": ["https://x.example/cb"], "scopes": "read:queue"});
    let wrong = [
        ("redirect_uris", json!(["http://x.example/cb"])),
        ("redirect_uris", json!(["https://*.example/cb"])),
        ("redirect_uris", json!([])),
        ("scopes", json!("fly")),
        ("grants", json!(["implicit"])),
        ("grants", json!(["authorization_code", "client_credentials"])),
        ("name", json!(" ")),
    ];
    for (name, value) in wrong {
        let mut body = sound.clone();
        body[name] = value;
        let answer = world.api("POST", "/clients", &admin, Some(body)).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.text);
    }
    let made = world.api("POST", "/clients", &admin, Some(sound.clone())).await.json();
    let place = format!("/clients/{}", text(&made, "id"));
    let mut changed = sound;
    changed["name"] = json!("Y");
    changed["active"] = json!(false);
    let answer = world.api("PUT", &place, &admin, Some(changed)).await;
    assert_eq!((answer.status, answer.header("etag")), (200, "\"2\""), "{}", answer.text);
    assert_eq!(
        world.api("GET", "/clients", &admin, None).await.json()["items"].as_array().unwrap().len(),
        1
    );
    let mut wish = wish();
    wish.insert("client_id", text(&made, "id"));
    wish.insert("redirect_uri", "https://x.example/cb".to_owned());
    assert_eq!(world.browser().get(&address(&wish)).await.status, 400, "disabled");
}
