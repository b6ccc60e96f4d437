//! Ticket links: one ticket is seen, left, put off and judged by whoever holds its code, and nobody guesses one.
//!
//! The numbers of the cases are those of the reliability plan.
//! Invariant: nothing about the person is ever shown through a link.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::App;
use crate::client::{Answer, Client, fresh_key, number};

stories! {
    at "2026-03-02T09:00:00Z";
    a_ticket_comes_with_its_link_and_a_repetition_has_the_same_bytes,
    the_link_shows_where_the_ticket_stands_and_nothing_about_the_person,
    the_holder_of_the_link_leaves_the_line,
    the_holder_of_the_link_lets_others_go_first,
    an_opinion_is_given_once_after_the_visit,
    t06_guessing_is_answered_alike_and_soon_not_at_all,
    a_link_survives_a_restart_and_not_another_master_key,
    the_page_needs_no_script_and_speaks_three_languages,
    what_a_tenant_configured_cannot_become_markup,
}

/// Somebody without any token.
struct Stranger {
    http: reqwest::Client,
    origin: String,
}

impl Stranger {
    fn of(app: &App) -> Self {
        let redirects = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(redirects).build().unwrap();
        Self { http, origin: app.origin().to_owned() }
    }

    async fn get(&self, path: &str) -> Answer {
        Client::sends(self.http.get(format!("{}{path}", self.origin))).await
    }

    async fn seen(&self, code: &str) -> Answer {
        self.get(&format!("/api/v1/public/tickets/{code}")).await
    }

    async fn does(&self, code: &str, what: &str, body: Value) -> Answer {
        let url = format!("{}/api/v1/public/tickets/{code}/{what}", self.origin);
        Client::sends(self.http.post(url).json(&body)).await
    }

    async fn sends_form(&self, path: &str, form: &'static str) -> Answer {
        let request = self.http.request(Method::POST, format!("{}{path}", self.origin));
        let kind = "application/x-www-form-urlencoded";
        Client::sends(request.header("content-type", kind).body(form)).await
    }
}

fn code(ticket: &Value) -> String {
    ticket["tracking"]["code"].as_str().unwrap().to_owned()
}

async fn a_ticket_comes_with_its_link_and_a_repetition_has_the_same_bytes(app: &mut App) {
    let (kiosk, key) = (app.kiosk(), fresh_key());
    let body = json!({ "queue_id": app.branch().a });
    let first = kiosk.post_as(&key, "/tickets", body.clone()).await;
    let ticket = first.is(201);
    let code = code(&ticket);
    assert_eq!((code.len(), &ticket["tracking"]["path"]), (27, &json!(format!("/t/{code}"))));
    assert_eq!(URL_SAFE_NO_PAD.decode(&code).unwrap().len() * 8, 160);
    let again = kiosk.post_as(&key, "/tickets", body.clone()).await;
    assert_eq!((again.text.as_str(), again.is_replay()), (first.text.as_str(), true));
    assert_eq!(again.header("location"), first.header("location"));
    app.restart().await;
    let kiosk = app.kiosk();
    assert_eq!(kiosk.post_as(&key, "/tickets", body).await.text, first.text);
    let hash = app.engine().store().live_keys(app.bank().id(), domain::Timestamp(0)).await.unwrap();
    for key in hash {
        let kept = app.engine().store().key_reply(app.bank().id(), key.seq).await.unwrap().unwrap();
        assert!(!kept.body.contains(&code), "the link is kept nowhere");
    }
}

