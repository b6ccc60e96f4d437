//! Devices: a page shows six digits, an administrator enters them, and the page is a kiosk or display of its site.
//!
//! Its credential is traded for short tokens, ends when it is revoked, and takes sockets along within a second.
//! Invariant: a device reaches nothing outside its site and its purpose, and who guesses reaches nothing at all.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::app::{App, eventually};
use crate::branch::BANK;
use crate::client::{Answer, Client, fresh_key, id};
use crate::socket::{Socket, knock, refusal};

stories! {
    at "2026-03-02T09:00:00Z";
    a_page_becomes_a_kiosk_by_six_digits,
    a_device_is_limited_to_its_site_and_purpose,
    a_credential_is_given_out_once_and_to_its_page_alone,
    a_code_ends_after_ten_minutes_and_is_entered_once,
    only_an_administrator_of_the_tenant_lets_devices_in,
    codes_and_credentials_cannot_be_guessed,
    a_revoked_device_is_out_within_a_second,
    a_device_is_taken_over_by_its_name_and_the_old_page_is_out,
    pairing_survives_a_restart,
    a_device_is_seen_coming_and_going,
    what_is_sent_without_a_sign_in_is_still_read_strictly,
}

/// Sockets of revoked devices end within this time.
const SECOND: Duration = Duration::from_secs(1);

/// Something sent without a token.
async fn publicly(app: &App, path: &str, body: Value) -> Answer {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    Client::sends(http.post(format!("{}/api/v1{path}", app.origin())).json(&body)).await
}

async fn shows_a_code(app: &App, kind: &str) -> Value {
    publicly(app, "/pairings", json!({ "kind": kind })).await.is(201)
}

async fn enters(app: &App, page: &Value, kind: &str, name: &str) -> Answer {
    let body =
        json!({ "code": page["code"], "site_id": app.branch().dakar, "kind": kind, "name": name });
    app.admin().post("/devices/pair", body).await
}

async fn claims(app: &App, page: &Value) -> Answer {
    let path = format!("/pairings/{}/claim", page["id"].as_str().unwrap());
    publicly(app, &path, json!({ "secret": page["secret"] })).await
}

async fn trades(app: &App, credential: &Value) -> Answer {
    publicly(app, "/devices/token", json!({ "credential": credential })).await
}

/// A device that was paired just now: itself, and its credential.
async fn paired(app: &App, kind: &str, name: &str) -> (Value, Value) {
    let page = shows_a_code(app, kind).await;
    let device = enters(app, &page, kind, name).await.is(200);
    let claimed = claims(app, &page).await.is(200);
    assert_eq!((&claimed["state"], &claimed["device"]["id"]), (&json!("paired"), &device["id"]));
    (device, claimed["credential"].clone())
}

async fn as_device(app: &App, credential: &Value) -> Client {
    let token = trades(app, credential).await.is(200);
    app.client(BANK, token["access_token"].as_str().unwrap().to_owned())
}

async fn a_page_becomes_a_kiosk_by_six_digits(app: &mut App) {
    let page = shows_a_code(app, "kiosk").await;
    let code = page["code"].as_str().unwrap();
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    assert_eq!((&page["expires_in_seconds"], &page["poll_seconds"]), (&json!(600), &json!(2)));
    assert_eq!(claims(app, &page).await.is(200), json!({ "state": "waiting" }));
    let device = enters(app, &page, "kiosk", "Entrance").await.is(200);
    assert_eq!((&device["name"], &device["kind"]), (&json!("Entrance"), &json!("kiosk")));
    assert_eq!((&device["online"], &device["paired_at"]), (&json!(false), &Value::Null));
    let claimed = claims(app, &page).await.is(200);
    let own = &claimed["device"];
    assert_eq!((&own["tenant"], &own["site_id"]), (&json!(BANK), &json!(app.branch().dakar)));
    let token = trades(app, &claimed["credential"]).await;
    assert_eq!(token.header("cache-control"), Some("no-store"));
    let token = token.is(200);
    assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("Bearer"), &json!(600)));
    let kiosk = as_device(app, &claimed["credential"]).await;
    let ticket = kiosk.post("/tickets", json!({ "queue_id": app.branch().a })).await.is(201);
    assert_eq!(ticket["channel"], "kiosk");
    let shown = app.admin().get(&format!("/devices/{}", id(&device))).await;
    assert!(shown.body()["paired_at"].is_string() && shown.body()["online"] == true);
    assert!(!shown.text.contains(claimed["credential"].as_str().unwrap()));
    let rows = app.engine().store().device_credentials(app.bank().id()).await.unwrap();
    assert_eq!((rows.len(), rows[0].paired_by.as_str()), (1, "subject:role:admin"));
}

