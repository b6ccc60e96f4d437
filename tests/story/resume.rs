//! Coming back after a cut: the frames in between, or a reset with a snapshot; never a gap, never a frame twice.
//!
//! The reader cuts its own connection without a word, again and again, while tickets are issued and called.
//! Invariant: at the end the reader knows exactly what the server knows.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::app::{App, eventually};
use crate::client::{id, number};
use crate::socket::{Socket, epoch, seq};

stories! {
    a_reader_who_is_cut_off_again_and_again_misses_nothing,
    after_a_restart_the_epoch_is_another_and_the_reader_is_told,
    who_was_away_too_long_gets_a_snapshot,
    a_restart_tells_everybody_to_come_back,
}

/// Connections that the reader cuts.
const CUTS: usize = 60;
const TICKETS: usize = 150;

/// What a reader of a queue's topic makes of its frames.
struct Reader {
    topic: String,
    at: Option<(u64, u64)>,
    states: BTreeMap<String, String>,
    recovered: usize,
    resets: usize,
}

impl Reader {
    fn new(topic: String) -> Self {
        Self { topic, at: None, states: BTreeMap::new(), recovered: 0, resets: 0 }
    }

    async fn connect(&mut self, app: &App, token: &str) -> Socket {
        let mut socket = Socket::signed_in(app, token).await;
        let mut ask = json!({ "op": "subscribe", "topic": self.topic });
        if let Some((epoch, seq)) = self.at {
            (ask["epoch"], ask["seq"]) = (json!(epoch), json!(seq));
        }
        socket.say(ask).await;
        let first = socket.hear().await;
        match first["op"].as_str() {
            Some("subscribed") => {
                assert_eq!(
                    (first["recovered"].as_bool(), Some((epoch(&first), seq(&first)))),
                    (Some(true), self.at)
                );
                self.recovered += 1;
            }
            Some("snapshot") => {
                assert_eq!(first["reset"], json!(self.at.is_some()), "a reset is never silent");
                self.resets += usize::from(self.at.is_some());
                self.begin(&first);
            }
            other => panic!("{other:?}"),
        }
        socket
    }

    fn begin(&mut self, snapshot: &Value) {
        self.at = Some((epoch(snapshot), seq(snapshot)));
        self.states.clear();
        for entry in snapshot["data"]["head"].as_array().into_iter().flatten() {
            self.states.insert(id(entry).to_owned(), "waiting".to_owned());
        }
    }

    fn take(&mut self, frame: &Value) {
        let (epoch, last) = self.at.unwrap();
        assert_eq!(seq(frame), last + 1, "a gap, or a frame twice: {frame}");
        self.at = Some((epoch, seq(frame)));
        let ticket = &frame["data"]["ticket"];
        let state = frame["data"]["state"].as_str().unwrap_or("called");
        if ticket.is_object() {
            self.states.insert(id(ticket).to_owned(), state.to_owned());
        }
    }
}

async fn a_reader_who_is_cut_off_again_and_again_misses_nothing(app: &mut App) {
    let (branch, awa, kiosk) = (app.branch(), app.awa(), app.kiosk());
    awa.sign_in().await;
    let token = app.manager().token;
    let mut reader = Reader::new(format!("queue:{}", branch.a));
    let first = reader.connect(app, &token).await;
    drop(first);
    let work = async {
        let mut last = Value::Null;
        for round in 0..TICKETS {
            last = kiosk.issue(branch.a).await;
            if round % 3 == 0 {
                let ticket = awa.call_next().await.is(200);
                awa.order(&ticket, "start").await.is(200);
                awa.order(&ticket, "finish").await.is(200);
                app.until_free(&awa).await;
            }
        }
        id(&last).to_owned()
    };
    let read = async {
        for cut in 0..CUTS {
            let mut socket = reader.connect(app, &token).await;
            for _ in 0..=cut % 4 {
                let frame =
                    tokio::time::timeout(std::time::Duration::from_millis(20), socket.hear()).await;
                let Ok(frame) = frame else { break };
                reader.take(&frame);
            }
            drop(socket);
        }
        reader
    };
    let (last, mut reader) = futures_util::future::join(work, read).await;
    let mut socket = reader.connect(app, &token).await;
    while !reader.states.contains_key(&last) {
        let frame = socket.hear().await;
        reader.take(&frame);
    }
    assert_eq!(reader.resets, 0, "the history is long enough for these cuts");
    assert_eq!(reader.recovered, CUTS + 1, "of {CUTS} cuts");
    let manager = app.manager();
    for (ticket, state) in &reader.states {
        assert_eq!(manager.get(&format!("/tickets/{ticket}")).await.is(200)["state"], *state);
    }
    assert_eq!(reader.states.len(), TICKETS);
}

async fn after_a_restart_the_epoch_is_another_and_the_reader_is_told(app: &mut App) {
    let (branch, kiosk) = (app.branch(), app.kiosk());
    let mut reader = Reader::new(format!("queue:{}", branch.a));
    let mut socket = reader.connect(app, &app.manager().token).await;
    let ticket = kiosk.issue(branch.a).await;
    let frame = socket.hear().await;
    reader.take(&frame);
    let before = reader.at.unwrap();
    app.restart().await;
    let missed = app.kiosk().issue(branch.a).await;
    let _socket = reader.connect(app, &app.manager().token).await;
    assert_eq!(reader.resets, 1);
    assert_ne!(reader.at.unwrap().0, before.0, "another epoch");
    assert!(reader.states.contains_key(id(&ticket)) && reader.states.contains_key(id(&missed)));
}

async fn who_was_away_too_long_gets_a_snapshot(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    let mut reader = Reader::new(format!("queue:{}", branch.a));
    drop(reader.connect(app, &app.manager().token).await);
    let ticket = awa.issue(branch.a).await;
    for round in 0..300 {
        awa.order_with(&ticket, "tag", json!({ "tags": [format!("round {round}")] })).await.is(200);
    }
    let _socket = reader.connect(app, &app.manager().token).await;
    assert_eq!((reader.resets, reader.recovered), (1, 0));
    assert!(reader.states.contains_key(id(&ticket)));
}

async fn a_restart_tells_everybody_to_come_back(app: &mut App) {
    let branch = app.branch();
    let mut socket = Socket::signed_in(app, &app.manager().token).await;
    socket.follow(&format!("queue:{}", branch.a)).await;
    let ticket = app.kiosk().issue(branch.a).await;
    app.stop().await;
    assert_eq!(number(&socket.event("ticket.issued").await["data"]["ticket"]), number(&ticket));
    assert_eq!(socket.end().await, 1012);
    app.start_again().await;
    eventually("the ticket is there", async || {
        (app.manager().ticket(&ticket).await["state"] == "waiting").then_some(())
    })
    .await;
}
