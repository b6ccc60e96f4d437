//! The audit audited: faults planted on purpose, each of which it must find.
//!
//! An audit that finds nothing proves nothing, unless it would have found something.
//! Invariant: every control ends with a sound audit, so what was found was planted.

use persistence::StreamId;
use serde_json::json;

use crate::app::App;
use crate::audit::Audit;
use crate::client::id;

stories! {
    a_person_forgotten_by_the_living_is_found,
    an_edited_event_is_found,
    a_row_that_tells_another_story_is_found,
}

/// Runs the audit of the store in a task of its own; true when it found something.
#[expect(
    clippy::disallowed_methods,
    reason = "a panic of the audit is caught, and its end waited for"
)]
async fn finds_something(app: &App, audit: Audit) -> bool {
    let store = app.database.open().await;
    let looked = std::sync::Arc::clone(&store);
    let look = tokio::spawn(async move { audit.look_at_the_store(looked.as_ref()).await });
    let found = look.await.is_err();
    store.close().await;
    found
}

async fn looked_at(app: &App) -> Audit {
    let mut audit = Audit::without(std::collections::BTreeSet::new());
    audit.look_at_the_living(app.engine()).await;
    audit
}

async fn a_person_forgotten_by_the_living_is_found(app: &mut App) {
    app.kiosk().issue(app.branch().a).await;
    let (honest, mut planted) = (looked_at(app).await, looked_at(app).await);
    planted.forget_somebody();
    app.stop().await;
    assert!(!finds_something(app, honest).await, "nothing was wrong");
    assert!(finds_something(app, planted).await);
}

async fn an_edited_event_is_found(app: &mut App) {
    let (queue, tenant) = (app.branch().c, app.bank().id());
    app.manager().issue(queue).await;
    let audit = looked_at(app).await;
    app.stop().await;
    app.database.damage_event(tenant, StreamId(queue), 2).await;
    assert!(finds_something(app, audit).await);
    app.give_up(queue);
}

async fn a_row_that_tells_another_story_is_found(app: &mut App) {
    let (queue, tenant) = (app.branch().a, app.bank().id());
    let ticket = app.kiosk().issue(queue).await;
    let audit = looked_at(app).await;
    app.stop().await;
    app.database.damage_ticket_row(tenant, id(&ticket).parse().unwrap()).await;
    assert!(finds_something(app, audit).await);
    app.start_again().await;
    // The next event of the ticket writes its row anew.
    app.awa().order_with(&ticket, "tag", json!({ "tags": ["whole"] })).await.is(200);
}
