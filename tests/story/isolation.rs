//! Two banks in one program, and everything that the document of the API offers tried on the other one's things.
//!
//! Routes, bodies and filters come from the document, so that a new route is tried from its first day on.
//! Invariant: a foreign id is answered as one that never was, and no word of one bank reaches the other.

use std::collections::BTreeMap;

use domain::Role;
use serde_json::{Value, json};
use transport::Subject;
use uuid::Uuid;

use crate::app::{App, eventually};
use crate::branch::{BANK, OTHER_BANK};
use crate::client::{Answer, Client, id};
use crate::document::{Route, routes, with_id};
use crate::socket::{Socket, epoch, seq};

stories! {
    t01_every_route_answers_a_foreign_id_as_one_that_never_was,
    t02_an_id_in_a_body_or_a_filter_opens_nothing_foreign,
    t03_no_topic_of_the_other_bank_is_followed,
    t04_the_other_banks_position_brings_none_of_its_events,
    t08_no_word_of_one_bank_reaches_the_other,
}

/// In every name that the other bank gives.
const CANARY: &str = "canari";

/// By collection: one thing of it.
type Things = BTreeMap<&'static str, String>;

async fn made(client: &Client, things: &mut Things, kind: &'static str, body: Value) -> String {
    let made = client.post(&format!("/{kind}"), body).await.is(201);
    let made = id(&made).to_owned();
    things.insert(kind, made.clone());
    made
}

/// One of everything, and somebody in the hands of an agent.
async fn furnished(client: &Client, word: &str) -> Things {
    let mut all = Things::new();
    let name = |what: &str| format!("{word} {what}");
    let slug = |what: &str| format!("{word}-{what}");
    let site = json!({ "slug": slug("site"), "name": name("site"), "timezone": "Africa/Dakar" });
    let site = made(client, &mut all, "sites", site).await;
    let service = json!({ "slug": slug("service"), "names": { "fr": name("service") } });
    let service = made(client, &mut all, "services", service).await;
    let queue = json!({ "site_id": site, "service_id": service, "name": name("queue"),
        "prefix": "Q", "ladder": { "min_gap_seconds": 0 } });
    let queue = made(client, &mut all, "queues", queue).await;
    let counter = json!({ "site_id": site, "name": name("7") });
    let counter = made(client, &mut all, "counters", counter).await;
    let device = json!({ "site_id": site, "kind": "kiosk", "name": name("kiosk") });
    made(client, &mut all, "devices", device).await;
    let agent = json!({ "name": name("agent"), "email": format!("{word}@{word}.example"),
        "queues": [queue], "counter_id": counter });
    let agent = made(client, &mut all, "agents", agent).await;
    all.insert("members", agent.clone());
    let program = json!({ "name": name("client"), "confidential": true,
        "grants": ["client_credentials"], "scopes": "read:queue", "role": "agent" });
    made(client, &mut all, "clients", program).await;
    let key = json!({ "name": name("key"), "scopes": ["read:queue"] });
    made(client, &mut all, "api-keys", key).await;
    person(client, &mut all, word).await;
    day(client, &mut all, &agent).await;
    all
}

/// Somebody joins, and somebody else is erased.
async fn person(client: &Client, all: &mut Things, word: &str) {
    let queue: Uuid = all["queues"].parse().unwrap();
    let person = json!({ "name": format!("{word} Dupont"), "phone": "+221770008642",
        "email": format!("{word}.dupont@{word}.example"), "tags": [word] });
    let ticket = client.issue_with(queue, person).await.is(201);
    let note = json!({ "text": format!("{word} note") });
    client.order_with(&ticket, "note", note).await.is(200);
    all.insert("tickets", id(&ticket).to_owned());
    let customers = client.get("/customers").await.is(200);
    all.insert("customers", id(&customers["items"][0]).to_owned());
    let at_once = json!({ "raise_after_seconds": 0 });
    client.put("/settings/alerts", None, &at_once).await.is(200);
    let alert = eventually("somebody waits unserved", async || {
        let page = client.get("/alerts").await.is(200);
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|alert| alert["subject_id"] == all["queues"])
            .cloned()
    })
    .await;
    all.insert("alerts", id(&alert).to_owned());
    let gone = json!({ "email": format!("gone@{word}.example") });
    client.issue_with(queue, gone.clone()).await.is(201);
    made(client, all, "erasures", gone).await;
}

