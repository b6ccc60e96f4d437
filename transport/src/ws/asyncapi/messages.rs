//! The messages of the description: a name, an example, what it is for, and the members it has.
//!
//! The types of the members are read off the example, so that description and example cannot part.
//! Invariant: a member that may be left out is named in `optional`; all others are required.

use serde_json::{Map, Value, json};

/// A name and an example, as JSON text.
pub(super) type Messages = &'static [(&'static str, &'static str)];

pub(super) const FROM_CLIENT: Messages = &[
    ("auth", r#"{"op":"auth","token":"eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln"}"#),
    (
        "subscribe",
        r#"{"op":"subscribe","topic":"queue:01890a5d-ac96-774b-bcce-b302099a8057","epoch":7,"seq":1041,"histogram":false}"#,
    ),
    ("unsubscribe", r#"{"op":"unsubscribe","topic":"queue:01890a5d-ac96-774b-bcce-b302099a8057"}"#),
    (
        "command",
        r#"{"op":"command","id":"c1","name":"call_next","args":{"queue_id":"01890a5d-ac96-774b-bcce-b302099a8057"},"key":"4f1c"}"#,
    ),
    (
        "ack",
        r#"{"op":"ack","topic":"site:01890a5d-ac96-774b-bcce-b302099a8057","seq":1042,"what":"shown"}"#,
    ),
    ("ping", r#"{"op":"ping"}"#),
];

pub(super) const TO_CLIENT: Messages = &[
    (
        "welcome",
        r#"{"op":"welcome","session":"01890a5d-ac96-774b-bcce-b302099a8057","heartbeat_seconds":20,"server_time":"2026-03-04T09:30:00Z"}"#,
    ),
    (
        "subscribed",
        r#"{"op":"subscribed","topic":"queue:01890a5d-ac96-774b-bcce-b302099a8057","epoch":7,"seq":1041,"recovered":true}"#,
    ),
    (
        "snapshot",
        r#"{"op":"snapshot","topic":"queue:01890a5d-ac96-774b-bcce-b302099a8057","epoch":8,"seq":3,"reset":true,"data":{"state":"open","waiting":3}}"#,
    ),
    (
        "event",
        r#"{"op":"event","topic":"site:01890a5d-ac96-774b-bcce-b302099a8057","seq":1042,"type":"ticket.called","at":"2026-03-04T09:30:00Z","data":{"ticket":{"id":"01890a5d-ac96-774b-bcce-b302099a8058","number":"A042","class":"normal","queue_id":"01890a5d-ac96-774b-bcce-b302099a8057","service":"withdrawals","language":"fr"},"counter":"3","agent_id":"01890a5d-ac96-774b-bcce-b302099a8059","calls":1,"reason":{"code":"first_come","text":"next in line"},"called_at":"2026-03-04T09:30:00Z"}}"#,
    ),
    (
        "figures",
        r#"{"op":"event","topic":"stats:queue:01890a5d-ac96-774b-bcce-b302099a8057","seq":3,"type":"stats.updated","at":"2026-03-04T09:30:00Z","data":{"queue_id":"01890a5d-ac96-774b-bcce-b302099a8057","waiting":3,"called":1,"serving":2,"held":0,"longest_wait_seconds":312,"agents":{"available":0,"busy":2,"on_break":1},"wait":{"p50":180,"p90":421,"p95":431,"p99":431,"count":13},"walk":{"p50":12,"p90":31,"p95":33,"p99":33,"count":12},"service":{"p50":205,"p90":391,"p95":401,"p99":401,"count":11},"service_level":0.9231,"service_level_2":0.9286,"arrivals_15m":14,"served_15m":11,"abandoned_15m":1,"no_shows_15m":1,"60m":{"wait":{"p50":180,"p90":421,"p95":431,"p99":431,"count":13},"walk":{"p50":12,"p90":31,"p95":33,"p99":33,"count":12},"service":{"p50":205,"p90":391,"p95":401,"p99":401,"count":11},"service_level":0.9231,"service_level_2":0.9286,"arrivals":14,"served":11,"abandoned":1,"no_shows":1},"today":{"wait":{"p50":180,"p90":421,"p95":431,"p99":431,"count":13},"walk":{"p50":12,"p90":31,"p95":33,"p99":33,"count":12},"service":{"p50":205,"p90":391,"p95":401,"p99":401,"count":11},"service_level":0.9231,"service_level_2":0.9286,"arrivals":14,"served":11,"abandoned":1,"no_shows":1},"eta":{"p10":150,"p50":310,"p90":560},"histograms":{"wait":"HISTFAAAAD54nC2IsQ0AEBREzzUGUEjQGKklVijMYQmFDSxqBJL/7yX3kpf2cQACZFQb+bHqleBZGVmUzM7GSft5wgkGCA==","walk":"HISTFAAAADZ4nC2IsQ0AIBACkcTK0sLGXZzBjSzcwEUdQf95IEeg71MBNEiMTuJc4+rIBH9kG8X5AJSRA5Q=","service":"HISTFAAAADx4nC2IIRIAEBQFvy0OYEZSJUGWBFlwGlVwAxd1BOF7b2Z3ZsM+TkS86Pg2yrHq1TAp/5lGItKxPLF7Beg="}}}"#,
    ),
    (
        "result",
        r#"{"op":"result","id":"c1","replayed":true,"ok":{"number":"A042","state":"called"}}"#,
    ),
    (
        "refused",
        r#"{"op":"result","id":"c1","error":{"type":"/docs/problems#agent_busy","title":"Agent busy","status":409,"code":"agent_busy","detail":"the agent already has ticket A042"}}"#,
    ),
    (
        "error",
        r#"{"op":"error","topic":"queue:01890a5d-ac96-774b-bcce-b302099a8057","code":"forbidden","detail":"there is no such topic for you"}"#,
    ),
    ("reauth", r#"{"op":"reauth","in_seconds":60}"#),
    ("pong", r#"{"op":"pong"}"#),
];

pub(super) const ONE_TOPIC_FROM_CLIENT: Messages = &[
    (
        "oneTopicAuth",
        r#"{"type":"auth","token":"eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln"}"#,
    ),
    ("oneTopicPing", r#"{"type":"ping"}"#),
];

pub(super) const ONE_TOPIC_TO_CLIENT: Messages = &[
    (
        "oneTopicEvent",
        r#"{"type":"ticket.updated","event":"ticket.called","counter":"3","calls":1,"timestamp":"2026-03-04T09:30:00Z"}"#,
    ),
    ("oneTopicReauth", r#"{"type":"reauth","in_seconds":60}"#),
    ("oneTopicPong", r#"{"type":"pong"}"#),
];

/// What a message is for, and which of its members may be left out.
fn about(name: &str) -> (&'static str, &'static [&'static str]) {
    match name {
        "auth" => {
            ("Says who is there: first of all, and again to renew. The same principal only.", &[])
        }
        "subscribe" => (
            "Follows a topic; epoch and seq, both or none, say what was seen last. With histogram, figures (`stats:…`) carry \
             `histograms`: wait, walk and service of the last 15 minutes as HdrHistogram V2 with deflate, base64 in JSON \
             and bytes in MessagePack.",
            &["epoch", "seq", "histogram"],
        ),
        "unsubscribe" => ("Leaves a topic. There is no answer.", &[]),
        "command" => (
            "A command by name: issue, call_next, call, recall, start, hold, resume, finish, no_show, requeue, transfer, \
             cancel, remove, walk_out, reinstate, check_in, tag, note, set_priority, set_status, counter, sign_in, \
             sign_out, accept_offer, reject_offer, open, pause, close. `args` are the body of the route with ticket_id, \
             agent_id, queue_id or offer_id; `key` is its Idempotency-Key. With a ticket_id, `if_version` is its If-Match: a \
             ticket of another version is left alone and the error is version_conflict, with `current`. Commands of one socket are carried out in order.",
            &["args"],
        ),
        "ack" => ("A display or an agent has shown or heard the call in a frame of a site.", &[]),
        "ping" | "oneTopicPing" => ("Asks for a pong.", &[]),
        "welcome" => ("The sign-in was accepted.", &[]),
        "subscribed" => ("The frames after this position follow.", &[]),
        "snapshot" => {
            ("The whole truth of a topic; with reset, what the client knew is void.", &[])
        }
        "event" => (
            "Something happened. Statistics (`stats.updated`) may skip numbers: the newest stands for all.",
            &[],
        ),
        "figures" => (
            "Figures of a queue, a site (then without queue_id and eta) or the tenant: at most one a second for a topic, \
             and only when something changed. Durations are seconds; what names no window is of the last 15 minutes or of \
             now; 60m and today hold the same measures of their windows. Agents of several queues count once. \
             `histograms` is there only for who asked.",
            &[],
        ),
        "result" => {
            ("A command was carried out; ok is null where REST answers 204.", &["replayed"])
        }
        "refused" => {
            ("A command was refused; error is the problem that REST would answer.", &["replayed"])
        }
        "error" => (
            "A request about a topic was refused. Ten forbidden topics in 60 s close the socket.",
            &["topic"],
        ),
        "reauth" | "oneTopicReauth" => ("The token ends soon: send another.", &[]),
        "pong" | "oneTopicPong" => ("The answer to a ping.", &[]),
        "oneTopicAuth" => ("Says who is there, where neither header nor ticket did.", &[]),
        _ => (
            "Something happened, with the members of its data beside type and timestamp.",
            &["event", "counter", "calls"],
        ),
    }
}

/// The message `name` as AsyncAPI describes it.
pub(super) fn message(name: &str) -> Value {
    let lists = [FROM_CLIENT, TO_CLIENT, ONE_TOPIC_FROM_CLIENT, ONE_TOPIC_TO_CLIENT];
    let text = lists
        .into_iter()
        .flatten()
        .find(|(known, _)| *known == name)
        .map_or("{}", |(_, text)| text);
    let example: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    let (summary, optional) = about(name);
    let required: Vec<_> =
        example.keys().filter(|member| !optional.contains(&member.as_str())).collect();
    let properties: Map<_, _> =
        example.iter().map(|(member, value)| (member.clone(), schema(member, value))).collect();
    json!({
        "name": name,
        "summary": summary,
        "payload": { "type": "object", "required": required, "properties": properties },
        "examples": [{ "name": name, "payload": example }],
    })
}

fn schema(member: &str, value: &Value) -> Value {
    match (member, value) {
        ("op", word) => json!({ "const": word }),
        ("what", _) => json!({ "type": "string", "enum": ["shown", "heard"] }),
        ("at" | "server_time" | "timestamp", _) => {
            json!({ "type": "string", "format": "date-time" })
        }
        ("session", _) => json!({ "type": "string", "format": "uuid" }),
        ("ok", _) => json!({ "type": ["object", "null"] }),
        (_, Value::Bool(_)) => json!({ "type": "boolean" }),
        (_, Value::Number(_)) => json!({ "type": "integer" }),
        (_, Value::Object(_)) => json!({ "type": "object" }),
        (_, Value::Null | Value::String(_) | Value::Array(_)) => json!({ "type": "string" }),
    }
}
