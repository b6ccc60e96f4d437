//! Signing in at an outside provider: who is let in, as what, and everything that a lie comes to.

use domain::Secs;
use persistence::testing::TestDatabase;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::browser::Browser;
use crate::provider::{Begun, CLIENT, SECRET, Signer};
use crate::scene::{BINTA, Scene, configured, with};
use crate::world::{EMAIL, NOW, address, text, wish};

const SESSION: &str = "__Host-sq_session";

fn is_in(browser: &Browser<'_>) -> bool {
    browser.cookies.contains_key(SESSION)
}

async fn joins(scene: Scene) {
    let world = &scene.world;
    let mut browser = world.browser();
    // From the client's request through the page's button, and back into the client's request.
    let first = browser.get(&address(&wish())).await;
    let page = browser.follow(first).await.text;
    assert!(page.contains("<bdi>Keycloak &lt;1&gt;</bdi>"), "{page}");
    let from = page.find("/oidc/bank/staff/start").unwrap();
    let link = page[from..].split('"').next().unwrap().replace("&amp;", "&");
    let begun = Begun::of(&browser.get(&link).await);
    let change = json!({ "groups": ["tellers", "heads"] });
    let token = scene.key.sign(&scene.claims(&begun, change));
    let answer = scene.back(&mut browser, &begun, token).await;
    assert!(answer.header("location").starts_with("/oauth/authorize?"), "{}", answer.text);
    let code = browser.follow(answer).await.sent("code").unwrap();
    let hers = text(&world.exchange(&code).await.json(), "access_token");
    let me = world.api("GET", "/agents/me", &hers, None).await.json();
    let member = scene.member(BINTA).await;
    assert_eq!((&me["id"], &member["name"]), (&member["id"], &json!("Binta Sarr")));
    assert_eq!(
        (&member["role"], &member["sign_in"], &member["email_verified"]),
        (&json!("manager"), &json!("joined"), &json!(true)),
        "the highest of her groups"
    );
    let hash = Sha256::digest(&browser.cookies[SESSION]).into();
    let session = world.engine.store().session(world.bank(), hash).await.unwrap().unwrap();
    assert_eq!(session.methods, "ext pwd mfa");
    let actions = ["identity_provider.create", "member.join", "member.link"];
    let log = world.log_with(&scene.admin, &actions).await;
    assert!(!log.contains(BINTA) && !log.contains(SECRET), "{log}");
    // Again, from another browser: the same member.
    let mut again = world.browser();
    scene.arrive(&mut again, json!({ "groups": ["heads"], "email": "other@bank.example" })).await;
    assert!(is_in(&again));
    assert_eq!(scene.member("other@bank.example").await, Value::Null, "known by the subject");
}

#[tokio::test]
async fn whoever_the_provider_knows_joins_with_the_role_of_their_groups() {
    joins(Scene::new().await).await;
}

#[tokio::test]
async fn whoever_the_provider_knows_joins_on_postgres() {
    let Some(database) = TestDatabase::postgres().await else { return };
    joins(Scene::on(database, json!({})).await).await;
}

/// Makes a token of the claims that must not be taken.
type Forger = fn(&Scene, &Value) -> String;

#[tokio::test]
async fn no_untrue_token_signs_anybody_in() {
    let scene = Scene::new().await;
    let now = NOW.0 / 1_000_000;
    for change in [
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "iss": "https://evil.example" }),
        json!({ "aud": "another" }),
        json!({ "aud": [CLIENT, "another"] }),
        json!({ "azp": "another" }),
        json!({ "exp": now - 61 }),
        json!({ "iat": now - 3_600 }),
        json!({ "sub": null }),
    ] {
        let mut browser = scene.world.browser();
        let answer = scene.arrive(&mut browser, change.clone()).await;
        assert_eq!((answer.status, is_in(&browser)), (502, false), "{change}");
    }
    let forgers: [(&str, Forger); 5] = [
        ("none", |_, claims| {
            use base64::Engine as _;
            let part = |text: String| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
            let head = json!({ "alg": "none", "kid": "k1" }).to_string();
            format!("{}.{}.", part(head), part(claims.to_string()))
        }),
        ("HS256 with the public key", |scene, claims| {
            let key =
                jsonwebtoken::EncodingKey::from_secret(scene.key.public.to_string().as_bytes());
            let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
            header.kid = Some("k1".to_owned());
            jsonwebtoken::encode(&header, claims, &key).unwrap()
        }),
        ("another's key of the same name", |_, claims| Signer::ec("k1").sign(claims)),
        ("a key of another kind", |_, claims| Signer::rsa("k1").sign(claims)),
        ("an unknown kid", |_, claims| Signer::ec("k2").sign(claims)),
    ];
    for (name, forge) in forgers {
        let mut browser = scene.world.browser();
        let begun = scene.begin(&mut browser).await;
        let token = forge(&scene, &scene.claims(&begun, json!({})));
        let answer = scene.back(&mut browser, &begun, token).await;
        assert_eq!((answer.status, is_in(&browser)), (502, false), "{name}");
    }
    assert_eq!(scene.member(BINTA).await, Value::Null, "nobody was made");
    let mut browser = scene.world.browser();
    assert_eq!(scene.arrive(&mut browser, json!({})).await.status, 303, "the control");
    assert!(is_in(&browser));
}

