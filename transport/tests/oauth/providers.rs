//! Outside providers as administrators configure them: tried at once, named field by field, and without their secret.

use serde_json::{Value, json};

use crate::provider::{Provider, SECRET, Signer};
use crate::scene::{Scene, configured, with};
use crate::world::{World, text};

#[tokio::test]
async fn a_provider_is_kept_changed_and_removed_and_its_secret_never_shown() {
    let scene = Scene::new().await;
    let listed = scene.api("GET", "", None).await;
    let item = listed.json()["items"][0].clone();
    let place = format!("/{}", text(&item, "id"));
    assert_eq!(
        (&item["has_secret"], &item["redirect_uri"], &item["groups_claim"], &item["scopes"]),
        (
            &json!(true),
            &json!("https://queue.example/oidc/bank/staff/callback"),
            &json!("groups"),
            &json!("openid profile email")
        )
    );
    let mut body = configured(&scene.provider.issuer);
    body.as_object_mut().unwrap().remove("client_secret");
    let changed =
        scene.api("PUT", &place, Some(with(body.clone(), json!({ "name": "New" })))).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""), "{}", changed.text);
    assert_eq!(changed.json()["has_secret"], true, "left out, it stays");
    let read = scene.api("GET", &place, None).await;
    let log = scene.world.log_with(&scene.admin, &["identity_provider.change"]).await;
    for text in [&listed.text, &changed.text, &read.text, &log] {
        assert!(!text.contains(SECRET) && !text.contains("\"client_secret\""), "{text}");
    }
    // A stolen session cannot have the secret sent elsewhere.
    let elsewhere = Provider::start(&[&Signer::ec("k9")]).await;
    let moved = with(body.clone(), json!({ "issuer": elsewhere.issuer }));
    let refused = scene.api("PUT", &place, Some(moved)).await;
    assert_eq!((refused.status, refused.text.contains("/client_secret")), (400, true));
    let public = scene.api("PUT", &place, Some(with(body, json!({ "client_secret": "" })))).await;
    assert_eq!(public.json()["has_secret"], false, "{}", public.text);
    // Switched off, it has no button and no way in.
    let off = with(configured(&scene.provider.issuer), json!({ "enabled": false }));
    assert_eq!(scene.api("PUT", &place, Some(off)).await.status, 200);
    let mut browser = scene.world.browser();
    assert_eq!(browser.get("/oidc/bank/staff/start").await.status, 404);
    assert!(!browser.get("/signin?tenant=bank").await.text.contains("/oidc/"));
    assert_eq!(scene.api("DELETE", &place, None).await.status, 204);
    assert_eq!(scene.api("GET", &place, None).await.status, 404);
}

#[tokio::test]
async fn what_will_not_do_is_named() {
    let scene = Scene::new().await;
    let liar = Provider::start(&[&Signer::ec("k9")]).await;
    liar.say("issuer", json!("https://login.example/{tenantid}/v2.0"));
    let empty = Provider::start(&[]).await;
    let plain = Provider::start(&[&Signer::ec("k9")]).await;
    plain.say("code_challenge_methods_supported", json!(["plain"]));
    let sound = with(configured(&scene.provider.issuer), json!({ "slug": "second" }));
    for (change, field, word) in [
        (json!({ "slug": "Staff" }), "/slug", "lower-case"),
        (json!({ "name": "" }), "/name", "characters"),
        (json!({ "issuer": "http://id.example" }), "/issuer", "https"),
        (json!({ "issuer": "https://login.example/{tenantid}/v2.0" }), "/issuer", "template"),
        (json!({ "issuer": "http://127.0.0.1:1" }), "/issuer", "discovery"),
        (json!({ "issuer": liar.issuer }), "/issuer", "calls itself"),
        (json!({ "issuer": empty.issuer }), "/issuer", "no key"),
        (json!({ "issuer": plain.issuer }), "/issuer", "S256"),
        (json!({ "issuer": format!("{}/", scene.provider.issuer) }), "/issuer", "calls itself"),
        (json!({ "scopes": "email" }), "/scopes", "openid"),
        (json!({ "roles": { "a": "platform_admin" } }), "/roles", "manager"),
        (json!({ "roles": { "a": "king" } }), "/roles", ""),
        (json!({ "roles": {} }), "/roles", "nobody"),
        (json!({ "default_role": "device" }), "/default_role", "manager"),
        (json!({ "tenant_id": "x" }), "tenant_id", "unknown"),
        (json!({ "has_secret": true }), "has_secret", "unknown"),
    ] {
        let refused = scene.api("POST", "", Some(with(sound.clone(), change.clone()))).await;
        assert_eq!(refused.status, 400, "{change}: {}", refused.text);
        let said = refused.text.contains(field) && refused.text.contains(word);
        assert!(said, "{change}: {}", refused.text);
    }
    let twice = scene.api("POST", "", Some(configured(&scene.provider.issuer))).await;
    assert_eq!((twice.status, twice.json()["code"].clone()), (409, json!("taken")));
    assert_eq!(scene.api("POST", "", Some(sound)).await.status, 201, "the control");
}

#[tokio::test]
async fn only_administrators_configure_and_only_outwards() {
    let scene = Scene::new().await;
    let mut browser = scene.world.browser();
    scene.arrive(&mut browser, json!({ "groups": ["heads"] })).await;
    let answer = browser.get(&crate::world::address(&crate::world::wish())).await;
    let tokens = scene.world.exchange(&answer.sent("code").unwrap()).await.json();
    let manager = text(&tokens, "access_token");
    let body = Some(configured(&scene.provider.issuer));
    for (method, body) in [("GET", None::<Value>), ("POST", body)] {
        let refused = scene.world.api(method, "/identity-providers", &manager, body).await;
        assert_eq!(refused.status, 403, "{method}");
    }
    scene.world.later(301);
    let late = scene.api("POST", "", Some(configured(&scene.provider.issuer))).await;
    assert_eq!(late.status, 401, "it asks for a sign-in within five minutes");
    // Without an entry of the operator's, nothing inside is called.
    let world = World::new().await;
    let admin = text(&world.tokens().await, "access_token");
    let asked = scene.provider.asked("document");
    let body = Some(configured(&scene.provider.issuer));
    let refused = world.api("POST", "/identity-providers", &admin, body).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert!(refused.text.contains("outgoing.allowed_networks"), "{}", refused.text);
    assert_eq!(scene.provider.asked("document"), asked, "nobody was called");
}