async fn a_device_is_limited_to_its_site_and_purpose(app: &mut App) {
    let branch = app.branch();
    let (_, kiosk) = paired(app, "kiosk", "K").await;
    let (_, display) = paired(app, "display", "D").await;
    let (kiosk, display) = (as_device(app, &kiosk).await, as_device(app, &display).await);
    let shown = kiosk.get("/queues").await.is(200);
    assert_eq!(shown["items"].as_array().unwrap().len(), 2, "those of its site");
    kiosk.get(&format!("/queues/{}", branch.c)).await.refused(404, "not_found");
    let far = kiosk.post("/tickets", json!({ "queue_id": branch.c })).await;
    assert!([403, 404].contains(&far.status), "{}", far.text);
    // B06: a kiosk chooses only what is open to people who choose alone.
    let vip = json!({ "queue_id": branch.a, "class": "vip" });
    kiosk.post("/tickets", vip).await.refused(403, "class_not_allowed");
    let forged = json!({ "queue_id": branch.a, "priority": 99 });
    kiosk.post("/tickets", forged).await.refused(400, "invalid_request");
    display
        .post("/tickets", json!({ "queue_id": branch.a }))
        .await
        .refused(403, "insufficient_scope");
    for path in ["/tickets", "/agents", "/devices", "/feedback"] {
        kiosk.get(path).await.refused(403, "insufficient_scope");
    }
    kiosk.post("/agents/me/call-next", json!({})).await.is(403);
    let mut socket = Socket::signed_in(app, &display.token).await;
    socket.follow(&format!("site:{}", branch.dakar)).await;
    for foreign in
        [format!("site:{}", branch.thies), "devices".to_owned(), "stats:tenant".to_owned()]
    {
        socket.say(json!({ "op": "subscribe", "topic": foreign })).await;
        let said = socket.hear().await;
        assert_eq!((&said["op"], &said["code"]), (&json!("error"), &json!("forbidden")), "{said}");
    }
}

async fn a_credential_is_given_out_once_and_to_its_page_alone(app: &mut App) {
    let page = shows_a_code(app, "kiosk").await;
    enters(app, &page, "kiosk", "K").await.is(200);
    let path = format!("/pairings/{}/claim", page["id"].as_str().unwrap());
    let other = shows_a_code(app, "kiosk").await;
    let wrong = publicly(app, &path, json!({ "secret": other["secret"] })).await;
    wrong.refused(404, "not_found");
    let nobody = format!("/pairings/{}/claim", uuid::Uuid::now_v7());
    let unknown = publicly(app, &nobody, json!({ "secret": page["secret"] })).await;
    assert_eq!(unknown.text, wrong.text);
    claims(app, &page).await.is(200);
    claims(app, &page).await.refused(404, "not_found");
}

async fn a_code_ends_after_ten_minutes_and_is_entered_once(app: &mut App) {
    let page = shows_a_code(app, "kiosk").await;
    enters(app, &page, "display", "D").await.refused(400, "invalid_request");
    let key = fresh_key();
    let body = json!({ "code": page["code"], "site_id": app.branch().dakar, "kind": "kiosk", "name": "K" });
    let first = app.admin().post_as(&key, "/devices/pair", body.clone()).await;
    first.is(200);
    let again = app.admin().post_as(&key, "/devices/pair", body).await;
    assert_eq!((again.is_replay(), &again.text), (true, &first.text), "a repeated click is one");
    enters(app, &page, "kiosk", "Another").await.refused(404, "not_found");
    let late = shows_a_code(app, "kiosk").await;
    app.wait(600);
    enters(app, &late, "kiosk", "Late").await.refused(404, "not_found");
    claims(app, &late).await.refused(404, "not_found");
}

