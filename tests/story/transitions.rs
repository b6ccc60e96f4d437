//! The ticket's states against every command: what may be asked in each, and the refusal of all the rest.
//!
//! The table here is the one of the domain's description; every one of its cells is asked over the API.
//! Invariant: a refused command leaves no event behind.

use serde_json::{Value, json};

use crate::app::App;
use crate::client::Client;

stories! {
    remote_and_waiting_tickets_may_do_what_the_table_says,
    called_and_serving_tickets_may_do_what_the_table_says,
    held_tickets_may_do_what_the_table_says,
    ended_tickets_may_do_what_the_table_says,
    tags_and_notes_are_kept_in_every_state,
    a_held_ticket_leaves_the_hand_free_and_comes_back,
}

/// Every command there is, and who gives it: those who take a ticket into their hand are given by a colleague.
const COMMANDS: [(&str, By); 14] = [
    ("check-in", By::Holder),
    ("call", By::Colleague),
    ("recall", By::Holder),
    ("start", By::Holder),
    ("hold", By::Holder),
    ("resume", By::Colleague),
    ("finish", By::Holder),
    ("no-show", By::Holder),
    ("requeue", By::Holder),
    ("transfer", By::Holder),
    ("cancel", By::Holder),
    ("remove", By::Holder),
    ("walk-out", By::Holder),
    ("reinstate", By::Holder),
];

#[derive(Clone, Copy)]
enum By {
    Holder,
    Colleague,
}

/// A state, the commands that it allows with the state that follows, and the code that refuses the others.
type Row = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const TABLE: [Row; 11] = [
    ("remote", &[("check-in", "waiting"), ("cancel", "cancelled")], "invalid_transition"),
    (
        "waiting",
        &[
            ("call", "called"),
            ("cancel", "cancelled"),
            ("remove", "removed"),
            ("walk-out", "walked_out"),
        ],
        "invalid_transition",
    ),
    (
        "called",
        &[
            ("recall", "called"),
            ("start", "serving"),
            ("hold", "held"),
            ("no-show", "no_show"),
            ("requeue", "waiting"),
            ("cancel", "cancelled"),
        ],
        "invalid_transition",
    ),
    (
        "serving",
        &[("hold", "held"), ("finish", "served"), ("transfer", "waiting")],
        "invalid_transition",
    ),
    (
        "held",
        &[("call", "called"), ("resume", "serving"), ("requeue", "waiting")],
        "invalid_transition",
    ),
    ("served", &[], "ticket_ended"),
    ("no_show", &[("reinstate", "waiting")], "ticket_ended"),
    ("walked_out", &[("reinstate", "waiting")], "ticket_ended"),
    ("cancelled", &[("reinstate", "waiting")], "ticket_ended"),
    ("removed", &[("reinstate", "waiting")], "ticket_ended"),
    ("expired", &[], "ticket_ended"),
];

/// The story's people, and the app.
struct Scene<'a> {
    app: &'a App,
    awa: Client,
    binta: Client,
}

impl<'a> Scene<'a> {
    async fn new(app: &'a App) -> Self {
        let ladder = json!({ "min_calls": 1, "requeues_max": 0, "min_gap_seconds": 0 });
        app.ladder(app.branch().a, ladder).await;
        let (awa, binta) = (app.awa(), app.binta());
        awa.sign_in().await;
        binta.sign_in().await;
        Self { app, awa, binta }
    }

    /// A ticket of queue `A` in `state`; in Awa's hand where a state is in somebody's hand.
    async fn ticket_that_is(&self, state: &str) -> Value {
        let (queue, awa) = (self.app.branch().a, &self.awa);
        let remote = json!({ "remote": state == "remote" });
        let ticket = awa.issue_with(queue, remote).await.is(201);
        let steps: &[&str] = match state {
            "called" => &["call"],
            "serving" => &["call", "start"],
            "held" => &["call", "start", "hold"],
            "served" => &["call", "start", "finish"],
            "no_show" => &["call", "no-show"],
            "walked_out" => &["walk-out"],
            "cancelled" => &["cancel"],
            "removed" => &["remove"],
            "expired" => {
                let path = format!("/queues/{queue}");
                let manager = self.app.manager();
                manager
                    .post(&format!("{path}/close"), json!({ "waiting": "expire" }))
                    .await
                    .is(200);
                manager.post(&format!("{path}/open"), json!({})).await.is(200);
                &[]
            }
            _ => &[],
        };
        for step in steps {
            awa.order_with(&ticket, step, self.body(step)).await.is(200);
        }
        let ticket = awa.ticket(&ticket).await;
        assert_eq!(ticket["state"], state);
        ticket
    }

