//! Members: invited by a letter, changed, shut out; and the administrator who always remains.

use domain::Secs;
use persistence::testing::TestDatabase;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{Answer, EMAIL, PASSWORD, World, address, text, wish};

const BINTA: &str = "binta@bank.example";
const HERS: &str = "an umbrella for each season";

fn binta(role: &str) -> Value {
    json!({ "name": "Binta Sarr", "email": BINTA, "role": role, "language": "en" })
}

async fn admin(world: &World) -> String {
    text(&world.tokens().await, "access_token")
}

async fn invited(world: &World, admin: &str, role: &str) -> Value {
    let answer = world.api("POST", "/members", admin, Some(binta(role))).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

fn place(member: &Value) -> String {
    format!("/members/{}", text(member, "id"))
}

/// The path of the link in the last letter.
fn link(world: &World) -> String {
    let letters = world.letters();
    let letter = letters.last().unwrap();
    let from = letter.find("/invite/").unwrap_or_else(|| panic!("{letter}"));
    letter[from..].split_whitespace().next().unwrap().to_owned()
}

/// Opens the link and chooses a password.
async fn accept(browser: &mut Browser<'_>, link: &str) -> Answer {
    browser.get(link).await;
    let action = link.split('?').next().unwrap();
    browser.submit(action, &[("password", HERS), ("again", HERS)]).await
}

/// What the browser, signed in, brings.
async fn token(world: &World, browser: &mut Browser<'_>) -> String {
    let answer = browser.get(&address(&wish())).await;
    let code = answer.sent("code").unwrap_or_else(|| panic!("{} {}", answer.status, answer.text));
    text(&world.exchange(&code).await.json(), "access_token")
}

async fn joins(world: World) {
    let admin = admin(&world).await;
    let member = invited(&world, &admin, "agent").await;
    assert_eq!((&member["sign_in"], &member["email_verified"]), (&json!("invited"), &json!(false)));
    let letter = world.letters().pop().unwrap();
    assert!(letter.starts_with(&format!("{BINTA}|Welcome|Binta Sarr,")), "{letter}");
    let link = link(&world);
    let mut browser = world.browser();
    let answer = accept(&mut browser, &link).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/account"), "{}", answer.text);
    let hers = token(&world, &mut browser).await;
    assert_eq!(world.admits(&hers).await, 200);
    assert_eq!(world.api("GET", "/agents/me", &hers, None).await.json()["id"], member["id"]);
    let shown = world.api("GET", &place(&member), &admin, None).await.json();
    assert_eq!((&shown["sign_in"], &shown["email_verified"]), (&json!("joined"), &json!(true)));
    assert_eq!(shown["invited_until"], Value::Null);
    assert_eq!(accept(&mut world.browser(), &link).await.status, 400, "a link works once");
    let listed = world.api("GET", "/members", &admin, None).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2, "{listed}");
}

#[tokio::test]
async fn whoever_is_invited_joins_by_the_letter() {
    joins(World::new().await).await;
}

#[tokio::test]
async fn whoever_is_invited_joins_by_the_letter_on_postgres() {
    let Some(database) = TestDatabase::postgres().await else { return };
    joins(World::on(database).await).await;
}

#[tokio::test]
async fn a_link_ends_when_it_is_replaced_withdrawn_or_old() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let member = invited(&world, &admin, "agent").await;
    let again = format!("{}/invitation", place(&member));
    let first = link(&world);
    let sent = world.api("POST", &again, &admin, Some(json!({ "language": "ar" }))).await;
    assert_eq!((sent.status, &sent.json()["sign_in"]), (200, &json!("invited")), "{}", sent.text);
    assert!(world.letters().pop().unwrap().contains("أنت مدعو"));
    let second = link(&world);
    assert_eq!(accept(&mut world.browser(), &first).await.status, 400, "replaced");
    assert_eq!(world.api("DELETE", &again, &admin, None).await.status, 204);
    assert_eq!(accept(&mut world.browser(), &second).await.status, 400, "withdrawn");
    let shown = world.api("GET", &place(&member), &admin, None).await.json();
    assert_eq!(shown["sign_in"], "none");
    world.api("POST", &again, &admin, Some(json!({}))).await;
    let third = link(&world);
    world.later(Secs::minutes(72 * 60).0);
    assert_eq!(accept(&mut world.browser(), &third).await.status, 400, "old");
}

#[tokio::test]
async fn a_disabled_member_is_not_let_in_by_an_old_letter() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let member = invited(&world, &admin, "agent").await;
    let off = json!({ "active": false });
    assert_eq!(world.api("PATCH", &place(&member), &admin, Some(off)).await.status, 200);
    assert_eq!(accept(&mut world.browser(), &link(&world)).await.status, 400);
}

#[tokio::test]
async fn a_changed_role_ends_the_token_of_before() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let member = invited(&world, &admin, "agent").await;
    let mut browser = world.browser();
    accept(&mut browser, &link(&world)).await;
    let hers = token(&world, &mut browser).await;
    assert_eq!(world.admits(&hers).await, 200);
    let up = json!({ "role": "manager", "name": "Binta Ndiaye" });
    let changed = world.api("PATCH", &place(&member), &admin, Some(up)).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""), "{}", changed.text);
    assert_eq!(changed.json()["name"], "Binta Ndiaye");
    assert_ne!(world.admits(&hers).await, 200, "the old token says agent");
    world.later(1);
    let fresh = token(&world, &mut browser).await;
    assert_eq!(world.admits(&fresh).await, 200);
    let log = world.log_with(&admin, &["member.invite", "member.change"]).await;
    assert!(!log.contains(BINTA), "no address in the log");
}

