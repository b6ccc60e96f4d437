//! Tokens: what is accepted as a sign-in, and the many things that are not.
//!
//! Forgeries are made by hand from a good token; none may open anything, whatever they claim.
//! Invariant: every refusal is a 401 with a challenge, and says nothing about why beyond a sentence.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Role, Scope, Scopes};
use serde_json::{Value, json};
use transport::Subject;

use crate::app::App;
use crate::branch::BANK;
use crate::client::{Answer, Client};

stories! {
    at "2026-03-02T09:00:00Z";
    s07_a_forged_token_opens_nothing,
    s08_a_token_ends_when_it_says,
    s09_claims_of_the_wrong_kind_are_refused,
    s11_a_token_in_the_address_is_refused,
    a_disabled_agent_is_out_at_once,
    a_changed_role_ends_the_token,
    a_removed_device_is_out_at_once,
    fewer_scopes_in_the_token_are_fewer_rights,
    keys_are_published_and_survive_a_restart,
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Header and claims of a token.
fn opened(token: &str) -> (Value, Value, String) {
    let parts: Vec<&str> = token.split('.').collect();
    let value =
        |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
    (value(parts[0]), value(parts[1]), parts[2].to_owned())
}

async fn asks_with(app: &App, token: &str) -> Answer {
    app.client(BANK, token.to_owned()).get("/queues").await
}

async fn is_refused(app: &App, token: &str, what: &str) {
    let answer = asks_with(app, token).await;
    assert_eq!(answer.status, 401, "{what}: {}", answer.text);
    answer.refused(401, "invalid_token");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.starts_with("Bearer") && challenge.contains("error=\"invalid_token\""),
        "{challenge}"
    );
}

async fn s07_a_forged_token_opens_nothing(app: &mut App) {
    let good = app.manager().token;
    asks_with(app, &good).await.is(200);
    let (header, claims, signature) = opened(&good);
    let changed = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        format!("{}.{}.{signature}", part(&header), part(&claims))
    };
    let mut admin = claims.clone();
    admin["role"] = json!("admin");
    let forgeries = [
        (
            "alg none",
            format!("{}.{}.", part(&json!({ "alg": "none", "typ": "at+jwt" })), part(&claims)),
        ),
        ("alg none with a signature", changed("alg", json!("none"))),
        ("HS256", changed("alg", json!("HS256"))),
        ("no signature", format!("{}.{}.", part(&header), part(&claims))),
        ("other claims", format!("{}.{}.{signature}", part(&header), part(&admin))),
        ("unknown kid", changed("kid", json!("nobody"))),
        ("kid with a path", changed("kid", json!("../../etc/passwd"))),
        ("kid with SQL", changed("kid", json!("' or 1=1 --"))),
        ("jwk inside", changed("jwk", json!({ "kty": "EC" }))),
        ("jku inside", changed("jku", json!("https://evil.example/jwks.json"))),
        ("x5u inside", changed("x5u", json!("https://evil.example/cert.pem"))),
        ("crit", changed("crit", json!(["exp"]))),
        ("wrong typ", changed("typ", json!("JWT"))),
        ("one part", "abc".to_owned()),
        ("two parts", format!("{}.{}", part(&header), part(&claims))),
    ];
    for (what, token) in forgeries {
        is_refused(app, &token, what).await;
    }
    let mut bare = app.manager();
    bare.token = String::new();
    Client::sends(bare.http.get(bare.url("/queues"))).await.refused(401, "invalid_token");
    let basic =
        bare.http.get(bare.url("/queues")).header("authorization", "Basic YWRtaW46YWRtaW4=");
    Client::sends(basic).await.refused(401, "invalid_token");
}

async fn s08_a_token_ends_when_it_says(app: &mut App) {
    let subject = Subject::Role(Role::Manager);
    let short = app.token_with(Some(BANK), subject, Role::Manager, None, 600);
    asks_with(app, &short).await.is(200);
    app.wait(599);
    asks_with(app, &short).await.is(200);
    app.wait(62);
    is_refused(app, &short, "past its end, and a minute for clocks that differ").await;
}