#[tokio::test]
async fn s13_an_answer_belongs_to_its_browser_its_provider_and_its_moment() {
    let scene = Scene::new().await;
    let other = with(configured(&scene.provider.issuer), json!({ "slug": "other" }));
    assert_eq!(scene.api("POST", "", Some(other)).await.status, 201);
    let (mut hers, mut his) = (scene.world.browser(), scene.world.browser());
    // The state of another browser, which has begun a sign-in of its own.
    let begun = scene.begin(&mut hers).await;
    scene.begin(&mut his).await;
    let token = scene.key.sign(&scene.claims(&begun, json!({})));
    assert_eq!(scene.back(&mut his, &begun, token.clone()).await.status, 400, "another browser");
    assert_eq!(scene.back(&mut hers, &begun, token).await.status, 400, "and it is used up");
    // Once.
    let begun = scene.begin(&mut hers).await;
    let token = scene.key.sign(&scene.claims(&begun, json!({})));
    assert_eq!(scene.back(&mut hers, &begun, token.clone()).await.status, 303);
    assert_eq!(scene.back(&mut hers, &begun, token).await.status, 400, "replayed");
    // Mix-up: an answer that comes to another provider's address, or says another issuer, or none.
    let mut browser = scene.world.browser();
    let begun = scene.begin(&mut browser).await;
    let astray = begun.back("c", &scene.more()).replace("/staff/", "/other/");
    assert_eq!(browser.get(&astray).await.status, 400, "another provider's address");
    for (more, status) in [
        ("&iss=https%3A%2F%2Fevil.example".to_owned(), 502),
        (String::new(), 502),
        (format!("{}&iss=https%3A%2F%2Fevil.example", scene.more()), 400),
        (format!("{}&state=x", scene.more()), 400),
    ] {
        let begun = scene.begin(&mut browser).await;
        let code = scene.provider.code(&begun, scene.key.sign(&scene.claims(&begun, json!({}))));
        assert_eq!(browser.get(&begun.back(&code, &more)).await.status, status, "{more:?}");
    }
    // Too late, refused, without anything.
    let begun = scene.begin(&mut browser).await;
    scene.world.later(Secs::minutes(15).0);
    let late = scene.key.sign(&scene.claims(&begun, json!({})));
    assert_eq!(scene.back(&mut browser, &begun, late).await.status, 400, "too late");
    let begun = scene.begin(&mut browser).await;
    let refused = begun.back("", &format!("{}&error=access_denied", scene.more()));
    assert_eq!(browser.get(&refused).await.status, 502);
    assert_eq!(browser.get("/oidc/bank/staff/callback").await.status, 400);
    assert_eq!(browser.get("/oidc/bank/none/start").await.status, 404);
    assert_eq!(browser.get("/oidc/none/staff/start").await.status, 404);
    assert!(!is_in(&browser) && !is_in(&his));
}

