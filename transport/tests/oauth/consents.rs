//! Consents: what a person allowed a program of somebody else's is remembered, shown, and taken back.
//!
//! Each story runs on both databases. Invariant: a program gets nothing that the person has not allowed it.

use std::collections::BTreeMap;

use persistence::testing::TestDatabase;
use serde_json::{Value, json};

use crate::world::{Answer, VERIFIER, World, address, text, wish};

macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $story() {
                super::$story(crate::world::World::on(super::TestDatabase::sqlite()).await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test] async fn $story() {
                if let Some(database) = super::TestDatabase::postgres().await {
                    super::$story(crate::world::World::on(database).await).await;
                }
            })+
        }
    };
}

on_both! {
    only_what_was_not_allowed_is_asked_for,
    what_is_taken_back_ends_at_once,
    a_forgotten_program_takes_its_consents_along,
}

/// A program of somebody else's, registered by the bank's administrator.
async fn board(world: &World) -> String {
    let token = text(&world.tokens().await, "access_token");
    let body = json!({"name": "Board <b>", "redirect_uris": ["https://board.example/cb"],
        "scopes": "read:queue read:ticket"});
    let made = world.api("POST", "/clients", &token, Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    text(&made.json(), "id")
}

fn asking(id: &str, scope: &str) -> BTreeMap<&'static str, String> {
    let mut wish = wish();
    wish.remove("tenant");
    wish.insert("client_id", id.to_owned());
    wish.insert("redirect_uri", "https://board.example/cb".to_owned());
    wish.insert("scope", scope.to_owned());
    wish
}

fn with_prompt(wish: &BTreeMap<&'static str, String>, prompt: &str) -> String {
    let mut wish = wish.clone();
    wish.insert("prompt", prompt.to_owned());
    address(&wish)
}

/// The words that a page asks for, those allowed before it left out.
fn asked(page: &Answer) -> Vec<String> {
    let list = page.text.split("<ul>").nth(1).unwrap_or_default();
    let list = list.split("</ul>").next().unwrap_or_default();
    let words = list.split("<code dir=\"ltr\">").skip(1);
    words.map(|word| word.split('<').next().unwrap().to_owned()).collect()
}

async fn exchange(world: &World, id: &str, code: &str) -> Answer {
    let grant = [("grant_type", "authorization_code"), ("client_id", id), ("code", code)];
    let fields: Vec<(&str, &str)> =
        grant.into_iter().chain([("code_verifier", VERIFIER)]).collect();
    world.token(&fields).await
}

async fn only_what_was_not_allowed_is_asked_for(world: World) {
    let id = board(&world).await;
    let one = asking(&id, "openid read:queue");
    let mut browser = world.browser();
    let page = browser.sign_in(&address(&one)).await;
    assert_eq!(asked(&page), ["openid", "read:queue"]);
    let refused = browser.submit("/oauth/consent", &[("decision", "deny")]).await;
    assert_eq!(refused.sent("error").as_deref(), Some("access_denied"));
    let silent = with_prompt(&one, "none");
    let error = browser.get(&silent).await.sent("error");
    assert_eq!(error.as_deref(), Some("consent_required"), "a no is not remembered as a yes");
    assert_eq!(browser.get(&address(&one)).await.status, 200, "asked again");
    let granted = browser.submit("/oauth/consent", &[("decision", "allow")]).await;
    assert!(granted.sent("code").is_some(), "{}", granted.text);
    let again = browser.get(&address(&one)).await;
    let tokens = exchange(&world, &id, &again.sent("code").unwrap()).await.json();
    assert_eq!(text(&tokens, "scope"), "openid read:queue", "not asked again");
    assert!(browser.get(&silent).await.sent("code").is_some(), "nor of need");
    let more = asking(&id, "openid read:queue read:ticket");
    let error = browser.get(&with_prompt(&more, "none")).await.sent("error");
    assert_eq!(error.as_deref(), Some("consent_required"));
    let page = browser.get(&address(&more)).await;
    assert_eq!(asked(&page), ["read:ticket"], "what is new alone");
    assert_eq!(browser.submit("/oauth/consent", &[("decision", "allow")]).await.status, 303);
    assert!(browser.get(&address(&more)).await.sent("code").is_some());
    assert!(browser.get(&address(&one)).await.sent("code").is_some(), "less is within it");
    let page = browser.get(&with_prompt(&more, "consent")).await;
    assert_eq!(asked(&page), ["openid", "read:queue", "read:ticket"], "it may insist");
    let other = board(&world).await;
    let page = browser.get(&address(&asking(&other, "read:queue"))).await;
    assert_eq!(asked(&page), ["read:queue"], "another program was allowed nothing");
    let admin = text(&world.tokens().await, "access_token");
    let log = world.log_with(&admin, &["consent.give"]).await;
    assert_eq!(log.matches("\"consent.give\"").count(), 2, "{log}");
}

async fn what_is_taken_back_ends_at_once(world: World) {
    let id = board(&world).await;
    let wish = asking(&id, "openid read:queue");
    let mut browser = world.browser();
    browser.sign_in(&address(&wish)).await;
    let granted = browser.submit("/oauth/consent", &[("decision", "allow")]).await;
    let tokens = exchange(&world, &id, &granted.sent("code").unwrap()).await.json();
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let waiting = browser.get(&address(&wish)).await.sent("code").unwrap();
    let own = text(&world.tokens().await, "access_token");
    assert_eq!((world.admits(&access).await, world.admits(&own).await), (200, 200));
    world.later(1);
    let page = browser.get("/account").await;
    assert!(page.text.contains("Board &lt;b&gt;") && page.text.contains("read:queue"));
    let back = browser.submit("/account/programs/withdraw", &[]).await;
    assert_eq!(back.header("location"), "/account");
    assert_eq!(world.admits(&access).await, 401, "its access token");
    assert_eq!(world.admits(&own).await, 200, "no other program's");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", id.as_str()),
        ("refresh_token", refresh.as_str()),
    ];
    assert_eq!(world.token(&fields).await.error(), (400, "invalid_grant".to_owned()));
    let late = exchange(&world, &id, &waiting).await;
    assert_eq!(late.error(), (400, "invalid_grant".to_owned()), "nor a code of before");
    assert!(!browser.get("/account").await.text.contains("Board"), "it is gone from the page");
    let page = browser.get(&address(&wish)).await;
    assert_eq!(asked(&page), ["openid", "read:queue"], "and is asked about again");
    world.later(1);
    let granted = browser.submit("/oauth/consent", &[("decision", "allow")]).await;
    let tokens = exchange(&world, &id, &granted.sent("code").unwrap()).await.json();
    assert_eq!(world.admits(&text(&tokens, "access_token")).await, 200);
    let log = world.log_with(&own, &["consent.withdraw"]).await;
    assert!(log.contains(&id), "{log}");
}

async fn a_forgotten_program_takes_its_consents_along(world: World) {
    let id = board(&world).await;
    let mut browser = world.browser();
    browser.sign_in(&address(&asking(&id, "read:queue"))).await;
    browser.submit("/oauth/consent", &[("decision", "allow")]).await;
    assert!(browser.get("/account").await.text.contains("Board"));
    let admin = text(&world.tokens().await, "access_token");
    let gone: Value =
        json!(world.api("DELETE", &format!("/clients/{id}"), &admin, None).await.status);
    assert_eq!(gone, 204);
    assert!(!browser.get("/account").await.text.contains(&id));
}