/// Another ticket is offered to the agent.
async fn day(client: &Client, all: &mut Things, agent: &str) {
    let pushed = json!({ "dispatch": "push", "offer_timeout_seconds": 600 });
    client.configure("agents", agent.parse().unwrap(), pushed).await;
    client.post(&format!("/agents/{agent}/sign-in"), json!({})).await.is(200);
    let offer = eventually("an offer stands", async || {
        let status = client.get(&format!("/agents/{agent}/status")).await.is(200);
        Some(status["offer"].clone()).filter(Value::is_object)
    })
    .await;
    all.insert("offers", id(&offer).to_owned());
}

/// An id that nothing has, of the same form as `foreign`.
fn never(foreign: &str) -> String {
    match foreign.rsplit_once('.') {
        Some((tenant, name)) => format!("{tenant}.{}", name.chars().rev().collect::<String>()),
        None => Uuid::now_v7().to_string(),
    }
}

async fn asked(client: &Client, route: &Route, path: &str, body: Option<&Value>) -> Answer {
    let request = client.http.request(route.method.clone(), client.url(path));
    let request = request.bearer_auth(&client.token);
    let request = request.header("idempotency-key", crate::client::fresh_key());
    Client::sends(match body {
        Some(body) => request.json(body),
        None => request,
    })
    .await
}

/// What tells two answers apart for somebody who knows which id they asked for.
fn told(answer: &Answer, id: &str) -> (u16, String, Vec<String>) {
    let mut text = answer.text.replace(id, "{asked}");
    if let Ok(Value::Object(mut problem)) = serde_json::from_str::<Value>(&answer.text)
        && problem.contains_key("trace_id")
    {
        problem.remove("trace_id");
        text = Value::Object(problem).to_string().replace(id, "{asked}");
    }
    (answer.status, text, answer.headers.keys().map(ToString::to_string).collect())
}

async fn t01_every_route_answers_a_foreign_id_as_one_that_never_was(app: &mut App) {
    let theirs = furnished(&app.stranger(), CANARY).await;
    let ours = furnished(&app.admin(), "own").await;
    let admin = app.admin();
    let ticket = json!({ "id": theirs["tickets"] });
    let before = app.stranger().ticket(&ticket).await;
    let mut seen = 0;
    for route in routes(app).await.iter().filter(|route| route.has_id()) {
        for foreign in theirs.values() {
            let unknown = never(foreign);
            let at = |id: &str| route.path.replace("{id}", id);
            let body = route.body.as_ref();
            let other = asked(&admin, route, &at(foreign), body).await;
            let unheard = asked(&admin, route, &at(&unknown), body).await;
            assert_eq!(
                told(&other, foreign),
                told(&unheard, &unknown),
                "{} {} {body:?}",
                route.method,
                route.path
            );
            assert_eq!(other.status, 404, "{} {}: {}", route.method, route.path, other.text);
        }
        // The comparison can see: one of our own is answered otherwise.
        if let Some(own) = ours.get(route.collection())
            && route.method == reqwest::Method::GET
        {
            asked(&admin, route, &route.path.replace("{id}", own), None).await.is(200);
            seen += 1;
        }
    }
    assert!(seen >= 12, "{seen} controls");
    assert_eq!(app.stranger().ticket(&ticket).await["version"], before["version"], "untouched");
    for (kind, theirs) in theirs.iter().filter(|(kind, _)| **kind != "offers") {
        app.stranger().get(&format!("/{kind}")).await.is(200);
        let there = app.stranger().get(&format!("/{kind}/{theirs}")).await;
        assert!(there.status == 200 || *kind == "api-keys", "{kind} is as it was: {}", there.text);
    }
}

/// An id of ours for a member of a body of that name.
fn own(ours: &Things, pointer: &str) -> Option<String> {
    let name = pointer.trim_end_matches("/0").rsplit('/').next()?.trim_end_matches("_id");
    let kind = format!("{}s", name.trim_end_matches('s'));
    ours.get(kind.as_str()).cloned()
}