#[tokio::test]
async fn an_address_counts_when_it_is_proven() {
    let scene = Scene::new().await;
    let mut browser = scene.world.browser();
    for change in [
        json!({ "email_verified": false }),
        json!({ "email_verified": null }),
        json!({ "email": null }),
        json!({ "email": "nobody" }),
    ] {
        let answer = scene.arrive(&mut browser, change.clone()).await;
        assert_eq!((answer.status, is_in(&browser)), (403, false), "{change}");
        assert!(answer.text.contains("adresse e-mail"), "{}", answer.text);
    }
    scene.change(json!({ "trust_email": true })).await;
    assert_eq!(scene.arrive(&mut browser, json!({ "email_verified": null })).await.status, 303);
    assert!(is_in(&browser));
}

#[tokio::test]
async fn an_account_with_a_password_is_not_taken_over() {
    let scene = Scene::new().await;
    let awa = json!({ "email": EMAIL.to_uppercase(), "sub": "s-awa", "groups": ["board"], "name": "Awa" });
    let mut browser = scene.world.browser();
    assert_eq!(scene.arrive(&mut browser, awa.clone()).await.status, 403);
    assert!(!is_in(&browser));
    let before = scene.world.letters().len();
    scene.change(json!({ "link_existing": true })).await;
    assert_eq!(scene.arrive(&mut browser, awa).await.status, 303, "the administrator said so");
    let letters = scene.world.letters();
    assert_eq!(letters.len(), before + 1);
    assert!(letters[before].starts_with(&format!("{EMAIL}|")), "{}", letters[before]);
    // The address changed hands at the provider: a new subject is somebody else.
    let heir = json!({ "email": EMAIL, "sub": "s-heir", "groups": ["board"] });
    let mut other = scene.world.browser();
    assert_eq!(scene.arrive(&mut other, heir).await.status, 403);
    assert!(!is_in(&other));
}

#[tokio::test]
async fn whoever_was_invited_joins_at_the_provider_and_the_letter_ends() {
    let scene = Scene::new().await;
    let body = json!({ "name": "B", "email": BINTA, "role": "agent", "language": "en" });
    scene.world.api("POST", "/members", &scene.admin, Some(body)).await;
    let letter = scene.world.letters().pop().unwrap();
    let link = letter[letter.find("/invite/").unwrap()..].split_whitespace().next().unwrap();
    let mut browser = scene.world.browser();
    assert_eq!(scene.arrive(&mut browser, json!({})).await.status, 303);
    let member = scene.member(BINTA).await;
    assert_eq!((&member["sign_in"], &member["name"]), (&json!("joined"), &json!("Binta Sarr")));
    let mut late = scene.world.browser();
    late.get(link).await;
    let hers =
        [("password", "an umbrella for each season"), ("again", "an umbrella for each season")];
    let answer = late.submit(link.split('?').next().unwrap(), &hers).await;
    assert_eq!(answer.status, 400, "the letter is over");
    // Nor does a link for a forgotten password make a way around the provider.
    let before = scene.world.letters().len();
    late.get("/reset").await;
    late.submit("/reset", &[("tenant", "bank"), ("email", BINTA)]).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(scene.world.letters().len(), before);
}

#[tokio::test]
async fn without_a_role_nobody_is_let_in_and_what_was_open_ends() {
    let scene = Scene::new().await;
    let mut browser = scene.world.browser();
    for change in [json!({ "groups": ["else"] }), json!({ "groups": null })] {
        let answer = scene.arrive(&mut browser, change).await;
        assert_eq!((answer.status, is_in(&browser)), (403, false));
        assert!(answer.text.contains("aucun de vos groupes"), "{}", answer.text);
    }
    assert_eq!(scene.member(BINTA).await, Value::Null);
    scene.arrive(&mut browser, json!({})).await;
    let hers = scene.token(&mut browser).await;
    assert_eq!(scene.world.admits(&hers).await, 200);
    scene.world.later(1);
    let mut other = scene.world.browser();
    assert_eq!(scene.arrive(&mut other, json!({ "groups": ["else"] })).await.status, 403);
    assert_eq!(scene.world.admits(&hers).await, 401, "her token ended");
    assert_eq!(browser.get("/account").await.status, 303, "and her session");
}

