//! Capacity: the last place is sold once, whoever asks and however many at once.
//!
//! Who leaves makes room, and who is served does too.
//! Invariant: never more people wait than the queue takes.

use futures_util::future::join_all;
use serde_json::json;

use crate::app::App;

stories! { one_place_is_sold_once, staff_meets_a_full_queue_like_everybody, who_leaves_makes_room }

/// The original's fault 10: nine to twelve of twelve parallel joins were accepted for one place.
async fn one_place_is_sold_once(app: &mut App) {
    const JOINS: usize = 200;
    let (kiosk, queue) = (app.kiosk(), app.branch().a);
    app.configure_queue(queue, json!({ "capacity": 3 })).await;
    kiosk.issue(queue).await;
    kiosk.issue(queue).await;
    let answers = join_all((0..JOINS).map(|_| kiosk.issue_with(queue, json!({})))).await;
    let (sold, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((sold.len(), refused.len()), (1, JOINS - 1));
    for answer in refused {
        assert_eq!(answer.refused(409, "queue_full")["capacity"], 3);
    }
    let view = app.manager().queue(queue).await;
    assert_eq!((&view["waiting"], &view["full"]), (&json!(3), &json!(true)));
}

async fn staff_meets_a_full_queue_like_everybody(app: &mut App) {
    let queue = app.branch().a;
    app.configure_queue(queue, json!({ "capacity": 1 })).await;
    app.kiosk().issue(queue).await;
    for client in [app.kiosk(), app.awa(), app.manager(), app.admin()] {
        client.issue_with(queue, json!({})).await.refused(409, "queue_full");
    }
}

async fn who_leaves_makes_room(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    app.configure_queue(queue, json!({ "capacity": 1 })).await;
    awa.sign_in().await;
    let first = awa.issue(queue).await;
    awa.issue_with(queue, json!({ "remote": true })).await.refused(409, "queue_full");
    awa.order(&first, "walk-out").await.is(200);
    awa.issue(queue).await;
    awa.call_next().await.is(200);
    awa.issue_with(queue, json!({ "remote": true })).await.is(201);
    awa.issue_with(queue, json!({})).await.refused(409, "queue_full");
}
