//! Codes: used once, by the client they were made for, with the verifier, within a minute.

use crate::world::{HOME, VERIFIER, World, text};

#[tokio::test]
async fn s03_a_code_used_twice_ends_what_came_of_it() {
    let world = World::new().await;
    a_code_used_twice(world).await;
}

#[tokio::test]
async fn s03_a_code_used_twice_ends_what_came_of_it_on_postgres() {
    let Some(database) = persistence::testing::TestDatabase::postgres().await else { return };
    a_code_used_twice(World::on(database).await).await;
}

async fn a_code_used_twice(world: World) {
    let code = world.code().await;
    let tokens = world.exchange(&code).await.json();
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    assert_eq!(world.admits(&access).await, 200);
    assert_eq!(world.exchange(&code).await.error(), (400, "invalid_grant".to_owned()), "S03a");
    assert_eq!(world.refresh(&refresh).await.error(), (400, "invalid_grant".to_owned()), "S03b");
    assert_eq!(world.admits(&access).await, 401, "S03c");
}

#[tokio::test]
async fn s04_a_code_is_for_one_client_one_verifier_one_minute() {
    let world = World::new().await;
    let sound = [
        ("grant_type", "authorization_code"),
        ("client_id", "smartqueue-web"),
        ("redirect_uri", HOME),
        ("code_verifier", VERIFIER),
    ];
    let changed = [
        ("S04a another client", "client_id", "smartqueue-cli"),
        (
            "S04b wrong verifier",
            "code_verifier",
            "another-verifier-of-forty-three-characters-or-more",
        ),
        ("S04c verifier left out", "code_verifier", ""),
        ("S04d verifier too short", "code_verifier", "short"),
        ("S04e another address", "redirect_uri", "https://queue.example/kiosk"),
    ];
    for (case, name, value) in changed {
        let code = world.code().await;
        let mut fields: Vec<(&str, &str)> =
            sound.into_iter().filter(|(known, _)| *known != name).collect();
        fields.extend([(name, value), ("code", code.as_str())]);
        assert_eq!(world.token(&fields).await.error(), (400, "invalid_grant".to_owned()), "{case}");
        assert_eq!(world.exchange(&code).await.status, 400, "{case}: and it is used up");
    }
    let code = world.code().await;
    world.later(60);
    assert_eq!(world.exchange(&code).await.error(), (400, "invalid_grant".to_owned()), "S04f old");
    assert_eq!(
        world.exchange("nonsense").await.error(),
        (400, "invalid_grant".to_owned()),
        "S04g made up"
    );
}

#[tokio::test]
async fn what_a_code_brings_is_an_access_token_and_an_id_token() {
    let world = World::new().await;
    let answer = world.exchange(&world.code().await).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = answer.json();
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&"Bearer".into(), &600.into()));
    let part = |token: &str, at: usize| {
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(token.split('.').nth(at).unwrap());
        serde_json::from_slice::<serde_json::Value>(&bytes.unwrap()).unwrap()
    };
    let access = text(&tokens, "access_token");
    assert_eq!(part(&access, 0)["typ"], "at+jwt");
    let claims = part(&access, 1);
    assert_eq!(
        (&claims["iss"], &claims["tenant"]),
        (&"https://queue.example".into(), &"bank".into())
    );
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 600);
    let id = part(&text(&tokens, "id_token"), 1);
    assert_eq!((&id["aud"], &id["nonce"]), (&"smartqueue-web".into(), &"n1".into()));
    assert_eq!((&id["sub"], &id["email"]), (&claims["sub"], &crate::world::EMAIL.into()));
    let who = axum::http::Request::get("/oauth/userinfo")
        .header("authorization", format!("Bearer {access}"));
    let who = world.send(who.body(axum::body::Body::empty()).unwrap()).await.json();
    assert_eq!((&who["sub"], &who["tenant"]), (&claims["sub"], &"bank".into()));
    assert_eq!(who["email"], crate::world::EMAIL);
    let mut nameless = crate::world::wish();
    nameless.insert("scope", "openid".to_owned());
    let code = world.browser().sign_in(&crate::world::address(&nameless)).await.sent("code");
    let tokens = world.exchange(&code.unwrap()).await.json();
    let who = axum::http::Request::get("/oauth/userinfo")
        .header("authorization", format!("Bearer {}", text(&tokens, "access_token")));
    let who = world.send(who.body(axum::body::Body::empty()).unwrap()).await.json();
    assert_eq!(
        (&who["sub"], &who["email"]),
        (&claims["sub"], &serde_json::Value::Null),
        "email is a scope"
    );
}