#[tokio::test]
async fn the_last_administrator_remains() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let listed = world.api("GET", "/members", &admin, None).await.json();
    let me = &listed["items"][0];
    assert_eq!((&me["email"], &me["role"]), (&json!(EMAIL), &json!("admin")));
    let agent = format!("/agents/{}", text(me, "id"));
    for (wish, field) in
        [(json!({ "role": "agent" }), "/role"), (json!({ "active": false }), "/active")]
    {
        let refused = world.api("PATCH", &place(me), &admin, Some(wish)).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(
            refused.text.contains(field) && refused.text.contains("last administrator"),
            "{}",
            refused.text
        );
    }
    assert_eq!(world.api("DELETE", &agent, &admin, None).await.status, 409);
    // With another one there it can be done.
    invited(&world, &admin, "admin").await;
    let down = world.api("PATCH", &place(me), &admin, Some(json!({ "role": "agent" }))).await;
    assert_eq!(down.status, 200, "{}", down.text);
}

#[tokio::test]
async fn a_manager_makes_and_touches_no_administrator() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let me = world.api("GET", "/members", &admin, None).await.json()["items"][0].clone();
    invited(&world, &admin, "manager").await;
    let mut browser = world.browser();
    accept(&mut browser, &link(&world)).await;
    let manager = token(&world, &mut browser).await;
    let another = json!({ "name": "M", "email": "m@bank.example", "role": "admin" });
    let factor = format!("{}/second-factor", place(&me));
    let again = format!("{}/invitation", place(&me));
    for (method, path, body) in [
        ("POST", "/members", Some(another)),
        ("PATCH", place(&me).as_str(), Some(json!({ "name": "X" }))),
        ("POST", again.as_str(), Some(json!({}))),
        ("DELETE", again.as_str(), None),
        ("DELETE", factor.as_str(), None),
    ] {
        let refused = world.api(method, path, &manager, body).await;
        assert_eq!(refused.status, 403, "{method} {path}: {}", refused.text);
    }
    let agent = json!({ "name": "A", "email": "a@bank.example", "role": "agent" });
    assert_eq!(world.api("POST", "/members", &manager, Some(agent)).await.status, 201);
}

#[tokio::test]
async fn bad_invitations_name_the_field() {
    let world = World::new().await;
    let admin = admin(&world).await;
    for (body, field) in [
        (json!({ "name": "", "email": BINTA, "role": "agent" }), "/name"),
        (json!({ "name": "B", "email": "nobody", "role": "agent" }), "/email"),
        (json!({ "name": "B", "email": BINTA, "role": "device" }), "/role"),
        (json!({ "name": "B", "email": BINTA, "role": "agent", "language": "xx" }), "/language"),
    ] {
        let refused = world.api("POST", "/members", &admin, Some(body)).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(refused.text.contains(field), "{field}: {}", refused.text);
    }
    let before = world.letters().len();
    let twice = json!({ "name": "Awa", "email": EMAIL, "role": "agent" });
    assert_eq!(world.api("POST", "/members", &admin, Some(twice)).await.status, 409);
    assert_eq!(world.letters().len(), before, "no letter for what was refused");
}

#[tokio::test]
async fn a_lost_second_factor_is_taken_away_by_an_administrator() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let member = invited(&world, &admin, "agent").await;
    let mut browser = world.browser();
    accept(&mut browser, &link(&world)).await;
    let hers = token(&world, &mut browser).await;
    let id: uuid::Uuid = text(&member, "id").parse().unwrap();
    let store = world.engine.store();
    let mut row = store.account(world.bank(), id).await.unwrap().unwrap();
    let read = row.version;
    (row.totp, row.version) = (Some(vec![1; 48]), read + 1);
    store.save_account(row, Some(read)).await.unwrap();
    assert_eq!(world.api("GET", &place(&member), &admin, None).await.json()["second_factor"], true);
    world.later(1);
    let factor = format!("{}/second-factor", place(&member));
    assert_eq!(world.api("DELETE", &factor, &admin, None).await.status, 204);
    assert_eq!(
        world.api("GET", &place(&member), &admin, None).await.json()["second_factor"],
        false
    );
    assert_eq!(world.admits(&hers).await, 401, "what it had opened has ended");
    let mut again = world.browser();
    again.get("/signin").await;
    let filled = [("tenant", "bank"), ("email", BINTA), ("password", HERS)];
    let answer = again.submit("/signin", &filled).await;
    assert_eq!((answer.status, answer.header("location").contains("code")), (303, false));
    assert_ne!(PASSWORD, HERS);
}

#[tokio::test]
async fn an_administrator_signs_a_member_out_everywhere() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let member = invited(&world, &admin, "agent").await;
    let mut browser = world.browser();
    accept(&mut browser, &link(&world)).await;
    let hers = token(&world, &mut browser).await;
    assert_eq!(browser.get("/account").await.status, 200);
    world.later(1);
    let sessions = format!("{}/sessions", place(&member));
    assert_eq!(world.api("DELETE", &sessions, &hers, None).await.status, 403, "not by oneself");
    assert_eq!(world.api("DELETE", &sessions, &admin, None).await.status, 204);
    assert_eq!(world.admits(&hers).await, 401);
    assert_eq!(browser.get("/account").await.status, 303);
    assert_eq!(world.admits(&admin).await, 200, "nobody else's");
    let mut again = world.browser();
    again.get("/signin").await;
    let filled = [("tenant", "bank"), ("email", BINTA), ("password", HERS)];
    assert_eq!(again.submit("/signin", &filled).await.status, 303, "the account stays");
}