    fn body(&self, command: &str) -> Value {
        match command {
            "transfer" => json!({ "queue_id": self.app.branch().b }),
            "hold" => json!({ "reason": "papers", "pool": true }),
            _ => json!({}),
        }
    }

    async fn ask(&self, ticket: &Value, (command, by): (&str, By)) -> crate::client::Answer {
        let client = match by {
            By::Holder => &self.awa,
            By::Colleague => &self.binta,
        };
        client.order_with(ticket, command, self.body(command)).await
    }

    /// Both have their hands free again.
    async fn free_hands(&self) {
        self.app.finish_in_hand(&self.awa).await;
        self.app.finish_in_hand(&self.binta).await;
    }

    async fn check(&self, (state, allowed, refusal): &Row) {
        let of = |command: &str| allowed.iter().find(|(name, _)| *name == command);
        let ticket = self.ticket_that_is(state).await;
        let before = self.app.journal_length(self.app.branch().a).await;
        for command in COMMANDS.iter().filter(|(name, _)| of(name).is_none()) {
            let answer = self.ask(&ticket, *command).await;
            let problem = answer.refused(409, self.refusal(state, command.0, refusal));
            match problem["code"].as_str() {
                Some("ticket_ended") => assert_eq!(problem["state"], *state, "{}", command.0),
                _ => assert_eq!(problem["from"], *state, "{}", command.0),
            }
        }
        assert_eq!(self.app.journal_length(self.app.branch().a).await, before, "{state}: no event");
        self.free_hands().await;
        for command in COMMANDS {
            let Some((_, after)) = of(command.0) else { continue };
            let ticket = self.ticket_that_is(state).await;
            let answer = self.ask(&ticket, command).await.is(200);
            assert_eq!(answer["state"], *after, "{state}, {}", command.0);
            self.free_hands().await;
        }
    }

    /// A live ticket is no ended one: bringing it back is a wrong step.
    fn refusal(&self, state: &str, command: &str, refusal: &'static str) -> &'static str {
        let live = TABLE[..5].iter().any(|(name, ..)| *name == state);
        if live && command == "reinstate" {
            return "invalid_transition";
        }
        let comes_back =
            TABLE[5..].iter().any(|(name, allowed, _)| *name == state && !allowed.is_empty());
        assert!(!comes_back || command != "reinstate");
        refusal
    }
}

async fn check_rows(app: &mut App, rows: &[Row]) {
    let scene = Scene::new(app).await;
    for row in rows {
        Box::pin(scene.check(row)).await;
    }
}

async fn remote_and_waiting_tickets_may_do_what_the_table_says(app: &mut App) {
    check_rows(app, &TABLE[0..2]).await;
}

async fn called_and_serving_tickets_may_do_what_the_table_says(app: &mut App) {
    check_rows(app, &TABLE[2..4]).await;
}

async fn held_tickets_may_do_what_the_table_says(app: &mut App) {
    check_rows(app, &TABLE[4..5]).await;
}

async fn ended_tickets_may_do_what_the_table_says(app: &mut App) {
    check_rows(app, &TABLE[5..11]).await;
}

async fn tags_and_notes_are_kept_in_every_state(app: &mut App) {
    let scene = Scene::new(app).await;
    for (state, ..) in TABLE {
        let ticket = scene.ticket_that_is(state).await;
        let tagged =
            scene.awa.order_with(&ticket, "tag", json!({ "tags": ["b", "a", "b"] })).await.is(200);
        assert_eq!((&tagged["tags"], &tagged["state"]), (&json!(["a", "b"]), &json!(state)));
        scene.awa.order_with(&ticket, "note", json!({ "text": "asked for Awa" })).await.is(200);
        scene.free_hands().await;
    }
}

async fn a_held_ticket_leaves_the_hand_free_and_comes_back(app: &mut App) {
    let scene = Scene::new(app).await;
    let (awa, queue) = (&scene.awa, app.branch().a);
    let held = scene.ticket_that_is("serving").await;
    awa.order_with(&held, "hold", json!({ "reason": "fetching a document" })).await.is(200);
    app.until_free(awa).await;
    awa.issue(queue).await;
    let other = awa.serve_next().await;
    awa.order(&held, "resume").await.refused(409, "agent_busy");
    awa.order(&other, "finish").await.is(200);
    app.until_free(awa).await;
    let back = awa.order(&held, "resume").await.is(200);
    assert_eq!((&back["state"], &back["leg"]), (&json!("serving"), &json!(1)));
    awa.order(&back, "finish").await.is(200);
}
