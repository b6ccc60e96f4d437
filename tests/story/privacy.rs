//! Stories of personal data: hidden from whoever need not know it, erased for good, forgotten in time.
//!
//! The database is searched behind the program's back, and the search is seen to find what is there.
//! Invariant: figures stay as they were, whoever is erased.

use serde_json::{Value, json};

use crate::app::{App, eventually};
use crate::client::{Client, fresh_key, id};

stories! {
    at "2026-11-25T09:00:00Z";
    t10_names_and_numbers_are_masked_without_the_scope,
    a_customer_agrees_and_takes_it_back,
    erasing_somebody_leaves_figures_and_a_receipt,
    a03_an_erasure_is_done_again_after_a_restore,
    what_is_personal_is_forgotten_after_its_days,
}

const DAY: u32 = 86_400;
const CANARIES: [&str; 4] = ["Canari Dupont", "+221770008642", "dupont@example.org", "Canari note"];

async fn joined(app: &App) -> Value {
    let awa = app.awa();
    let person = json!({ "name": CANARIES[0], "phone": CANARIES[1], "email": CANARIES[2] });
    let ticket = awa.issue_with(app.branch().a, person).await.is(201);
    awa.order_with(&ticket, "note", json!({ "text": CANARIES[3] })).await.is(200);
    ticket
}

async fn only_customer(client: &Client) -> Value {
    let page = client.get("/customers").await.is(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "{page}");
    page["items"][0].clone()
}

async fn t10_names_and_numbers_are_masked_without_the_scope(app: &mut App) {
    joined(app).await;
    let admin = app.admin();
    let body = json!({ "name": "boards", "scopes": ["read:ticket"] });
    let key = admin.post("/api-keys", body).await.is(201);
    let holder = app.client(crate::branch::BANK, key["secret"].as_str().unwrap().to_owned());
    let masked = only_customer(&holder).await;
    assert_eq!(masked["masked"], true);
    let shown = (&masked["name"], &masked["phone"], &masked["email"]);
    assert_eq!(shown, (&json!("C***"), &json!("***42"), &json!("***@example.org")));
    let one = holder.get(&format!("/customers/{}", id(&masked))).await;
    one.is(200);
    assert!(CANARIES.iter().all(|canary| !one.text.contains(canary)), "{}", one.text);
    let clear = only_customer(&app.awa()).await;
    assert_eq!((&clear["name"], &clear["phone"]), (&json!(CANARIES[0]), &json!(CANARIES[1])));
    app.kiosk().get("/customers").await.refused(403, "insufficient_scope");
    let path = format!("/customers/{}", id(&clear));
    let theirs = app.stranger().get(&path).await;
    theirs.refused(404, "not_found");
    assert!(admin.get("/audit?action=customer.read").await.text.contains("customer:list"));
}

async fn a_customer_agrees_and_takes_it_back(app: &mut App) {
    joined(app).await;
    let awa = app.awa();
    let customer = only_customer(&awa).await;
    let path = format!("/customers/{}", id(&customer));
    let mut body =
        json!({ "name": CANARIES[0], "phone": CANARIES[1], "consents": { "sms": true } });
    let agreed = awa.put(&path, Some(1), &body).await.is(200);
    assert_eq!((&agreed["consents"]["sms"], &agreed["version"]), (&json!(true), &json!(2)));
    awa.put(&path, Some(1), &body).await.refused(412, "version_conflict");
    body["consents"] = json!({ "sms": true, "opted_out": true });
    awa.put(&path, None, &body).await.is(200);
    app.restart().await;
    let kept = app.awa().get(&path).await.is(200);
    assert_eq!(kept["consents"]["opted_out"], true);
    assert_eq!(kept["email"], Value::Null, "it was taken away");
    body["consents"] = json!({ "fax": true });
    app.awa().put(&path, None, &body).await.refused(400, "invalid_request");
    let log = app.admin().get("/audit?action=customer.replace").await;
    assert!(log.text.contains("opted_out") && !log.text.contains("Canari"), "{}", log.text);
}

