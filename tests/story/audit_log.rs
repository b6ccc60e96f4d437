//! The audit log through the real API: what each action leaves, and what never gets in.
//!
//! Entries are read as an administrator reads them. The branch itself is built without the API, so each log begins empty.
//! Invariant: a listed action leaves exactly one entry, in the log of the tenant it belongs to.

use domain::Role;
use reqwest::Method;
use serde_json::{Value, json};
use transport::Subject;
use uuid::Uuid;

use crate::app::{App, eventually};
use crate::branch::{BANK, OTHER_BANK};
use crate::client::{Answer, Client, id};
use crate::socket::Socket;

stories! {
    each_change_of_the_configuration_leaves_one_entry,
    a_queue_that_is_opened_paused_or_closed_leaves_one_entry,
    keys_programs_and_devices_leave_one_entry_each,
    calls_out_of_order_and_other_priorities_leave_one_entry,
    a_tenant_that_is_made_or_renamed_has_it_in_its_own_log,
    a_denied_access_is_in_the_callers_own_log_only,
    a_scanner_cannot_flood_the_log,
    what_a_socket_is_refused_is_recorded_too,
    a04_people_are_never_in_the_log,
    a05_a_line_break_in_a_text_stays_in_its_record,
    the_log_is_for_administrators_and_found_by_filter_and_page,
    entries_survive_a_restart_and_verify,
}

/// The entries that match, newest first, once there are as many as wanted.
async fn entries(client: &Client, query: &str, wanted: usize) -> Vec<Value> {
    let path = format!("/audit?limit=200&{query}");
    let found = eventually(&format!("{wanted} entries of {query}"), async || {
        let items = client.get(&path).await.is(200)["items"].as_array().unwrap().clone();
        (items.len() >= wanted).then_some(items)
    })
    .await;
    assert_eq!(found.len(), wanted, "{query}: {found:#?}");
    found
}

/// The one entry of an action.
async fn entry(client: &Client, action: &str) -> Value {
    entries(client, &format!("action={action}"), 1).await.remove(0)
}

#[track_caller]
fn is(entry: &Value, actor: &str, object: &str, answer: &Answer) {
    assert_eq!(entry["actor"], actor, "{entry:#}");
    assert_eq!(entry["object"], object, "{entry:#}");
    assert_eq!(entry["outcome"], "ok", "{entry:#}");
    assert_eq!(entry["address"], "127.0.0.1", "{entry:#}");
    assert_eq!(entry["request_id"], answer.header("x-request-id").unwrap(), "{entry:#}");
}

async fn each_change_of_the_configuration_leaves_one_entry(app: &mut App) {
    let admin = app.admin();
    let body = |name: &str| json!({ "site_id": app.branch().dakar, "name": name });
    let created = admin.post_as("once", "/counters", body("7")).await;
    let made = created.is(201);
    assert!(admin.post_as("once", "/counters", body("7")).await.is_replay());
    let path = format!("/counters/{}", id(&made));
    admin.put(&path, Some(9), &body("8")).await.refused(412, "version_conflict");
    let replaced = admin.put(&path, Some(1), &body("8")).await;
    replaced.is(200);
    let deleted = admin.delete(&path).await;
    deleted.is(204);
    let object = format!("counter:{}", id(&made));
    let create = entry(&admin, "counter.create").await;
    is(&create, "subject:role:admin", &object, &created);
    assert_eq!((&create["before"], &create["after"]["name"]), (&Value::Null, &json!("7")));
    let replace = entry(&admin, "counter.replace").await;
    is(&replace, "subject:role:admin", &object, &replaced);
    assert_eq!(replace["before"], json!({ "name": "7" }), "only what changed");
    assert_eq!(replace["after"], json!({ "name": "8" }));
    let delete = entry(&admin, "counter.delete").await;
    is(&delete, "subject:role:admin", &object, &deleted);
    assert_eq!((&delete["before"]["name"], &delete["after"]), (&json!("8"), &Value::Null));
    entries(&admin, &format!("object={object}"), 3).await;
    for kind in ["sites", "services", "queues", "agents", "devices"] {
        let listed = admin.get(&format!("/{kind}")).await.is(200);
        let thing: Uuid = id(&listed["items"][0]).parse().unwrap();
        app.configure(kind, thing, json!({})).await;
        let action = format!("{}.replace", kind.trim_end_matches('s'));
        let entry = entry(&admin, &action).await;
        assert!(entry["object"].as_str().unwrap().ends_with(&thing.to_string()), "{entry:#}");
    }
}

