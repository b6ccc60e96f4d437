//! More than the program takes: it says so at once, does nothing for those it sends away, and serves the rest.
//!
//! The limits are set low, so that a handful of clients is a crowd.
//! Invariant: what was refused for lack of room left nothing behind, and may be sent again under the same key.

use futures_util::future::join_all;
use serde_json::json;

use crate::app::{App, eventually};
use crate::client::fresh_key;
use crate::socket::Socket;

stories! {
    a_hot_queue_sends_away_what_it_cannot_take,
    t13_a_socket_of_a_disabled_agent_is_closed,
}

/// D08.
async fn a_hot_queue_sends_away_what_it_cannot_take(app: &mut App) {
    const CROWD: usize = 200;
    app.restart_with(&[("SMARTQUEUE__LIMITS__COMMANDS_PER_QUEUE_MAX", "4")]).await;
    let (branch, kiosk) = (app.branch(), app.kiosk());
    let body = json!({ "queue_id": branch.a });
    let keys: Vec<String> = (0..CROWD).map(|_| fresh_key()).collect();
    let sent = join_all(keys.iter().map(|key| kiosk.post_as(key, "/tickets", body.clone())));
    let sibling = async {
        let manager = app.manager();
        for _ in 0..10 {
            manager.issue(branch.c).await;
        }
    };
    let (answers, ()) = futures_util::future::join(sent, sibling).await;
    let (taken, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 201);
    for answer in &refused {
        answer.refused(429, "too_many_requests");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    assert!(!refused.is_empty(), "{CROWD} at once, and four are taken at once");
    assert_eq!(app.count(branch.a, "ticket.issued").await, taken.len());
    for key in &keys {
        eventually("there is room again", async || {
            (kiosk.post_as(key, "/tickets", body.clone()).await.status == 201).then_some(())
        })
        .await;
    }
    assert_eq!(
        app.count(branch.a, "ticket.issued").await,
        CROWD,
        "each once, however often it was sent"
    );
}

async fn t13_a_socket_of_a_disabled_agent_is_closed(app: &mut App) {
    let (branch, binta) = (app.branch(), app.binta());
    let mut socket = Socket::signed_in(app, &binta.token).await;
    socket.follow(&format!("queue:{}", branch.a)).await;
    app.configure("agents", branch.binta, json!({ "active": false })).await;
    assert_eq!(socket.end().await, 4401);
}