/// P25.
async fn erasing_somebody_leaves_figures_and_a_receipt(app: &mut App) {
    let ticket = joined(app).await;
    let (admin, again) = (app.admin(), fresh_key());
    for other in [app.manager(), app.awa(), app.kiosk()] {
        other
            .post("/erasures", json!({ "phone": CANARIES[1] }))
            .await
            .refused(403, "insufficient_scope");
        other.get("/erasures").await.refused(403, "insufficient_scope");
    }
    for bad in [json!({}), json!({ "phone": "1", "email": "a@b" }), json!({ "passport": "1" })] {
        admin.post("/erasures", bad).await.refused(400, "invalid_request");
    }
    let asked = json!({ "phone": CANARIES[1] });
    let erased = admin.post_as(&again, "/erasures", asked.clone()).await;
    let receipt = erased.is(201);
    assert_eq!((&receipt["tickets"], receipt["hash"].as_str().unwrap().len()), (&json!(1), 64));
    assert!(CANARIES.iter().all(|canary| !erased.text.contains(canary)));
    let repeated = admin.post_as(&again, "/erasures", asked.clone()).await;
    assert!(repeated.is_replay() && repeated.text == erased.text, "{}", repeated.text);
    admin.post("/erasures", asked).await.refused(404, "not_found");
    assert_eq!(admin.get(&format!("/erasures/{}", id(&receipt))).await.is(200), receipt);
    assert_eq!(admin.get("/erasures").await.is(200)["items"], json!([receipt]));
    let theirs = app.stranger().get(&format!("/erasures/{}", id(&receipt))).await;
    assert!(
        theirs.text.contains("not_found") || theirs.text.contains("insufficient"),
        "{}",
        theirs.text
    );
    assert_eq!(admin.get("/customers").await.is(200)["items"], json!([]));
    assert_eq!(app.manager().queue(app.branch().a).await["waiting"], 1, "the ticket stays");
    app.awa().get(&format!("/tickets/{}", id(&ticket))).await.is(200);
    let log = admin.get("/audit?action=erasure.create").await;
    assert!(log.text.contains(&format!("erasure:{}", id(&receipt))), "{}", log.text);
    assert_eq!(app.find(&CANARIES).await, [""; 0]);
    // The control: the search finds what is in the clear there.
    assert!(!app.find(&[crate::branch::BANK]).await.is_empty());
    app.stop().await;
    assert_eq!(app.find(&CANARIES).await, [""; 0], "nor in snapshots");
}

/// On SQLite the backup is the file itself; PostgreSQL's is told in the store's own stories.
async fn a03_an_erasure_is_done_again_after_a_restore(app: &mut App) {
    let Some(file) = app.database.url().strip_prefix("sqlite:").map(str::to_owned) else { return };
    joined(app).await;
    app.stop().await;
    let backup = std::fs::read(&file).unwrap();
    app.start_again().await;
    let phone = json!({ "phone": CANARIES[1] });
    app.admin().post("/erasures", phone).await.is(201);
    app.stop().await;
    std::fs::write(&file, &backup).unwrap();
    let list = app.move_erasures_away();
    // The restored audit log ends before its checkpoints, which is not what this story is about.
    app.forget_checkpoints();
    app.start_again().await;
    assert_eq!(only_customer(&app.admin()).await["phone"], CANARIES[1], "without the list");
    app.stop().await;
    app.put_erasures_back(&list);
    app.start_again().await;
    assert_eq!(app.admin().get("/customers").await.is(200)["items"], json!([]));
    assert_eq!(app.admin().get("/erasures").await.is(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(app.find(&CANARIES).await, [""; 0]);
}

async fn what_is_personal_is_forgotten_after_its_days(app: &mut App) {
    let ticket = joined(app).await;
    let admin = app.admin();
    assert_eq!(admin.get("/privacy").await.is(200)["retention_days"], Value::Null);
    app.manager().get("/privacy").await.refused(403, "insufficient_scope");
    let set =
        async |days: Value| admin.put("/privacy", None, &json!({ "retention_days": days })).await;
    set(json!(0)).await.refused(400, "invalid_request");
    set(json!(30)).await.is(200);
    app.awa().order(&ticket, "cancel").await.is(200);
    app.wait(29 * DAY);
    app.restart().await;
    assert_eq!(app.admin().get("/privacy").await.is(200)["retention_days"], 30);
    // The job runs at the start, before anything is served; there is nothing to do yet.
    assert_eq!(only_customer(&app.admin()).await["name"], CANARIES[0]);
    app.wait(2 * DAY);
    app.restart().await;
    let admin = app.admin();
    eventually("the customer is forgotten", async || {
        let page = admin.get("/customers").await.is(200);
        page["items"].as_array().unwrap().is_empty().then_some(())
    })
    .await;
    let gone = json!({ "ticket_id": id(&ticket) });
    app.awa().get(&format!("/tickets/{}", id(&ticket))).await.is(200);
    eventually("nothing is left", async || app.find(&CANARIES).await.is_empty().then_some(()))
        .await;
    let receipt = admin.post("/erasures", gone).await.is(201);
    assert_eq!(receipt["tickets"], 1, "the visit still counts");
}