async fn the_link_shows_where_the_ticket_stands_and_nothing_about_the_person(app: &mut App) {
    let (branch, awa, anybody) = (app.branch(), app.awa(), Stranger::of(app));
    let person = json!({ "name": "Ndeye Canary", "phone": "+221770001122", "email": "canary@example.org",
        "tags": ["canary-tag"] });
    awa.issue(branch.a).await;
    app.wait(1);
    let ticket = awa.issue_with(branch.a, person).await.is(201);
    let shown = anybody.seen(&code(&ticket)).await;
    let view = shown.is(200);
    assert_eq!((number(&view), &view["state"]), ("A002", &json!("waiting")));
    assert_eq!((&view["position"], &view["ahead"]), (&json!(2), &json!(1)));
    assert_eq!((&view["site"], &view["service"]["fr"]), (&json!("dakar"), &json!("cash")));
    assert_eq!(view["may"], json!({ "cancel": true, "delay": true, "feedback": false }));
    let page = anybody.get(&format!("/t/{}", code(&ticket))).await;
    assert_eq!(page.status, 200);
    for text in [&shown.text, &page.text] {
        for secret in ["anary", "22177", "customer", "agent", ticket["id"].as_str().unwrap()] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
    awa.sign_in().await;
    let first = awa.serve_next().await;
    awa.order(&first, "finish").await.is(200);
    app.until_free(&awa).await;
    awa.call_next().await.is(200);
    let view = anybody.seen(&code(&ticket)).await.is(200);
    assert_eq!((&view["state"], &view["counter"]), (&json!("called"), &json!("1")));
    assert_eq!((&view["position"], &view["calls"]), (&Value::Null, &json!(1)));
    assert!(anybody.get(&format!("/t/{}", code(&ticket))).await.text.contains("class=\"called\""));
}

async fn the_holder_of_the_link_leaves_the_line(app: &mut App) {
    let (branch, awa, anybody) = (app.branch(), app.awa(), Stranger::of(app));
    let ticket = awa.issue(branch.a).await;
    let view = anybody.does(&code(&ticket), "cancel", json!({})).await.is(200);
    assert_eq!(view["state"], "cancelled");
    assert_eq!(awa.ticket(&ticket).await["state"], "cancelled");
    anybody.does(&code(&ticket), "cancel", json!({})).await.refused(409, "ticket_ended");
    anybody.does(&code(&ticket), "delay", json!({})).await.refused(409, "ticket_ended");
    let by =
        app.journal(branch.a).await.last().map(|event| (event.kind.clone(), event.actor.clone()));
    assert_eq!(by, Some(("ticket.cancelled".into(), "subject:ticket_link".into())));
    let served = awa.issue(branch.a).await;
    awa.sign_in().await;
    awa.serve_next().await;
    anybody.does(&code(&served), "cancel", json!({})).await.refused(409, "invalid_transition");
}

async fn the_holder_of_the_link_lets_others_go_first(app: &mut App) {
    let (branch, awa, anybody) = (app.branch(), app.awa(), Stranger::of(app));
    let mine = awa.issue(branch.a).await;
    for _ in 0..5 {
        app.wait(1);
        awa.issue(branch.a).await;
    }
    let code = code(&mine);
    for bad in [json!({ "people": 0 }), json!({ "people": 51 }), json!({ "priority": 9 })] {
        anybody.does(&code, "delay", bad).await.refused(400, "invalid_request");
    }
    let view = anybody.does(&code, "delay", json!({})).await.is(200);
    assert_eq!((&view["state"], &view["ahead"]), (&json!("waiting"), &json!(3)));
    assert_eq!(awa.ticket(&mine).await["requeues"], 0, "no call was missed");
    app.restart().await;
    let (awa, anybody) = (app.awa(), Stranger::of(app));
    assert_eq!(anybody.seen(&code).await.is(200)["ahead"], 3, "as the journal has it");
    awa.sign_in().await;
    let mut called = Vec::new();
    for _ in 0..4 {
        let ticket = awa.serve_next().await;
        called.push(number(&ticket).to_owned());
        awa.order(&ticket, "finish").await.is(200);
        app.until_free(&awa).await;
    }
    assert_eq!(called, ["A002", "A003", "A004", "A001"]);
}

async fn an_opinion_is_given_once_after_the_visit(app: &mut App) {
    let (branch, awa, anybody) = (app.branch(), app.awa(), Stranger::of(app));
    let ticket = awa.issue(branch.a).await;
    let code = code(&ticket);
    let good = json!({ "csat": 5, "nps": 9, "comment": "rapide" });
    anybody.does(&code, "feedback", good.clone()).await.refused(409, "invalid_transition");
    awa.sign_in().await;
    let served = awa.serve_next().await;
    awa.order(&served, "finish").await.is(200);
    app.until_free(&awa).await;
    assert_eq!(anybody.seen(&code).await.is(200)["may"]["feedback"], true);
    for bad in [
        json!({}),
        json!({ "comment": "no mark" }),
        json!({ "csat": 0 }),
        json!({ "csat": 6 }),
        json!({ "nps": 11 }),
        json!({ "csat": "5" }),
        json!({ "csat": 5, "ticket_id": ticket["id"] }),
        json!({ "csat": 5, "comment": "x".repeat(501) }),
    ] {
        anybody.does(&code, "feedback", bad).await.refused(400, "invalid_request");
    }
    anybody.does(&code, "feedback", good).await.is(204);
    anybody.does(&code, "feedback", json!({ "csat": 1 })).await.refused(409, "taken");
    assert_eq!(anybody.seen(&code).await.is(200)["may"]["feedback"], false);
    let page = app.manager().get("/feedback?limit=1").await.is(200);
    let opinion = &page["items"][0];
    assert_eq!((&opinion["csat"], &opinion["nps"]), (&json!(5), &json!(9)));
    assert_eq!((&opinion["comment"], &opinion["agent_id"]), (&json!("rapide"), &json!(branch.awa)));
    assert_eq!(page["next_cursor"], Value::Null);
    let elsewhere = format!("/feedback?site_id={}", branch.thies);
    assert_eq!(app.manager().get(&elsewhere).await.is(200)["items"], json!([]));
    assert_eq!(app.stranger().get("/feedback").await.is(200)["items"], json!([]));
    awa.get("/feedback").await.refused(403, "insufficient_scope");
}

async fn t06_guessing_is_answered_alike_and_soon_not_at_all(app: &mut App) {
    let anybody = Stranger::of(app);
    let right = code(&app.awa().issue(app.branch().a).await);
    let mut near = URL_SAFE_NO_PAD.decode(&right).unwrap();
    near[19] ^= 1;
    let (near, far) = (URL_SAFE_NO_PAD.encode(near), URL_SAFE_NO_PAD.encode([7; 20]));
    let wrong = [near.as_str(), far.as_str(), "A001", "x", "%00", "..%2f..%2fetc"];
    let first = anybody.seen(wrong[0]).await;
    first.refused(404, "not_found");
    for guess in &wrong[1..] {
        let answer = anybody.seen(guess).await;
        assert_eq!((answer.status, &answer.text), (404, &first.text), "{guess}");
    }
    for what in ["cancel", "delay", "feedback"] {
        assert_eq!(anybody.does(&near, what, json!({})).await.text, first.text);
    }
    for _ in 9..20 {
        anybody.seen(&far).await.refused(404, "not_found");
    }
    let refused = anybody.seen(&far).await;
    refused.refused(429, "too_many_requests");
    assert!(refused.header("retry-after").is_some());
    anybody.seen(&right).await.refused(429, "too_many_requests");
    assert_eq!(anybody.get(&format!("/t/{right}")).await.status, 429, "the page is no way around");
    app.awa().issue(app.branch().a).await;
    app.wait(61);
    assert_eq!(anybody.seen(&right).await.is(200)["state"], "waiting");
    for _ in 0..40 {
        anybody.seen(&right).await.is(200);
    }
}

async fn a_link_survives_a_restart_and_not_another_master_key(app: &mut App) {
    let code = code(&app.awa().issue(app.branch().a).await);
    app.restart().await;
    assert_eq!(Stranger::of(app).seen(&code).await.is(200)["number"], "A001");
    app.stop().await;
    app.forget_master_key();
    app.start_again().await;
    Stranger::of(app).seen(&code).await.refused(404, "not_found");
}

async fn the_page_needs_no_script_and_speaks_three_languages(app: &mut App) {
    let (branch, awa, anybody) = (app.branch(), app.awa(), Stranger::of(app));
    let ticket = awa.issue_with(branch.a, json!({ "language": "ar" })).await.is(201);
    let path = format!("/t/{}", code(&ticket));
    for (query, sign) in
        [("", "dir=\"rtl\""), ("?lang=fr", "lang=\"fr\""), ("?lang=en", "Your number")]
    {
        let page = anybody.get(&format!("{path}{query}")).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains(sign) && page.text.contains("A001"), "{}", page.text);
        assert!(page.text.contains("http-equiv=\"refresh\"") && !page.text.contains("<script"));
        assert!(!page.text.contains("style="), "no style inside the page");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert!(page.headers.get("set-cookie").is_none());
    }
    assert_eq!(anybody.get("/t/style.css").await.status, 200);
    awa.issue(branch.a).await;
    let moved = anybody.sends_form(&format!("{path}/delay?lang=en"), "").await;
    assert_eq!(
        (moved.status, moved.header("location")),
        (303, Some(format!("{path}?lang=en").as_str()))
    );
    let left = anybody.sends_form(&format!("{path}/cancel"), "").await;
    assert_eq!((left.status, left.header("location")), (303, Some(path.as_str())));
    let page = anybody.get(&format!("{path}?lang=en")).await.text;
    assert!(page.contains("You cancelled this ticket.") && !page.contains("refresh\""), "{page}");
    assert_eq!(anybody.sends_form(&format!("{path}/cancel"), "").await.status, 409);
    assert_eq!(anybody.sends_form(&format!("{path}/feedback"), "csat=&nps=").await.status, 400);
    let said =
        anybody.sends_form(&format!("{path}/feedback"), "csat=4&nps=&comment=%C3%A7a+va").await;
    assert_eq!(said.status, 303, "{}", said.text);
    let items = app.manager().get("/feedback").await.is(200)["items"].clone();
    assert_eq!((&items[0]["csat"], &items[0]["comment"]), (&json!(4), &json!("ça va")));
}

async fn what_a_tenant_configured_cannot_become_markup(app: &mut App) {
    let (branch, anybody) = (app.branch(), Stranger::of(app));
    let evil = "<img src=x onerror=alert(1)>";
    app.configure("sites", branch.dakar, json!({ "name": evil })).await;
    app.configure("services", branch.cash, json!({ "names": { "fr": evil } })).await;
    let ticket = app.awa().issue(branch.a).await;
    let page = anybody.get(&format!("/t/{}", code(&ticket))).await.text;
    assert!(!page.contains("<img") && page.contains("&lt;img"), "{page}");
}
