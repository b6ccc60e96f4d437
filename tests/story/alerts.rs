//! Alerts: raised, heard, acknowledged, cleared, and told to people; not repeated by a restart, and nobody else's.
//!
//! The clock stands until a story moves it, and the program looks about once a second of real time.
//! Invariant: a matter is told once when it begins and once when it is over.

use std::sync::{Arc, Mutex};

use domain::Role;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use crate::app::{App, eventually};
use crate::client::{Client, fresh_key, id};
use crate::socket::Socket;

stories! {
    at "2026-11-25T09:00:00Z";
    people_whom_nobody_serves_are_an_alert_until_somebody_does,
    a_restart_neither_repeats_nor_loses_an_alert,
    a_long_wait_is_an_alert_that_does_not_flap,
    a_device_that_falls_silent_is_missed,
    an_alert_is_its_tenants_managers_own,
    thresholds_and_addresses_are_checked_when_they_are_saved,
    people_are_told_by_letter_and_in_their_chats,
    a_chat_that_refuses_is_seen_on_the_alert,
}

/// What is raised at the first look and cleared after a second.
async fn at_once(admin: &Client, more: Value) {
    let mut settings = json!({ "raise_after_seconds": 0, "clear_after_seconds": 1 });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    admin.put("/settings/alerts", None, &settings).await.is(200);
}

async fn alerts(client: &Client, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/alerts{query}")).await.is(200);
    page["items"].as_array().unwrap().clone()
}

async fn until_open(app: &App, kind: &str) -> Value {
    eventually("the alert stands", async || {
        app.wait(1);
        alerts(&app.manager(), &format!("?state=open&kind={kind}")).await.pop()
    })
    .await
}

async fn until_over(app: &App, kind: &str) -> Value {
    eventually("the alert is over", async || {
        app.wait(1);
        alerts(&app.manager(), &format!("?state=cleared&kind={kind}")).await.pop()
    })
    .await
}

async fn people_whom_nobody_serves_are_an_alert_until_somebody_does(app: &mut App) {
    at_once(&app.admin(), json!({})).await;
    let (manager, queue) = (app.manager(), app.branch().a);
    let mut socket = Socket::signed_in(app, &manager.token).await;
    assert_eq!(socket.follow("alerts").await["data"]["alerts"], json!([]));
    app.awa().issue(queue).await;
    let raised = socket.event("alert.raised").await["data"].clone();
    assert_eq!((&raised["kind"], &raised["subject_id"]), (&json!("nobody_serving"), &json!(queue)));
    let facts = &raised["facts"];
    assert_eq!((&facts["name"], &facts["waiting"]), (&json!("ZZ cash"), &json!(1)));
    assert_eq!(facts["remedy"]["action"], "start_serving");
    let estimated = facts["remedy"]["wait_after_seconds"].as_u64().unwrap();
    assert!(facts["remedy"]["text"].as_str().unwrap().contains("forecast p50 wait"), "{facts}");
    let health = manager.queue(queue).await["health"].clone();
    assert_eq!((&health["level"], &health["score"]), (&json!("critical"), &json!(20)), "{health}");
    assert_eq!(health["reasons"][0]["reason"], "nobody_serving");
    let path = format!("/alerts/{}/acknowledge", id(&raised));
    let key = fresh_key();
    let first = manager.post_as(&key, &path, json!({})).await;
    assert_eq!(
        first.is(200)["acknowledged_by"],
        socket.event("alert.acknowledged").await["data"]["acknowledged_by"]
    );
    assert!(manager.post_as(&key, &path, json!({})).await.is_replay());
    let second = app.admin().post(&path, json!({})).await.is(200);
    assert_eq!(second["acknowledged_by"], first.body()["acknowledged_by"], "the first stays");
    app.awa().sign_in().await;
    // What was promised was reckoned from the mean service; what is said from now on also knows this queue. They agree.
    let shown = manager.queue(queue).await["estimate"]["p50_seconds"].as_u64().unwrap();
    assert!((estimated / 2..=estimated * 2).contains(&shown), "{shown} after {estimated}");
    let over = until_over(app, "nobody_serving").await;
    assert_eq!(id(&over), id(&raised));
    assert_eq!(id(&socket.event("alert.cleared").await["data"]), id(&raised));
    assert_eq!(alerts(&manager, "?state=open").await, [Value::Null; 0]);
}