async fn t02_an_id_in_a_body_or_a_filter_opens_nothing_foreign(app: &mut App) {
    let theirs = furnished(&app.stranger(), CANARY).await;
    let ours = furnished(&app.admin(), "own").await;
    let admin = app.admin();
    let (mut bodies, mut filters) = (0, 0);
    for route in routes(app).await {
        let own_id = ours.get(route.collection()).cloned().unwrap_or_default();
        let path = route.path.replace("{id}", &own_id);
        for pointer in &route.ids_in_body {
            let mut body = route.body.clone().unwrap_or_default();
            for other in route.ids_in_body.iter().filter(|other| *other != pointer) {
                if let Some(own) = own(&ours, other).filter(|_| body.pointer(other).is_some()) {
                    body = with_id(&body, other, &own);
                }
            }
            for foreign in theirs.values() {
                let unknown = never(foreign);
                let with = |id: &str| with_id(&body, pointer, id);
                let other = asked(&admin, &route, &path, Some(&with(foreign))).await;
                let unheard = asked(&admin, &route, &path, Some(&with(&unknown))).await;
                let what = format!("{} {} {pointer}", route.method, route.path);
                assert_eq!(told(&other, foreign), told(&unheard, &unknown), "{what}");
                assert!((400..500).contains(&other.status), "{what}: {}", other.text);
            }
            bodies += 1;
        }
        let ids = ["site_id", "queue", "site", "agent", "cursor", "actor", "object", "q"];
        for name in route.query.iter().filter(|name| ids.contains(&name.as_str())) {
            for foreign in theirs.values() {
                let unknown = never(foreign);
                let other = asked(&admin, &route, &format!("{path}?{name}={foreign}"), None).await;
                let unheard =
                    asked(&admin, &route, &format!("{path}?{name}={unknown}"), None).await;
                // The log of who asked for what grows by being asked.
                if route.path.starts_with("/audit") || *name == "cursor" {
                    assert!(!other.text.contains(CANARY), "{}?{name}", route.path);
                    continue;
                }
                assert_eq!(
                    told(&other, foreign),
                    told(&unheard, &unknown),
                    "{}?{name}",
                    route.path
                );
            }
            filters += 1;
        }
    }
    admin.get(&format!("/customers/{}", theirs["customers"])).await.refused(404, "not_found");
    assert!(bodies >= 15 && filters >= 10, "{bodies} bodies, {filters} filters");
}

fn topics(things: &Things) -> Vec<String> {
    let of = |kind: &str, name: &str| format!("{name}:{}", things[kind]);
    vec![
        of("queues", "queue"),
        of("sites", "site"),
        of("agents", "agent"),
        of("tickets", "ticket"),
        of("queues", "stats:queue"),
        of("sites", "stats:site"),
    ]
}

async fn t03_no_topic_of_the_other_bank_is_followed(app: &mut App) {
    let theirs = furnished(&app.stranger(), CANARY).await;
    let branch = app.branch();
    let clients = [app.admin(), app.manager(), app.awa(), app.kiosk(), app.display()];
    for client in clients {
        for topic in topics(&theirs) {
            let mut socket = Socket::signed_in(app, &client.token).await;
            let (kind, foreign) = topic.rsplit_once(':').unwrap();
            let unknown = Uuid::now_v7().to_string();
            socket.say(json!({ "op": "subscribe", "topic": topic })).await;
            let other = socket.hear().await;
            socket.say(json!({ "op": "subscribe", "topic": format!("{kind}:{unknown}") })).await;
            let never = socket.hear().await;
            assert_eq!(other["code"], "forbidden", "{topic}");
            let (other, never) = (other.to_string(), never.to_string());
            assert_eq!(other.replace(foreign, ""), never.replace(&unknown, ""), "{topic}");
            // By the other doors: one topic a socket, and events by HTTP.
            let path = format!("/events?topic={topic}");
            let unknown_path = format!("/events?topic={kind}:{unknown}");
            let (other, unheard) = (client.get(&path).await, client.get(&unknown_path).await);
            assert_eq!(told(&other, foreign), told(&unheard, &unknown), "{topic}");
            assert!((400..500).contains(&other.status), "{topic}: {}", other.text);
        }
    }
    let mut control = Socket::signed_in(app, &app.admin().token).await;
    control.follow(&format!("queue:{}", branch.a)).await;
}