/// Whatever lets a program or a device in, and takes that back. A repetition leaves nothing.
async fn keys_programs_and_devices_leave_one_entry_each(app: &mut App) {
    let admin = app.admin();
    let body = json!({ "name": "reports", "scopes": ["read:queue"] });
    let made = admin.post_as("once", "/api-keys", body.clone()).await;
    assert!(admin.post_as("once", "/api-keys", body).await.is_replay());
    let (key, secret) = (id(&made.is(201)).to_owned(), made.body()["secret"].clone());
    let ended = admin.delete(&format!("/api-keys/{key}")).await;
    let client = json!({ "name": "Boards", "confidential": true, "grants": ["client_credentials"],
        "scopes": "read:queue", "role": "agent" });
    let registered = admin.post("/clients", client.clone()).await;
    let (program, shown) = (registered.is(201), registered.body()["secret"].clone());
    let place = format!("/clients/{}", id(&program));
    let mut renamed = client;
    renamed["name"] = json!("Walls");
    let changed = admin.put(&place, None, &renamed).await;
    let forgotten = admin.delete(&place).await;
    let begun = admin.http.post(format!("{}/api/v1/pairings", app.origin()));
    let page = Client::sends(begun.json(&json!({ "kind": "kiosk" }))).await.is(201);
    let device = json!({ "code": page["code"], "site_id": app.branch().dakar, "kind": "kiosk", "name": "Door" });
    let paired = admin.post("/devices/pair", device).await;
    let device = id(&paired.is(200)).to_owned();
    let revoked = admin.post(&format!("/devices/{device}/revoke"), json!({})).await;
    let actor = "subject:role:admin";
    for (action, object, answer) in [
        ("api_key.create", format!("api_key:{key}"), &made),
        ("api_key.revoke", format!("api_key:{key}"), &ended),
        ("client.create", format!("client:{}", id(&program)), &registered),
        ("client.change", format!("client:{}", id(&program)), &changed),
        ("client.delete", format!("client:{}", id(&program)), &forgotten),
        ("device.pair", format!("device:{device}"), &paired),
        ("device.revoke", format!("device:{device}"), &revoked),
    ] {
        is(&entry(&admin, action).await, actor, &object, answer);
    }
    let change = entry(&admin, "client.change").await;
    assert_eq!(change["before"], json!({ "name": "Boards" }), "what differs");
    let log = admin.get("/audit?limit=200").await.text;
    for word in [&secret, &shown, &page["secret"], &page["code"]] {
        assert!(!log.contains(word.as_str().unwrap()), "{word} opens something");
    }
}

async fn a_queue_that_is_opened_paused_or_closed_leaves_one_entry(app: &mut App) {
    let (admin, manager, queue) = (app.admin(), app.manager(), app.branch().a);
    let object = format!("queue:{queue}");
    for (verb, before, after) in
        [("pause", "open", "paused"), ("open", "paused", "open"), ("close", "open", "closed")]
    {
        let path = format!("/queues/{queue}/{verb}");
        let answer = manager.post_as(verb, &path, json!({})).await;
        answer.is(200);
        assert!(manager.post_as(verb, &path, json!({})).await.is_replay());
        let entry = entry(&admin, &format!("queue.{verb}")).await;
        is(&entry, "subject:role:manager", &object, &answer);
        assert_eq!(entry["before"], json!({ "state": before }), "{verb}");
        assert_eq!(entry["after"], json!({ "state": after }), "{verb}");
    }
    entries(&admin, "", 3).await;
}

