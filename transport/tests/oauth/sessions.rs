//! One's own sessions: a person sees where they are signed in and ends any of it; what nobody uses ends by itself.
//!
//! Invariant: ending sessions touches those of the one person alone.

use persistence::testing::TestDatabase;

use crate::browser::Browser;
use crate::world::{EMAIL, PASSWORD, World, text};

/// A browser of the administrator's.
async fn signed_in(world: &World) -> Browser<'_> {
    let mut browser = world.browser();
    browser.get("/signin").await;
    let answer = browser
        .submit("/signin", &[("tenant", "bank"), ("email", EMAIL), ("password", PASSWORD)])
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    browser
}

async fn stands(browser: &mut Browser<'_>) -> bool {
    browser.get("/account").await.status == 200
}

async fn each_is_seen_and_ended(world: World) {
    // Of a fourth browser.
    let access = text(&world.tokens().await, "access_token");
    let mut one = signed_in(&world).await;
    world.later(60);
    let (mut two, mut three) = (signed_in(&world).await, signed_in(&world).await);
    let page = one.get("/account").await.text;
    assert_eq!(page.matches("action=\"/account/sessions/end\"").count(), 3, "{page}");
    assert!(page.contains("action=\"/account/sessions/end-others\""));
    // The first of the list is one of those that signed in last.
    one.get("/account").await;
    assert_eq!(one.submit("/account/sessions/end", &[]).await.header("location"), "/account");
    let left = [stands(&mut one).await, stands(&mut two).await, stands(&mut three).await];
    assert_eq!(left.iter().filter(|stands| **stands).count(), 2, "{left:?}");
    assert!(left[0], "not the one that asked");
    assert_eq!(world.admits(&access).await, 401, "what it may have opened ends too");
    let mut foreign = one.hidden("/account/sessions/end-others");
    foreign.push(("session".to_owned(), "0".repeat(64)));
    let fields: Vec<(&str, &str)> =
        foreign.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(one.post("/account/sessions/end", &fields).await.status, 303, "nobody's");
    one.get("/account").await;
    one.submit("/account/sessions/end-others", &[]).await;
    assert!(stands(&mut one).await);
    assert!(!stands(&mut two).await && !stands(&mut three).await);
    let page = one.get("/account").await.text;
    assert!(!page.contains("/account/sessions/end"), "there is nothing else to end");
    world.later(1);
    let admin = text(&world.tokens().await, "access_token");
    let log = world.log_with(&admin, &["session.end"]).await;
    assert!(log.contains("another") && log.contains("all others"), "{log}");
}

#[tokio::test]
async fn each_is_seen_and_ended_on_sqlite() {
    each_is_seen_and_ended(World::new().await).await;
}

#[tokio::test]
async fn each_is_seen_and_ended_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        each_is_seen_and_ended(World::on(database).await).await;
    }
}

#[tokio::test]
async fn a_browser_that_is_left_alone_is_signed_out() {
    let world = World::new().await;
    let (mut used, mut left) = (signed_in(&world).await, signed_in(&world).await);
    for _ in 0..4 {
        world.later(20 * 60);
        assert!(stands(&mut used).await, "whoever uses it stays");
    }
    assert!(!stands(&mut left).await, "an hour is the limit");
    world.later(3_600);
    assert!(!stands(&mut used).await);
}