async fn a_restart_neither_repeats_nor_loses_an_alert(app: &mut App) {
    at_once(&app.admin(), json!({})).await;
    let queue = app.branch().a;
    app.awa().issue(queue).await;
    let raised = until_open(app, "nobody_serving").await;
    app.restart().await;
    let mut socket = Socket::signed_in(app, &app.manager().token).await;
    let snapshot = socket.follow("alerts").await;
    assert_eq!(id(&snapshot["data"]["alerts"][0]), id(&raised), "{snapshot}");
    // Another alert comes after it, so whatever the restart repeated would have come before that.
    app.moussa().issue(app.branch().c).await;
    let next = socket.event("alert.raised").await["data"].clone();
    assert_eq!(next["subject_id"], json!(app.branch().c));
    assert_eq!(alerts(&app.manager(), "?kind=nobody_serving").await.len(), 2);
    let settings = app.admin().get("/settings/alerts").await.is(200);
    assert_eq!(settings["raise_after_seconds"], 0, "settings stay");
    app.stop().await;
    app.start_again().await;
    app.awa().sign_in().await;
    app.moussa().sign_in().await;
    eventually("both are over", async || {
        app.wait(1);
        (alerts(&app.manager(), "?state=cleared").await.len() == 2).then_some(())
    })
    .await;
}

async fn a_long_wait_is_an_alert_that_does_not_flap(app: &mut App) {
    let queue = app.branch().a;
    app.awa().sign_in().await;
    app.binta().issue(queue).await;
    app.binta().sign_in().await;
    // Twice the target of twenty minutes; less than half a minute of it is no alert.
    app.wait(2_400);
    let raised = until_open(app, "wait_over_twice_target").await;
    let facts = &raised["facts"];
    assert!(facts["longest_wait_seconds"].as_u64().unwrap() >= 2_430, "{facts}");
    assert_eq!((&facts["target_seconds"], &facts["serving"]), (&json!(1_200), &json!(2)));
    assert_eq!(facts["remedy"]["action"], "open_counters");
    let health = app.manager().queue(queue).await["health"].clone();
    assert_eq!(health["reasons"][0], json!({ "reason": "long_wait", "points": 35 }));
    app.awa().serve_next().await;
    let over = until_over(app, "wait_over_twice_target").await;
    let instant = |at: &Value| at.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let stood = instant(&over["cleared_at"]) - instant(&over["raised_at"]);
    assert!(stood.total(jiff::Unit::Second).unwrap() >= 60.0, "good for a minute first: {over}");
    assert_eq!(alerts(&app.manager(), "?kind=wait_over_twice_target").await.len(), 1);
}

async fn a_device_that_falls_silent_is_missed(app: &mut App) {
    app.kiosk().get("/queues").await.is(200);
    app.wait(61);
    let raised = until_open(app, "device_offline").await;
    assert_eq!(raised["subject_id"], json!(app.branch().kiosk));
    assert_eq!(raised["facts"]["remedy"]["action"], "check_device");
    eventually("it is back", async || {
        app.wait(1);
        app.kiosk().get("/queues").await.is(200);
        alerts(&app.manager(), "?state=cleared&kind=device_offline").await.pop()
    })
    .await;
    let kinds = alerts(&app.manager(), "").await;
    assert_eq!(kinds.len(), 1, "the display was never heard, so nobody misses it: {kinds:?}");
}