async fn t04_the_other_banks_position_brings_none_of_its_events(app: &mut App) {
    let branch = app.branch();
    let stranger = app.stranger();
    let mut theirs = Socket::of(app, OTHER_BANK, &stranger.token).await;
    let topic = format!("queue:{}", branch.foreign_queue);
    let at = theirs.follow(&topic).await;
    stranger.issue_with(branch.foreign_queue, json!({ "tags": [CANARY] })).await.is(201);
    theirs.event("ticket.issued").await;
    let mut ours = Socket::signed_in(app, &app.admin().token).await;
    let position =
        json!({ "op": "subscribe", "topic": topic, "epoch": epoch(&at), "seq": seq(&at) });
    ours.say(position).await;
    assert_eq!(ours.hear().await["code"], "forbidden");
    let own = format!("queue:{}", branch.a);
    // Their position on a topic of ours is a position of nothing: a snapshot of ours.
    let position = json!({ "op": "subscribe", "topic": own, "epoch": epoch(&at), "seq": seq(&at) });
    ours.say(position).await;
    let first = ours.hear_until(|frame| frame["topic"] == own.as_str()).await;
    assert!(["snapshot", "subscribed"].contains(&first["op"].as_str().unwrap()), "{first}");
    app.awa().issue(branch.a).await;
    let next = ours.event("ticket.issued").await;
    assert_eq!(next["data"]["ticket"]["queue_id"], json!(branch.a), "{next}");
}

/// All that the holder of a token is told by the routes that read, with ids of `things`.
async fn read_everything(app: &App, client: &Client, things: &Things) -> String {
    let mut all = String::new();
    for route in routes(app).await.iter().filter(|route| route.method == reqwest::Method::GET) {
        let own = things.get(route.collection()).cloned().unwrap_or_default();
        let answer = asked(client, route, &route.path.replace("{id}", &own), None).await;
        all.push_str(&answer.text);
        all.extend(answer.headers.values().filter_map(|value| value.to_str().ok()));
    }
    let export = client.get("/audit/export?format=csv").await;
    all.push_str(&export.text);
    for path in ["/", "/healthz", "/readyz", "/openapi.json", "/asyncapi.json", "/metrics"] {
        let page = client.http.get(format!("{}{path}", app.origin()));
        all.push_str(&Client::sends(page.bearer_auth(&client.token)).await.text);
    }
    all
}

async fn t08_no_word_of_one_bank_reaches_the_other(app: &mut App) {
    let branch = app.branch();
    let ours = furnished(&app.admin(), "own").await;
    let mut socket = Socket::signed_in(app, &app.admin().token).await;
    for topic in
        topics(&ours).into_iter().chain(["stats:tenant", "alerts", "devices"].map(str::to_owned))
    {
        socket.follow(&topic).await;
    }
    let theirs = furnished(&app.stranger(), CANARY).await;
    let mut words: Vec<&str> = theirs.values().map(String::as_str).collect();
    words.push(CANARY);
    // The last word on our socket is one of our own; everything before it was heard.
    let queue: Uuid = ours["queues"].parse().unwrap();
    let last = app.admin().issue(queue).await;
    let mut heard = String::new();
    loop {
        let frame = socket.hear().await;
        heard.push_str(&frame.to_string());
        if frame["data"]["ticket"]["id"] == last["id"] {
            break;
        }
    }
    for word in &words {
        assert!(!heard.contains(word), "{word} was heard: {heard}");
    }
    let customer =
        app.client(BANK, app.token(Some(BANK), Subject::Role(Role::Customer), Role::Customer));
    let platform = Subject::Role(Role::PlatformAdmin);
    let platform = app.client(BANK, app.token(None, platform, Role::PlatformAdmin));
    let everybody =
        [app.admin(), app.manager(), app.awa(), app.kiosk(), app.display(), customer, platform];
    for client in everybody {
        let told = read_everything(app, &client, &ours).await;
        for word in &words {
            assert!(!told.contains(word), "{word} was told");
        }
    }
    let control = read_everything(app, &app.stranger(), &theirs).await;
    let missing: Vec<_> = words.iter().filter(|word| !control.contains(**word)).collect();
    assert!(missing.is_empty(), "the other bank itself reads all of it, but not {missing:?}");
    assert!(!control.contains(&branch.a.to_string()));
}