async fn calls_out_of_order_and_other_priorities_leave_one_entry(app: &mut App) {
    let (admin, awa, queue) = (app.admin(), app.awa(), app.branch().a);
    awa.sign_in().await;
    let (_, second) = (awa.issue(queue).await, awa.issue(queue).await);
    let (actor, object) =
        (format!("agent:{}", app.branch().awa), format!("ticket:{}", id(&second)));
    let priority = awa.order_with(&second, "set-priority", json!({ "class": "senior" })).await;
    priority.is(200);
    let set = entry(&admin, "ticket.set_priority").await;
    is(&set, &actor, &object, &priority);
    assert_eq!(set["before"], json!({ "class": "normal" }));
    assert_eq!(set["after"], json!({ "class": "senior" }));
    let reason = json!({ "reason": "pregnant; reach her at +221 77 123 45 67" });
    let called = awa.order_with(&second, "call", reason).await;
    called.is(200);
    let call = entry(&admin, "ticket.call_out_of_order").await;
    is(&call, &actor, &object, &called);
    assert_eq!(call["before"], json!({ "state": "waiting" }));
    assert_eq!(
        (&call["after"]["state"], &call["after"]["reason"]),
        (&json!("called"), &json!("pregnant; reach her at ***"))
    );
    awa.order(&second, "start").await.is(200);
    awa.order(&second, "finish").await.is(200);
    entries(&admin, "outcome=ok", 2).await;
    app.until_free(&awa).await;
}

async fn a_tenant_that_is_made_or_renamed_has_it_in_its_own_log(app: &mut App) {
    let platform =
        app.client(BANK, app.token(None, Subject::Role(Role::PlatformAdmin), Role::PlatformAdmin));
    let sends = async |method: Method, path: &str, body: Value| {
        let url = format!("{}/api/v1/tenants{path}", app.origin());
        let request = platform.http.request(method, url).bearer_auth(&platform.token);
        Client::sends(request.json(&body)).await
    };
    let made = sends(Method::POST, "", json!({ "slug": "neuve", "name": "Neuve" })).await;
    made.is(201);
    let renamed = sends(Method::PUT, "/neuve", json!({ "name": "Neuve SA" })).await;
    renamed.is(200);
    let token = app.token(Some("neuve"), Subject::Role(Role::Admin), Role::Admin);
    let theirs = app.client("neuve", token);
    let object = format!("tenant:{}", id(&made.body()));
    let create = entry(&theirs, "tenant.create").await;
    is(&create, "subject:role:platform_admin", &object, &made);
    assert_eq!(create["after"], json!({ "name": "Neuve", "slug": "neuve" }));
    let rename = entry(&theirs, "tenant.rename").await;
    is(&rename, "subject:role:platform_admin", &object, &renamed);
    assert_eq!(rename["before"], json!({ "name": "Neuve" }));
    assert_eq!(rename["after"], json!({ "name": "Neuve SA" }));
    entries(&app.admin(), "", 0).await;
}

/// T01, T02 and B06 leave their trace with whoever tried, and nowhere else.
async fn a_denied_access_is_in_the_callers_own_log_only(app: &mut App) {
    let (admin, branch) = (app.admin(), app.branch());
    let foreign = format!("/queues/{}", branch.foreign_queue);
    app.manager().get(&foreign).await.refused(404, "not_found");
    let theirs = Client { tenant: OTHER_BANK, ..app.awa() };
    theirs.get("/queues").await.refused(404, "not_found");
    app.binta().post("/queues", json!({})).await.refused(403, "insufficient_scope");
    let forged = app.kiosk().issue_with(branch.a, json!({ "class": "vip" })).await;
    assert_eq!(forged.status, 403, "{}", forged.text);
    let nobody = Client { token: "forged".to_owned(), ..app.manager() };
    nobody.get("/queues").await.refused(401, "invalid_token");
    let denied = entries(&admin, "action=authz_denied&outcome=denied", 4).await;
    let by = |actor: String| denied.iter().find(|entry| entry["actor"] == actor).unwrap();
    let foreign = by("subject:role:manager".to_owned());
    assert!(foreign["object"].as_str().unwrap().starts_with("GET /api/v1/tenants/"), "{foreign:#}");
    assert_eq!(foreign["after"], json!({ "code": "not_found" }));
    assert_eq!(foreign["address"], "127.0.0.1");
    by(format!("agent:{}", branch.awa));
    assert_eq!(by(format!("agent:{}", branch.binta))["after"]["code"], "insufficient_scope");
    by(format!("device:{}", branch.kiosk));
    entries(&app.stranger(), "", 0).await;
}