async fn only_an_administrator_of_the_tenant_lets_devices_in(app: &mut App) {
    let page = shows_a_code(app, "kiosk").await;
    let body = json!({ "code": page["code"], "site_id": app.branch().dakar, "kind": "kiosk", "name": "K" });
    for somebody in [app.manager(), app.awa(), app.kiosk()] {
        somebody.post("/devices/pair", body.clone()).await.refused(403, "insufficient_scope");
        let revoke = format!("/devices/{}/revoke", app.branch().kiosk);
        somebody.post(&revoke, json!({})).await.refused(403, "insufficient_scope");
    }
    // Of another tenant: the site is not theirs, and the code is not used up by that.
    app.stranger().post("/devices/pair", body.clone()).await.refused(400, "invalid_request");
    let revoke = format!("/devices/{}/revoke", app.branch().kiosk);
    app.stranger().post(&revoke, json!({})).await.refused(404, "not_found");
    app.admin().post("/devices/pair", body).await.is(200);
}

async fn codes_and_credentials_cannot_be_guessed(app: &mut App) {
    let (_, credential) = paired(app, "kiosk", "K").await;
    let text = credential.as_str().unwrap();
    let (tenant, _) = text.split_once('.').unwrap();
    let guess = json!(format!("{tenant}.{}", "A".repeat(43)));
    for wrong in [guess.clone(), json!(""), json!("sqd_"), json!(text.to_uppercase())] {
        trades(app, &wrong).await.refused(401, "invalid_token");
    }
    for _ in 4..20 {
        trades(app, &guess).await.refused(401, "invalid_token");
    }
    trades(app, &guess).await.refused(429, "too_many_requests");
    trades(app, &credential).await.refused(429, "too_many_requests");
    app.wait(61);
    trades(app, &credential).await.is(200);
    let guessed = json!({ "code": "000000" });
    for _ in 0..20 {
        enters(app, &guessed, "kiosk", "G").await.refused(404, "not_found");
    }
    enters(app, &guessed, "kiosk", "G").await.refused(429, "too_many_requests");
    app.wait(61);
    for _ in 0..20 {
        shows_a_code(app, "kiosk").await;
    }
    let more = publicly(app, "/pairings", json!({ "kind": "kiosk" })).await;
    more.refused(429, "too_many_requests");
}

/// T12 for devices.
async fn a_revoked_device_is_out_within_a_second(app: &mut App) {
    let (device, credential) = paired(app, "display", "D").await;
    let display = as_device(app, &credential).await;
    let (_, bystander) = paired(app, "display", "E").await;
    let mut stays = Socket::signed_in(app, &as_device(app, &bystander).await.token).await;
    let mut socket = Socket::signed_in(app, &display.token).await;
    let topic = format!("site:{}", app.branch().dakar);
    socket.follow(&topic).await;
    stays.follow(&topic).await;
    let revoked =
        app.admin().post(&format!("/devices/{}/revoke", id(&device)), json!({})).await.is(200);
    assert!(revoked["revoked_at"].is_string());
    let asked = Instant::now();
    let code = timeout(SECOND * 20, socket.end()).await.unwrap();
    assert_eq!(code, 4401);
    assert!(asked.elapsed() < SECOND, "{:?}", asked.elapsed());
    display.get("/queues").await.refused(401, "invalid_token");
    trades(app, &credential).await.refused(401, "invalid_token");
    let bearer = format!("Bearer {}", display.token);
    let ws = format!("/api/v1/tenants/{BANK}/ws");
    assert_eq!(refusal(knock(app, &ws, &[("authorization", &bearer)])).await, 401);
    stays.say(json!({ "op": "ping" })).await;
    assert_eq!(stays.hear().await["op"], "pong", "others are not concerned");
    app.restart().await;
    trades(app, &credential).await.refused(401, "invalid_token");
    // A device that only ever had the operator's tokens is revoked as well.
    let kiosk = app.kiosk();
    kiosk.get("/queues").await.is(200);
    let path = format!("/devices/{}/revoke", app.branch().kiosk);
    app.admin().post(&path, json!({})).await.is(200);
    kiosk.get("/queues").await.refused(401, "invalid_token");
    app.restart().await;
    app.kiosk().get("/queues").await.refused(401, "invalid_token");
}

