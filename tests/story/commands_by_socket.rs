//! Commands over the socket: the same as over REST, with the same keys, refusals and rights.
//!
//! Agents' applications use nothing else for a whole day.
//! Invariant: a command repeated under its key has one effect, whichever socket repeats it.

use serde_json::{Value, json};

use crate::app::App;
use crate::client::{fresh_key, id, number};
use crate::socket::Socket;

stories! {
    an_agent_works_a_whole_ticket_over_the_socket,
    a_repeated_command_gives_the_first_answer,
    refusals_are_the_problems_of_rest,
    rights_are_those_of_rest,
}

async fn an_agent_works_a_whole_ticket_over_the_socket(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    let mut socket = Socket::speaking(app, &awa.token, "smartqueue.v1.msgpack").await;
    let mut give = async |name: &str, args: Value| {
        let result = socket.command(name, args, &fresh_key()).await;
        assert!(result.get("error").is_none(), "{name}: {result}");
        result["ok"].clone()
    };
    assert_eq!(give("sign_in", json!({})).await["presence"], "available");
    assert_eq!(give("call_next", json!({})).await, Value::Null, "nobody waits");
    let issued = give("issue", json!({ "queue_id": branch.a, "channel": "staff" })).await;
    assert_eq!(number(&issued), "A001");
    assert_eq!(id(&give("call_next", json!({})).await), id(&issued));
    let of = |more: Value| {
        let mut args = json!({ "ticket_id": id(&issued) });
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    assert_eq!(give("recall", of(json!({}))).await["calls"], 2);
    assert_eq!(give("start", of(json!({}))).await["state"], "serving");
    assert_eq!(give("hold", of(json!({ "reason": "papers" }))).await["state"], "held");
    assert_eq!(give("resume", of(json!({}))).await["state"], "serving");
    give("tag", of(json!({ "tags": ["papers"] }))).await;
    give("note", of(json!({ "text": "brought everything" }))).await;
    assert_eq!(
        give("transfer", of(json!({ "queue_id": branch.b }))).await["queue_id"],
        json!(branch.b)
    );
    app.until_free(&awa).await;
    assert_eq!(id(&give("call_next", json!({ "queue_id": branch.b })).await), id(&issued));
    give("start", of(json!({}))).await;
    assert_eq!(give("finish", of(json!({ "outcomes": ["paid"] }))).await["state"], "served");
    app.until_free(&awa).await;
    assert_eq!(
        give("set_status", json!({ "presence": "on_break", "reason": "lunch" })).await["presence"],
        "on_break"
    );
    assert_eq!(give("sign_out", json!({})).await["presence"], "offline");
}

async fn a_repeated_command_gives_the_first_answer(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    let (key, args) = (fresh_key(), json!({ "queue_id": branch.a, "channel": "staff" }));
    let mut socket = Socket::signed_in(app, &awa.token).await;
    let first = socket.command("issue", args.clone(), &key).await;
    let again = socket.command("issue", args.clone(), &key).await;
    assert_eq!((&again["ok"], &again["replayed"]), (&first["ok"], &json!(true)));
    app.restart().await;
    let mut socket = Socket::signed_in(app, &app.awa().token).await;
    let again = socket.command("issue", args, &key).await;
    assert_eq!((&again["ok"], &again["replayed"]), (&first["ok"], &json!(true)));
    let other =
        socket.command("issue", json!({ "queue_id": branch.b, "channel": "staff" }), &key).await;
    assert_eq!(other["error"]["code"], "idempotency_key_reused");
    assert_eq!(app.count(branch.a, "ticket.issued").await, 1);
}

async fn refusals_are_the_problems_of_rest(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    let ticket = awa.issue(branch.a).await;
    let mut socket = Socket::signed_in(app, &awa.token).await;
    let mut refused = async |name: &str, args: Value, key: &str| {
        let problem = socket.command(name, args, key).await["error"].clone();
        (problem["status"].clone(), problem["code"].as_str().unwrap_or_default().to_owned())
    };
    let of = json!({ "ticket_id": id(&ticket) });
    let told = |status: u16, code: &str| (json!(status), code.to_owned());
    assert_eq!(refused("start", of.clone(), &fresh_key()).await, told(409, "invalid_transition"));
    assert_eq!(
        refused("call_next", json!({}), &fresh_key()).await,
        told(409, "agent_not_available")
    );
    assert_eq!(refused("fly", of.clone(), &fresh_key()).await, told(400, "invalid_request"));
    let more = json!({ "ticket_id": id(&ticket), "status": "served" });
    assert_eq!(refused("start", more, &fresh_key()).await, told(400, "invalid_request"));
    let unknown = json!({ "ticket_id": branch.a });
    assert_eq!(refused("start", unknown, &fresh_key()).await, told(404, "not_found"));
    assert_eq!(refused("cancel", of.clone(), "").await.0, json!(400), "a key is asked for");
    socket.say(json!({ "op": "command", "id": "c1", "name": "cancel", "args": of })).await;
    let result = socket.hear_until(|frame| frame["id"] == "c1").await;
    assert_eq!(result["error"]["code"], "idempotency_key_missing");
    assert_eq!(app.manager().ticket(&ticket).await["state"], "waiting");
}

async fn rights_are_those_of_rest(app: &mut App) {
    let (branch, awa) = (app.branch(), app.awa());
    let ticket = awa.issue(branch.a).await;
    let remote = app.manager().issue(branch.c).await;
    let foreign = app.stranger().issue(branch.foreign_queue).await;
    for (client, name, args, code) in [
        (app.kiosk(), "cancel", json!({ "ticket_id": id(&ticket) }), "insufficient_scope"),
        (app.display(), "issue", json!({ "queue_id": branch.a }), "insufficient_scope"),
        (app.awa(), "pause", json!({ "queue_id": branch.a }), "insufficient_scope"),
        (app.awa(), "call_next", json!({ "agent_id": branch.binta }), "insufficient_scope"),
        (app.awa(), "cancel", json!({ "ticket_id": id(&remote) }), "not_assigned"),
        (app.admin(), "cancel", json!({ "ticket_id": id(&foreign) }), "not_found"),
        (app.manager(), "sign_in", json!({}), "no_agent"),
    ] {
        let mut socket = Socket::signed_in(app, &client.token).await;
        let result = socket.command(name, args, &fresh_key()).await;
        assert_eq!(result["error"]["code"], code, "{name}: {result}");
    }
}