async fn a_scanner_cannot_flood_the_log(app: &mut App) {
    let (admin, kiosk) = (app.admin(), app.kiosk());
    for _ in 0..60 {
        kiosk.get(&format!("/queues/{}", Uuid::now_v7())).await.refused(404, "not_found");
    }
    entries(&admin, "action=authz_denied", 1).await;
    app.restart().await;
    let denied = entries(&app.admin(), "action=authz_denied", 2).await;
    assert_eq!(denied[0]["after"]["count"], 59, "{denied:#?}");
}

async fn what_a_socket_is_refused_is_recorded_too(app: &mut App) {
    let (admin, binta) = (app.admin(), app.binta());
    let mut socket = Socket::signed_in(app, &binta.token).await;
    let topic = format!("queue:{}", app.branch().foreign_queue);
    socket.say(json!({ "op": "subscribe", "topic": topic })).await;
    let said = socket.hear_until(|said| said["op"] == "error").await;
    assert_eq!(said["code"], "forbidden", "{said}");
    let denied = entries(&admin, "action=authz_denied", 1).await.remove(0);
    assert_eq!(denied["object"], format!("topic {topic}"));
    assert_eq!(denied["address"], "127.0.0.1");
    assert_eq!(denied["actor"], format!("agent:{}", app.branch().binta));
    let queue = json!({ "queue_id": app.branch().b });
    let mut other = Socket::signed_in(app, &app.moussa().token).await;
    other.command("pause", queue, "k-1").await;
    let denied = entries(&admin, "action=authz_denied", 2).await.remove(0);
    assert_eq!(denied["object"], "command pause");
    let manager = app.manager();
    let mut third = Socket::signed_in(app, &manager.token).await;
    let done = third.command("pause", json!({ "queue_id": app.branch().b }), "k-2").await;
    assert_eq!(done["ok"]["state"], "paused", "{done}");
    let paused = entry(&admin, "queue.pause").await;
    assert_eq!(
        (&paused["address"], &paused["actor"]),
        (&json!("127.0.0.1"), &json!("subject:role:manager"))
    );
}

async fn a04_people_are_never_in_the_log(app: &mut App) {
    let (admin, awa, branch) = (app.admin(), app.awa(), app.branch());
    let body = json!({ "name": "Canari Employée", "email": "canari.employee@example.org", "role": "agent" });
    let hired = admin.post("/agents", body.clone()).await.is(201);
    let mut other = body;
    other["name"] = json!("Canari Mariée");
    admin.put(&format!("/agents/{}", id(&hired)), None, &other).await.is(200);
    let person = json!({ "name": "Canari Cliente", "phone": "+221770001122" });
    let ticket = awa.issue_with(branch.a, person).await.is(201);
    awa.order_with(&ticket, "set-priority", json!({ "class": "senior" })).await.is(200);
    awa.order_with(&ticket, "note", json!({ "text": "Canari note" })).await.is(200);
    awa.sign_in().await;
    awa.order_with(&ticket, "call", json!({ "reason": "ask canari@example.org" })).await.is(200);
    app.finish_in_hand(&awa).await;
    let hire = entry(&admin, "agent.create").await;
    assert_eq!((&hire["after"]["name"], &hire["after"]["email"]), (&json!("***"), &json!("***")));
    let renamed = entry(&admin, "agent.replace").await;
    assert_eq!(renamed["before"], json!({ "name": "***" }), "that it changed is seen");
    entries(&admin, "", 4).await;
    let (shown, exported) = (admin.get("/audit").await, admin.get("/audit/export").await);
    let rows = app.engine().store().audit_range(app.bank().id(), 0, 1_000).await.unwrap();
    for text in [shown.text, exported.text, format!("{rows:?}")] {
        for canary in ["anari", "7700011", "example.org"] {
            assert!(!text.contains(canary), "{canary}: {text}");
        }
    }
}

