//! The day's end and the day's beginning, at the site's own midnight.
//!
//! The clock stands just before midnight in Dakar, which is on UTC, until a story moves it.
//! Invariant: a number is one person's on one day at one queue, also for those who come at midnight.

use futures_util::future::join_all;
use serde_json::json;

use crate::app::{App, eventually};
use crate::client::number;

stories! {
    at "2026-03-02T23:58:00Z";
    at_midnight_the_line_is_emptied_and_the_numbers_begin_again,
    a_queue_without_a_close_of_day_goes_on,
    numbers_around_midnight_are_each_given_once,
    midnight_comes_also_while_the_program_is_stopped,
}

async fn at_midnight_the_line_is_emptied_and_the_numbers_begin_again(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    awa.sign_in().await;
    awa.issue(queue).await;
    let at_counter = awa.serve_next().await;
    let waiting = awa.issue(queue).await;
    app.wait_until("2026-03-03T00:00:00Z");
    eventually("yesterday's line is empty", async || {
        Some(app.awa().ticket(&waiting).await).filter(|ticket| ticket["state"] == "expired")
    })
    .await;
    let awa = app.awa();
    assert_eq!(awa.ticket(&at_counter).await["state"], "serving", "who is at a counter stays");
    assert_eq!(number(&awa.issue(queue).await), "A001");
    awa.order(&at_counter, "finish").await.is(200);
    assert_eq!(app.count(queue, "ticket.expired").await, 1);
}

async fn a_queue_without_a_close_of_day_goes_on(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    let body = json!({ "expire_at_close_of_day": false, "restart_daily": false });
    app.configure_queue(queue, body).await;
    let waiting = awa.issue(queue).await;
    app.wait_until("2026-03-03T10:00:00Z");
    app.restart().await;
    let awa = app.awa();
    assert_eq!(awa.ticket(&waiting).await["state"], "waiting");
    assert_eq!(number(&awa.issue(queue).await), "A002");
}

async fn numbers_around_midnight_are_each_given_once(app: &mut App) {
    const EACH: usize = 40;
    let (queue, kiosk) = (app.branch().a, app.kiosk());
    app.wait_until("2026-03-02T23:59:59Z");
    let joins = join_all((0..EACH).map(|_| kiosk.issue(queue)));
    let midnight = async {
        tokio::task::yield_now().await;
        app.wait_until("2026-03-03T00:00:00Z");
    };
    let (before, ()) = futures_util::future::join(joins, midnight).await;
    let kiosk = app.kiosk();
    let after = join_all((0..EACH).map(|_| kiosk.issue(queue))).await;
    let day = |ticket: &serde_json::Value| ticket["issued_at"].as_str().unwrap()[..10].to_owned();
    let mut given: Vec<_> = before
        .iter()
        .chain(&after)
        .map(|ticket| (day(ticket), number(ticket).to_owned()))
        .collect();
    given.sort();
    given.dedup();
    assert_eq!(given.len(), 2 * EACH, "each (day, number) once");
    let first_of_day = given.iter().find(|(day, _)| day == "2026-03-03").unwrap();
    assert_eq!(first_of_day.1, "A001");
}

async fn midnight_comes_also_while_the_program_is_stopped(app: &mut App) {
    let queue = app.branch().a;
    let waiting = app.awa().issue(queue).await;
    app.stop().await;
    app.wait_until("2026-03-03T07:00:00Z");
    app.start_again().await;
    let awa = app.awa();
    eventually("yesterday's line is empty", async || {
        Some(awa.ticket(&waiting).await).filter(|ticket| ticket["state"] == "expired")
    })
    .await;
    assert_eq!(number(&awa.issue(queue).await), "A001");
}