async fn an_alert_is_its_tenants_managers_own(app: &mut App) {
    at_once(&app.admin(), json!({})).await;
    app.awa().issue(app.branch().a).await;
    let raised = until_open(app, "nobody_serving").await;
    let path = format!("/alerts/{}", id(&raised));
    for nobody in [app.awa(), app.kiosk(), app.display(), app.role(Role::Customer)] {
        nobody.get("/alerts").await.refused(403, "insufficient_scope");
        nobody.get(&path).await.refused(403, "insufficient_scope");
        let acknowledged = nobody.post(&format!("{path}/acknowledge"), json!({})).await;
        acknowledged.refused(403, "insufficient_scope");
        nobody.get("/settings/alerts").await.refused(403, "insufficient_scope");
        nobody.get("/events?topic=alerts").await.refused(404, "not_found");
    }
    app.manager().get("/settings/alerts").await.refused(403, "insufficient_scope");
    app.manager()
        .put("/settings/alerts", None, &json!({}))
        .await
        .refused(403, "insufficient_scope");
    let stranger = app.stranger();
    stranger.get(&path).await.refused(404, "not_found");
    stranger.post(&format!("{path}/acknowledge"), json!({})).await.refused(404, "not_found");
    assert_eq!(alerts(&stranger, "").await, [Value::Null; 0]);
    assert_eq!(stranger.get("/settings/alerts").await.is(200)["raise_after_seconds"], 30);
    let seen = app.manager().get(&path).await.is(200);
    assert_eq!(seen["acknowledged_at"], Value::Null, "untouched");
    for bad in ["?state=closed", "?kind=fire", "?cursor=x", "?limit=0", "?page=1"] {
        app.manager().get(&format!("/alerts{bad}")).await.refused(400, "invalid_request");
    }
}