async fn a05_a_line_break_in_a_text_stays_in_its_record(app: &mut App) {
    let (admin, dakar) = (app.admin(), app.branch().dakar);
    let injected = "1, rue\n{\"level\":\"info\",\"message\":\"all is well\"}\r\n=1+1,\"x\"";
    app.configure("sites", dakar, json!({ "address": injected })).await;
    let replaced = entry(&admin, "site.replace").await;
    assert_eq!(replaced["after"], json!({ "address": injected }), "it is the value, escaped");
    let request = admin.http.get(admin.url("/queues/none")).bearer_auth(&admin.token);
    Client::sends(request.header("x-request-id", "-2-3")).await.refused(404, "not_found");
    entries(&admin, "", 2).await;
    let exported = admin.get("/audit/export?format=csv").await;
    assert_eq!(exported.header("content-type"), Some("text/csv; charset=utf-8"));
    // The names, three entries (the export is one of them or not yet), and nothing else, however they are split.
    let lines: Vec<&str> = exported.text.trim_end().split('\n').collect();
    assert!((3..=4).contains(&lines.len()), "{}", exported.text);
    assert!(exported.text.contains(",'-2-3,"), "{}", exported.text);
    let mut reader = csv::Reader::from_reader(exported.text.as_bytes());
    for record in reader.records() {
        let record = record.unwrap();
        assert_eq!(record.len(), 12);
        assert!(record.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));
    }
}

async fn the_log_is_for_administrators_and_found_by_filter_and_page(app: &mut App) {
    let (admin, manager, queue) = (app.admin(), app.manager(), app.branch().a);
    for client in [&manager, &app.awa(), &app.kiosk()] {
        client.get("/audit").await.refused(403, "insufficient_scope");
        client.get("/audit/export").await.refused(403, "insufficient_scope");
    }
    for verb in ["pause", "open", "pause", "open", "pause"] {
        manager.post(&format!("/queues/{queue}/{verb}"), json!({})).await.is(200);
    }
    entries(&admin, "actor=subject:role:manager&outcome=ok", 5).await;
    entries(&admin, &format!("object=queue:{queue}&action=queue.open"), 2).await;
    entries(&admin, "action=authz_denied", 3).await;
    entries(&admin, "from=2001-01-01T00:00:00Z&to=2002-01-01T00:00:00Z", 0).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/audit?limit=3{cursor}")).await.is(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["seq"].as_u64()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, (1..=8).rev().map(Some).collect::<Vec<Option<u64>>>());
    for wrong in ["cursor=x", "outcome=maybe", "limit=0", "who=me", "from=yesterday"] {
        admin.get(&format!("/audit?{wrong}")).await.refused(400, "invalid_request");
    }
    admin.get("/audit/export?format=xlsx").await.refused(400, "invalid_request");
}

async fn entries_survive_a_restart_and_verify(app: &mut App) {
    let queue = app.branch().a;
    for verb in ["pause", "open"] {
        app.manager().post(&format!("/queues/{queue}/{verb}"), json!({})).await.is(200);
    }
    app.restart().await;
    let before = entries(&app.admin(), "", 2).await;
    app.manager().post(&format!("/queues/{queue}/pause"), json!({})).await.is(200);
    app.restart().await;
    let after = entries(&app.admin(), "", 3).await;
    assert_eq!(after[1..], before);
    assert_eq!(after[0]["prev_hash"], before[0]["hash"]);
}