/// As the server would sign them, were they asked for.
async fn s09_claims_of_the_wrong_kind_are_refused(app: &mut App) {
    let (header, claims, signature) = opened(&app.manager().token);
    for (name, value) in [
        ("exp", json!("9999999999")),
        ("exp", json!([9_999_999_999_u64])),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", Value::Null),
        ("nbf", json!("0")),
        ("iss", json!("somebody")),
        ("aud", json!("another-api")),
        ("sub", json!("nobody")),
    ] {
        let mut claims = claims.clone();
        claims[name] = value.clone();
        let token = format!("{}.{}.{signature}", part(&header), part(&claims));
        is_refused(app, &token, &format!("{name}: {value}")).await;
    }
}

async fn s11_a_token_in_the_address_is_refused(app: &mut App) {
    let manager = app.manager();
    for path in [
        format!("/queues?access_token={}", manager.token),
        format!("/tickets?limit=1&access_token={}", manager.token),
    ] {
        let answer = manager.get(&path).await;
        answer.refused(400, "token_in_url");
        assert!(!answer.text.contains(&manager.token), "and it is not said again");
    }
}

async fn a_disabled_agent_is_out_at_once(app: &mut App) {
    let (branch, binta) = (app.branch(), app.binta());
    binta.sign_in().await;
    app.configure("agents", branch.binta, json!({ "active": false })).await;
    binta.get("/agents/me").await.refused(401, "invalid_token");
    binta.issue_with(branch.a, json!({})).await.refused(401, "invalid_token");
    app.configure("agents", branch.binta, json!({ "active": true })).await;
    binta.get("/agents/me").await.is(200);
}

async fn a_changed_role_ends_the_token(app: &mut App) {
    let (branch, binta) = (app.branch(), app.binta());
    app.configure("agents", branch.binta, json!({ "role": "manager" })).await;
    binta.get("/agents/me").await.refused(403, "insufficient_scope");
    let lower =
        app.client(BANK, app.token(Some(BANK), Subject::Agent(branch.binta.into()), Role::Manager));
    lower.get("/agents/me").await.is(200);
    app.configure("agents", branch.binta, json!({ "role": "agent" })).await;
    lower
        .post(&format!("/queues/{}/pause", branch.a), json!({}))
        .await
        .refused(403, "insufficient_scope");
}

async fn a_removed_device_is_out_at_once(app: &mut App) {
    let (branch, kiosk) = (app.branch(), app.kiosk());
    kiosk.issue(branch.a).await;
    app.admin().delete(&format!("/devices/{}", branch.kiosk)).await.is(204);
    kiosk.issue_with(branch.a, json!({})).await.refused(401, "invalid_token");
}

async fn fewer_scopes_in_the_token_are_fewer_rights(app: &mut App) {
    let branch = app.branch();
    let with = |role: Role, scopes: &[Scope]| {
        let subject = Subject::Role(role);
        app.client(BANK, app.token_with(Some(BANK), subject, role, Some(Scopes::of(scopes)), 600))
    };
    let reader = with(Role::Manager, &[Scope::ReadQueue]);
    reader.get("/queues").await.is(200);
    let problem = reader.issue_with(branch.a, json!({})).await.refused(403, "insufficient_scope");
    assert!(problem["required_scope"].as_str().unwrap().contains("write:ticket"));
    reader.get("/tickets").await.refused(403, "insufficient_scope");
    let greedy = with(Role::Agent, &[Scope::ManageSettings, Scope::ManageQueue]);
    greedy
        .post(&format!("/queues/{}/pause", branch.a), json!({}))
        .await
        .refused(403, "insufficient_scope");
}

async fn keys_are_published_and_survive_a_restart(app: &mut App) {
    let token = app.manager().token;
    let published = async || {
        let answer = app
            .manager()
            .http
            .get(format!("{}/.well-known/jwks.json", app.origin()))
            .send()
            .await
            .unwrap();
        answer.text().await.unwrap()
    };
    let before = published().await;
    let keys: Value = serde_json::from_str(&before).unwrap();
    assert_eq!((&keys["keys"][0]["kty"], &keys["keys"][0]["crv"]), (&json!("EC"), &json!("P-256")));
    assert_eq!(keys["keys"][0]["d"], Value::Null, "the private half stays here");
    app.restart().await;
    let after = app
        .manager()
        .http
        .get(format!("{}/.well-known/jwks.json", app.origin()))
        .send()
        .await
        .unwrap();
    assert_eq!(after.text().await.unwrap(), before);
    asks_with(app, &token).await.is(200);
}
