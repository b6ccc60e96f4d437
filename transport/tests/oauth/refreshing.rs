//! Refresh tokens: each is used once, a repeat within the grace gets the same successor, anything else ends the family.

use persistence::testing::TestDatabase;

use crate::world::{EMAIL, World, text};

async fn rotated(world: &World, token: &str) -> (u16, String, String) {
    let answer = world.refresh(token).await;
    let json = answer.json();
    (answer.status, text(&json, "refresh_token"), text(&json, "access_token"))
}

async fn both() -> Vec<World> {
    let mut worlds = vec![World::new().await];
    if let Some(database) = TestDatabase::postgres().await {
        worlds.push(World::on(database).await);
    }
    worlds
}

#[tokio::test]
async fn s05_an_old_refresh_token_ends_its_family() {
    for world in both().await {
        let first = text(&world.tokens().await, "refresh_token");
        let (status, second, _) = rotated(&world, &first).await;
        assert_eq!(status, 200);
        let (status, third, access) = rotated(&world, &second).await;
        assert_eq!((status, world.admits(&access).await), (200, 200));
        assert_eq!(world.refresh(&first).await.error(), (400, "invalid_grant".to_owned()), "S05a");
        assert_eq!(
            world.refresh(&third).await.error(),
            (400, "invalid_grant".to_owned()),
            "S05b the newest too"
        );
        assert_eq!(world.admits(&access).await, 401, "S05c and the access tokens");
    }
}

#[tokio::test]
async fn s06_a_repeat_within_the_grace_gets_the_same_successor() {
    for world in both().await {
        let first = text(&world.tokens().await, "refresh_token");
        let (_, second, _) = rotated(&world, &first).await;
        world.later(9);
        let (status, again, access) = rotated(&world, &first).await;
        assert_eq!((status, &again), (200, &second), "S06a the answer was lost");
        assert_eq!(world.admits(&access).await, 200);
        assert_eq!(rotated(&world, &second).await.0, 200, "the family lives");
        assert_eq!(world.refresh(&first).await.status, 400, "S06b not once the successor was used");
    }
}

#[tokio::test]
async fn s06_after_the_grace_a_repeat_ends_the_family() {
    for world in both().await {
        let first = text(&world.tokens().await, "refresh_token");
        let (_, second, _) = rotated(&world, &first).await;
        world.later(11);
        assert_eq!(world.refresh(&first).await.status, 400, "S06c");
        assert_eq!(world.refresh(&second).await.status, 400, "S06c the successor too");
    }
}

#[tokio::test]
async fn s06_two_tabs_at_once_get_one_successor() {
    for world in both().await {
        let first = text(&world.tokens().await, "refresh_token");
        let asked = [
            world.refresh(&first),
            world.refresh(&first),
            world.refresh(&first),
            world.refresh(&first),
        ];
        let answers = futures_util::future::join_all(asked).await;
        let next: Vec<String> =
            answers.iter().map(|answer| text(&answer.json(), "refresh_token")).collect();
        assert!(!next[0].is_empty() && next.iter().all(|one| *one == next[0]), "S06d {next:?}");
    }
}

#[tokio::test]
async fn s05_a_refresh_token_is_its_clients_own() {
    let world = World::new().await;
    let token = text(&world.tokens().await, "refresh_token");
    let other = [
        ("grant_type", "refresh_token"),
        ("client_id", "smartqueue-cli"),
        ("refresh_token", token.as_str()),
    ];
    assert_eq!(
        world.token(&other).await.error(),
        (400, "invalid_grant".to_owned()),
        "S05d another client"
    );
    assert_eq!(rotated(&world, &token).await.0, 200, "which did not use it up");
}