async fn a_device_is_taken_over_by_its_name_and_the_old_page_is_out(app: &mut App) {
    let (first, old) = paired(app, "kiosk", "Entrance").await;
    let stolen = as_device(app, &old).await;
    let mut socket = Socket::signed_in(app, &stolen.token).await;
    app.wait(5);
    let (second, new) = paired(app, "kiosk", "Entrance").await;
    assert_eq!(first["id"], second["id"]);
    assert_eq!(socket.end().await, 4401);
    stolen.get("/queues").await.refused(401, "invalid_token");
    trades(app, &old).await.refused(401, "invalid_token");
    as_device(app, &new).await.get("/queues").await.is(200);
    let page = shows_a_code(app, "display").await;
    enters(app, &page, "display", "Entrance").await.refused(400, "invalid_request");
    enters(app, &page, "display", "Hall").await.is(200);
}

async fn pairing_survives_a_restart(app: &mut App) {
    let (device, credential) = paired(app, "kiosk", "K").await;
    let waiting = shows_a_code(app, "kiosk").await;
    app.restart().await;
    as_device(app, &credential).await.get("/queues").await.is(200);
    claims(app, &waiting).await.refused(404, "not_found");
    app.admin().delete(&format!("/devices/{}", id(&device))).await.is(204);
    trades(app, &credential).await.refused(401, "invalid_token");
}

async fn a_device_is_seen_coming_and_going(app: &mut App) {
    let manager = app.manager();
    let mut watch = Socket::signed_in(app, &manager.token).await;
    assert_eq!(watch.follow("devices").await["data"], json!({ "online": [] }));
    let (device, credential) = paired(app, "display", "D").await;
    let display = as_device(app, &credential).await;
    assert_eq!(watch.event("device.online").await["data"]["device_id"], device["id"]);
    let shown = async || manager.get(&format!("/devices/{}", id(&device))).await.is(200);
    let first = shown().await;
    assert_eq!(
        (&first["online"], &first["last_seen_at"]),
        (&json!(true), &json!("2026-03-02T09:00:00Z"))
    );
    let socket = Socket::signed_in(app, &display.token).await;
    app.wait(59);
    display.get("/queues").await.is(200);
    drop(socket);
    eventually("a sighting is written", async || {
        let store = app.engine().store();
        let rows = store.device_sightings(app.bank().id()).await.unwrap();
        (!rows.is_empty()).then_some(())
    })
    .await;
    assert_eq!(shown().await["online"], true, "a minute has not passed");
    // Half an hour of silence; what a socket says would have counted.
    app.wait(1_800);
    assert_eq!(watch.event("device.offline").await["data"]["device_id"], device["id"]);
    let last = shown().await;
    assert_eq!(
        (&last["online"], &last["last_seen_at"]),
        (&json!(false), &json!("2026-03-02T09:00:59Z"))
    );
    eventually("the last sighting is written", async || {
        let store = app.engine().store();
        let rows = store.device_sightings(app.bank().id()).await.unwrap();
        rows.iter().any(|row| row.last_seen_at.to_string() == "2026-03-02T09:00:59Z").then_some(())
    })
    .await;
    app.restart().await;
    let after = app.manager().get(&format!("/devices/{}", id(&device))).await.is(200);
    assert_eq!((&after["online"], &after["last_seen_at"]), (&json!(false), &last["last_seen_at"]));
}

async fn what_is_sent_without_a_sign_in_is_still_read_strictly(app: &mut App) {
    for bad in [json!({}), json!({ "kind": "fridge" }), json!({ "kind": "kiosk", "tenant": BANK })]
    {
        publicly(app, "/pairings", bad).await.refused(400, "invalid_request");
    }
    publicly(app, "/pairings/not-an-id/claim", json!({ "secret": "x" }))
        .await
        .refused(404, "not_found");
    publicly(app, "/devices/token", json!({ "token": "x" })).await.refused(400, "invalid_request");
}