#[tokio::test]
async fn roles_follow_the_groups_but_the_last_administrator_remains() {
    let scene = Scene::set(json!({ "link_existing": true })).await;
    let mut browser = scene.world.browser();
    scene.arrive(&mut browser, json!({})).await;
    let hers = scene.token(&mut browser).await;
    assert_eq!(scene.world.admits(&hers).await, 200);
    let mut again = scene.world.browser();
    scene.arrive(&mut again, json!({ "groups": ["heads"] })).await;
    assert_eq!(scene.member(BINTA).await["role"], "manager");
    assert_ne!(scene.world.admits(&hers).await, 200, "the token says agent");
    scene.world.later(1);
    let fresh = scene.token(&mut again).await;
    assert_eq!(scene.world.admits(&fresh).await, 200);
    let awa = json!({ "email": EMAIL, "sub": "s-awa", "groups": ["tellers"], "name": "Awa" });
    assert_eq!(scene.arrive(&mut scene.world.browser(), awa).await.status, 303);
    assert_eq!(scene.member(EMAIL).await["role"], "admin", "the last one");
}

#[tokio::test]
async fn without_groups_roles_are_changed_here() {
    let scene = Scene::set(json!({ "roles": {}, "default_role": "agent" })).await;
    let mut browser = scene.world.browser();
    assert_eq!(scene.arrive(&mut browser, json!({ "groups": null })).await.status, 303);
    let member = scene.member(BINTA).await;
    assert_eq!(member["role"], "agent");
    let place = format!("/members/{}", text(&member, "id"));
    scene.world.api("PATCH", &place, &scene.admin, Some(json!({ "role": "manager" }))).await;
    scene.arrive(&mut browser, json!({ "groups": null })).await;
    assert_eq!(scene.member(BINTA).await["role"], "manager", "it stays");
}

#[tokio::test]
async fn t13_whoever_was_shut_out_stays_out() {
    let scene = Scene::new().await;
    let mut browser = scene.world.browser();
    scene.arrive(&mut browser, json!({})).await;
    let member = scene.member(BINTA).await;
    let place = format!("/members/{}", text(&member, "id"));
    scene.world.api("PATCH", &place, &scene.admin, Some(json!({ "active": false }))).await;
    let mut again = scene.world.browser();
    assert_eq!(scene.arrive(&mut again, json!({})).await.status, 403, "disabled");
    let agent = format!("/agents/{}", text(&member, "id"));
    assert_eq!(scene.world.api("DELETE", &agent, &scene.admin, None).await.status, 204);
    assert_eq!(scene.arrive(&mut again, json!({})).await.status, 403, "removed");
    let anew = json!({ "sub": "s-other" });
    assert_eq!(scene.arrive(&mut again, anew).await.status, 403, "by the address neither");
    assert!(!is_in(&again));
}

#[tokio::test]
async fn s10_keys_are_asked_for_once_a_minute_and_rotate() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let mut browser = world.browser();
    scene.arrive(&mut browser, json!({})).await;
    let before = scene.provider.asked("jwks");
    let fresh = Signer::rsa("k2");
    world.later(61);
    for _ in 0..5 {
        let begun = scene.begin(&mut browser).await;
        let token = fresh.sign(&scene.claims(&begun, json!({})));
        assert_eq!(scene.back(&mut browser, &begun, token).await.status, 502);
    }
    assert_eq!(scene.provider.asked("jwks"), before + 1, "five unknown kids, one question");
    scene.provider.publish(&[&scene.key, &fresh]);
    world.later(61);
    let begun = scene.begin(&mut browser).await;
    let token = fresh.sign(&scene.claims(&begun, json!({})));
    assert_eq!(scene.back(&mut browser, &begun, token).await.status, 303, "the new key, RS256");
    assert_eq!(scene.provider.asked("document"), 1, "for an hour");
    scene.provider.publish(&[&fresh]);
    world.later(3_601);
    let answer = scene.arrive(&mut browser, json!({})).await;
    assert_eq!(answer.status, 502, "a key that was taken back");
}

#[tokio::test]
async fn a_wrong_secret_or_verifier_signs_nobody_in() {
    let scene = Scene::new().await;
    scene.change(json!({ "client_secret": "wrong" })).await;
    let mut browser = scene.world.browser();
    assert_eq!(scene.arrive(&mut browser, json!({})).await.status, 502);
    assert!(!is_in(&browser));
    let row = scene.world.engine.store().identity_providers(scene.world.bank()).await.unwrap();
    let sealed = row[0].client_secret.clone().unwrap();
    assert!(!sealed.windows(5).any(|piece| piece == b"wrong"), "sealed at rest");
}