async fn thresholds_and_addresses_are_checked_when_they_are_saved(app: &mut App) {
    let admin = app.admin();
    let hook = |url: &str| json!({ "chats": [{ "format": "slack", "url": url }] });
    for (bad, pointer) in [
        (
            json!({ "capacity_percent": 80, "capacity_clear_percent": 80 }),
            "/capacity_clear_percent",
        ),
        (json!({ "wait_percent": 10 }), "/wait_percent"),
        (json!({ "clear_after_seconds": 0 }), "/clear_after_seconds"),
        (json!({ "emails": ["nobody"] }), "/emails/0"),
        (json!({ "emails": vec!["a@b.example"; 11] }), "/emails"),
        (hook("http://127.0.0.1:9/x"), "/chats/0/url"),
        (hook("https://10.0.0.1/x"), "/chats/0/url"),
        (hook("https://[::ffff:169.254.169.254]/x"), "/chats/0/url"),
        (hook("ftp://hooks.example/x"), "/chats/0/url"),
        (hook("http://1.1.1.1/x"), "/chats/0/url"),
    ] {
        let problem =
            admin.put("/settings/alerts", None, &bad).await.refused(400, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let unknown = json!({ "wait_minutes": 3 });
    admin.put("/settings/alerts", None, &unknown).await.refused(400, "invalid_request");
    let kept = admin.get("/settings/alerts").await.is(200);
    assert_eq!((&kept["capacity_percent"], &kept["chats"]), (&json!(90), &json!([])));
    let secret = json!({ "emails": ["awa@bank.example"], "chats": [{ "format": "teams", "url": "https://1.1.1.1/geheim" }] });
    admin.put("/settings/alerts", None, &secret).await.is(200);
    let log = eventually("it is in the log", async || {
        let log = admin.get("/audit?action=alert_settings.replace").await;
        log.text.contains("teams").then_some(log)
    })
    .await;
    let told = ["geheim", "awa@bank"].into_iter().find(|secret| log.text.contains(secret));
    assert_eq!(told, None, "{}", log.text);
}

/// A chat on this machine, which answers with what `statuses` says, then with 200.
struct Chat {
    url: String,
    heard: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Chat {
    #[expect(clippy::disallowed_methods, reason = "it ends with the story's runtime")]
    async fn open(statuses: Vec<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::<Mutex<Vec<(String, Value)>>>::default();
        let told = Arc::clone(&heard);
        tokio::spawn(async move {
            let mut statuses = statuses.into_iter();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let mut stream = BufReader::new(stream);
                let (mut head, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).await.unwrap();
                    if let Some(bytes) = line.to_lowercase().strip_prefix("content-length:") {
                        length = bytes.trim().parse().unwrap();
                    }
                    if line.trim().is_empty() {
                        break;
                    }
                    head.push_str(&line);
                }
                let mut body = vec![0; length];
                stream.read_exact(&mut body).await.unwrap();
                let path = head.split(' ').nth(1).unwrap().to_owned();
                told.lock().unwrap().push((path, serde_json::from_slice(&body).unwrap()));
                let status = statuses.next().unwrap_or(200);
                let answer = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { url, heard }
    }

    fn heard(&self) -> Vec<(String, Value)> {
        self.heard.lock().unwrap().clone()
    }
}

async fn restart_with_chats_here(app: &mut App) {
    app.restart_with(&[("SMARTQUEUE__OUTGOING__ALLOWED_NETWORKS", "127.0.0.0/8")]).await;
}

async fn until_told(app: &App, alert: &Value, turn: &str) -> Value {
    let path = format!("/alerts/{}", id(alert));
    eventually("people were told", async || {
        let shown = app.manager().get(&path).await.is(200);
        Some(shown["delivery"][turn].clone()).filter(|told| !told.is_null())
    })
    .await
}

async fn people_are_told_by_letter_and_in_their_chats(app: &mut App) {
    restart_with_chats_here(app).await;
    // The first try fails in a way that may pass.
    let (slack, teams) = (Chat::open(vec![503]).await, Chat::open(vec![]).await);
    let chats = json!([
        { "format": "slack", "url": format!("{}/services/T0/B0/x", slack.url) },
        { "format": "teams", "url": format!("{}/workflows/1", teams.url) },
    ]);
    at_once(&app.admin(), json!({ "emails": ["chef@banque.example"], "chats": chats })).await;
    app.awa().issue(app.branch().a).await;
    let raised = until_open(app, "nobody_serving").await;
    let told = until_told(app, &raised, "raised").await;
    let states: Vec<_> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["channel"], &one["state"], &one["tries"]))
        .collect();
    let [email, slack_told, teams_told] = states.as_slice() else { panic!("{told}") };
    assert_eq!(*email, (&json!("email"), &json!("handed_over"), &json!(1)));
    assert_eq!(*slack_told, (&json!("slack"), &json!("sent"), &json!(2)));
    assert_eq!(*teams_told, (&json!("teams"), &json!("sent"), &json!(1)));
    let title = "Alert: ZZ cash (dakar): people wait and nobody serves";
    let (path, body) = slack.heard().pop().unwrap();
    assert_eq!(path, "/services/T0/B0/x");
    let text = body["text"].as_str().unwrap();
    assert!(text.starts_with(&format!("*{title}*")) && text.contains("What would help:"), "{body}");
    let (_, card) = teams.heard().pop().unwrap();
    let attachment = &card["attachments"][0];
    assert_eq!(attachment["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(attachment["content"]["body"][0]["text"], title);
    assert_eq!(app.find_letters(title), 1);
    app.awa().sign_in().await;
    let over = until_over(app, "nobody_serving").await;
    until_told(app, &over, "cleared").await;
    let (_, body) = slack.heard().pop().unwrap();
    assert!(body["text"].as_str().unwrap().starts_with("*Over: ZZ cash"), "{body}");
}

async fn a_chat_that_refuses_is_seen_on_the_alert(app: &mut App) {
    restart_with_chats_here(app).await;
    let chat = Chat::open(vec![404, 404]).await;
    let chats = json!([{ "format": "slack", "url": format!("{}/geheim", chat.url) }]);
    at_once(&app.admin(), json!({ "chats": chats })).await;
    app.awa().issue(app.branch().a).await;
    let raised = until_open(app, "nobody_serving").await;
    let told = until_told(app, &raised, "raised").await;
    assert_eq!((&told[0]["state"], &told[0]["tries"]), (&json!("failed"), &json!(1)), "{told}");
    assert_eq!(told[0]["error"], "the answer was 404");
    // Where only public addresses may be called, what was allowed when it was saved is refused all the same.
    app.restart_with(&[]).await;
    app.awa().sign_in().await;
    let over = until_over(app, "nobody_serving").await;
    let told = until_told(app, &over, "cleared").await;
    assert_eq!(told[0]["error"], "its address is not public", "{told}");
    let shown = app.manager().get(&format!("/alerts/{}", id(&raised))).await;
    assert!(!shown.text.contains("geheim") && chat.heard().len() == 1, "{}", shown.text);
}