#[tokio::test]
async fn s05_a_revoked_refresh_token_brings_nothing() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let token = text(&tokens, "refresh_token");
    let fields = [("client_id", "smartqueue-web"), ("token", token.as_str())];
    assert_eq!(world.program("/oauth/revoke", &fields, None).await.status, 200);
    assert_eq!(
        world.refresh(&token).await.error(),
        (400, "invalid_grant".to_owned()),
        "S05e revoked"
    );
    assert_eq!(world.admits(&text(&tokens, "access_token")).await, 401);
    assert_eq!(
        world.program("/oauth/revoke", &fields, None).await.status,
        200,
        "nobody learns what was known"
    );
}

#[tokio::test]
async fn s05_however_often_it_is_used_it_ends() {
    let world = World::new().await;
    let mut token = text(&world.tokens().await, "refresh_token");
    for _ in 0..8 {
        world.later(10 * 86_400);
        let (status, next, _) = rotated(&world, &token).await;
        assert_eq!(status, 200);
        token = next;
    }
    world.later(10 * 86_400);
    assert_eq!(world.refresh(&token).await.status, 400, "S05f after ninety days");
    let world = World::new().await;
    let idle = text(&world.tokens().await, "refresh_token");
    world.later(14 * 86_400);
    assert_eq!(world.refresh(&idle).await.status, 400, "S05g unused for a fortnight");
}

#[tokio::test]
async fn s05_a_new_password_ends_every_sign_in() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let mut elsewhere = world.browser();
    elsewhere.sign_in(&crate::world::address(&crate::world::wish())).await;
    let account =
        world.engine.store().account_by_email(world.bank(), EMAIL).await.unwrap().unwrap();
    let link = world.link(world.bank(), "reset", &account.account.to_string()).await;
    world.later(1);
    let mut browser = world.browser();
    browser.get(&format!("/reset/{link}")).await;
    let new = [("password", "quite another sentence"), ("again", "quite another sentence")];
    assert_eq!(browser.submit(&format!("/reset/{link}"), &new).await.status, 200);
    assert_eq!(world.refresh(&text(&tokens, "refresh_token")).await.status, 400, "S05h");
    assert_eq!(world.admits(&text(&tokens, "access_token")).await, 401);
    let answer = elsewhere.get("/account").await;
    assert_eq!(answer.header("location"), "/signin?next=%2Faccount", "the session ended too");
    browser.get(&format!("/reset/{link}")).await;
    assert_eq!(
        browser.submit(&format!("/reset/{link}"), &new).await.status,
        400,
        "the link works once"
    );
}

#[tokio::test]
async fn s05_a_disabled_member_gets_no_more_tokens() {
    let world = World::new().await;
    let token = text(&world.tokens().await, "refresh_token");
    let mut account =
        world.engine.store().account_by_email(world.bank(), EMAIL).await.unwrap().unwrap();
    let version = account.version;
    account.disabled_at = Some(world.clock.now());
    account.version += 1;
    world.engine.store().save_account(account, Some(version)).await.unwrap();
    assert_eq!(world.refresh(&token).await.error(), (400, "invalid_grant".to_owned()));
}

async fn stays_ended(database: TestDatabase) {
    let mut world = World::on(database).await;
    let (first, second) = (world.tokens().await, world.tokens().await);
    let given_up = text(&first, "access_token");
    let fields = [("client_id", "smartqueue-web"), ("token", given_up.as_str())];
    assert_eq!(world.program("/oauth/revoke", &fields, None).await.status, 200);
    assert_eq!(world.admits(&given_up).await, 401);
    world.start_again(false).await;
    assert_eq!(world.admits(&given_up).await, 200, "the control: nobody remembers");
    world.start_again(true).await;
    assert_eq!(world.admits(&given_up).await, 401);
    assert_eq!(world.admits(&text(&second, "access_token")).await, 200, "another sign-in");
}

#[tokio::test]
async fn a_token_that_was_given_up_stays_so_after_a_restart() {
    stays_ended(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_token_that_was_given_up_stays_so_after_a_restart_on_postgres() {
    let Some(database) = TestDatabase::postgres().await else { return };
    stays_ended(database).await;
}
