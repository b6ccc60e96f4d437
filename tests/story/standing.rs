//! Who loses their place loses it now: at the next command, and at every open socket within a second.
//!
//! Each story keeps the socket of somebody else open, so that a server which shuts everybody out fails it too.
//! Invariant: nobody else notices.

use std::time::Duration;

use domain::Role;
use serde_json::json;
use tokio::time::Instant;
use transport::Subject;

use crate::app::App;
use crate::branch::{BANK, OTHER_BANK};
use crate::client::Client;
use crate::socket::Socket;

stories! {
    t12_a_changed_role_ends_the_token_and_its_sockets,
    t13_a_disabled_member_is_out_at_once,
    a_suspended_tenant_is_shut_and_the_other_is_not,
    a_tenant_has_no_more_than_its_limits,
    another_change_ends_nobodys_socket,
}

const AT_ONCE: Duration = Duration::from_secs(1);

/// The code with which a socket is closed, which must be soon.
async fn ends_at_once(socket: &mut Socket, since: Instant) -> u16 {
    let code = socket.end().await;
    let took = since.elapsed();
    assert!(took < AT_ONCE, "closed after {took:?}");
    code
}

/// Still open, and still answered.
async fn lives(app: &App, socket: &mut Socket) {
    socket.follow(&format!("queue:{}", app.branch().a)).await;
}

async fn t12_a_changed_role_ends_the_token_and_its_sockets(app: &mut App) {
    let (awa, binta, agent) = (app.awa(), app.binta(), app.branch().awa);
    awa.sign_in().await;
    let mut hers = Socket::signed_in(app, &awa.token).await;
    let mut second = Socket::signed_in(app, &awa.token).await;
    let mut other = Socket::signed_in(app, &binta.token).await;
    app.configure("agents", agent, json!({ "role": "manager" })).await;
    let since = Instant::now();
    awa.call_next().await.refused(403, "insufficient_scope");
    assert_eq!(ends_at_once(&mut hers, since).await, 4403);
    assert_eq!(ends_at_once(&mut second, since).await, 4403);
    lives(app, &mut other).await;
}

async fn t13_a_disabled_member_is_out_at_once(app: &mut App) {
    let (awa, binta, agent) = (app.awa(), app.binta(), app.branch().awa);
    let mut hers = Socket::signed_in(app, &awa.token).await;
    let mut other = Socket::signed_in(app, &binta.token).await;
    app.configure("agents", agent, json!({ "active": false })).await;
    let since = Instant::now();
    awa.call_next().await.refused(401, "invalid_token");
    assert_eq!(ends_at_once(&mut hers, since).await, 4401);
    lives(app, &mut other).await;
    app.configure("agents", agent, json!({ "active": true })).await;
    awa.get("/agents/me").await.is(200);
}

/// The control: what does not touch the role or the place leaves the socket open, past the next looks.
async fn another_change_ends_nobodys_socket(app: &mut App) {
    let (awa, agent) = (app.awa(), app.branch().awa);
    let mut hers = Socket::signed_in(app, &awa.token).await;
    app.configure("agents", agent, json!({ "name": "Awa Ndiaye" })).await;
    tokio::time::sleep(AT_ONCE).await;
    lives(app, &mut hers).await;
}

fn platform(app: &App) -> Client {
    let token = app.token(None, Subject::Role(Role::PlatformAdmin), Role::PlatformAdmin);
    app.client(BANK, token)
}

async fn a_suspended_tenant_is_shut_and_the_other_is_not(app: &mut App) {
    let (admin, manager, stranger) = (app.admin(), app.manager(), app.stranger());
    let mut staff = Socket::signed_in(app, &manager.token).await;
    let mut display = Socket::signed_in(app, &app.display().token).await;
    let mut elsewhere = Socket::of(app, OTHER_BANK, &stranger.token).await;
    admin.post("/suspend", json!({})).await.refused(403, "insufficient_scope");
    let shown = platform(app).post("/suspend", json!({})).await.is(200);
    let since = Instant::now();
    assert!(shown["suspended_at"].is_string(), "{shown}");
    admin.get("/queues").await.refused(403, "tenant_suspended");
    app.awa().call_next().await.refused(403, "tenant_suspended");
    assert_eq!(ends_at_once(&mut staff, since).await, 4403);
    assert_eq!(ends_at_once(&mut display, since).await, 4403);
    stranger.get("/queues").await.is(200);
    elsewhere.follow(&format!("queue:{}", app.branch().foreign_queue)).await;
    app.restart().await;
    app.admin().get("/queues").await.refused(403, "tenant_suspended");
    let again = platform(app).post("/suspend", json!({})).await.is(200);
    assert_eq!(again, shown, "it is suspended already");
    let shown = platform(app).post("/resume", json!({})).await.is(200);
    assert!(shown["suspended_at"].is_null(), "{shown}");
    app.admin().get("/queues").await.is(200);
}

async fn a_tenant_has_no_more_than_its_limits(app: &mut App) {
    let (admin, platform) = (app.admin(), platform(app));
    let limits = json!({ "sites_max": 2, "agents_max": 4, "waiting_max": 1 });
    let terms = json!({ "name": "Banque Teranga", "limits": limits });
    admin.put("", None, &terms).await.refused(403, "insufficient_scope");
    let shown = platform.put("", None, &terms).await.is(200);
    assert_eq!(
        (&shown["limits"]["sites_max"], &shown["limits"]["queues_max"]),
        (&json!(2), &json!(null))
    );
    let site = json!({ "slug": "saint-louis", "name": "Saint-Louis" });
    let problem = admin.post("/sites", site.clone()).await.refused(409, "quota_exceeded");
    assert_eq!((&problem["what"], &problem["limit"]), (&json!("sites"), &json!(2)));
    let agent = |name: &str| json!({ "name": name, "email": format!("{name}@example.org") });
    admin.post("/agents", agent("fatou")).await.is(201);
    admin.post("/agents", agent("ousmane")).await.refused(409, "quota_exceeded");
    let (a, b) = (app.branch().a, app.branch().b);
    admin.issue_with(a, json!({})).await.is(201);
    admin.issue_with(b, json!({})).await.refused(409, "quota_exceeded");
    app.stranger().issue(app.branch().foreign_queue).await;
    // What is there stays; a name alone leaves the limits; and lifted limits are lifted.
    platform.put("", None, &json!({ "name": "Teranga" })).await.is(200);
    admin.post("/sites", site.clone()).await.refused(409, "quota_exceeded");
    platform.put("", None, &json!({ "name": "Teranga", "limits": {} })).await.is(200);
    admin.post("/sites", site).await.is(201);
    admin.issue_with(b, json!({})).await.is(201);
}
