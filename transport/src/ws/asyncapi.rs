//! The description of the sockets and the event streams: AsyncAPI 3.0 at `/asyncapi.json`.
//!
//! Written by hand beside the protocol and made once. `receive` is what the server hears, `send` what it says.
//! Invariant: every example of a client's message is one that the protocol reads; a test sees to it.

mod messages;

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use messages::{FROM_CLIENT, ONE_TOPIC_FROM_CLIENT, ONE_TOPIC_TO_CLIENT, TO_CLIENT};

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| document_text().into());

/// `GET /asyncapi.json`.
pub(super) async fn document() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, DOCUMENT.clone()).into_response()
}

fn document_text() -> String {
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "SmartQueue sockets",
            "version": env!("CARGO_PKG_VERSION"),
            "description": INTRODUCTION,
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "channels": channels(),
        "operations": operations(),
        "components": { "messages": all_messages(), "securitySchemes": security() },
    })
    .to_string()
}

const INTRODUCTION: &str = "Topics: `queue:{id}`, `site:{id}`, `agent:{id}`, `ticket:{id}`, `stats:queue:{id}`, \
    `stats:site:{id}`, `stats:tenant`, `alerts`, `devices`. Each has an epoch and a sequence; a client that comes back \
    with the last it saw gets the frames in between, or a snapshot with `reset`. Authentication: the Authorization \
    header, the first frame within 5 s, or a single-use ticket from `POST /ws-tickets` as `?ticket=`; never a token in \
    the address. Close codes: 1001 going away, 1002 protocol error, 1007 not UTF-8, 1009 message too big, 1012 restart, \
    4400 bad frame, 4401 unauthenticated or expired, 4403 forbidden, 4408 not authenticated in time, 4409 epoch changed, \
    4429 too fast, 4508 too slow.";

fn channels() -> Value {
    let tenant = json!({ "description": "Slug of the tenant.", "examples": ["baobab"] });
    let kinds = json!({ "description": "What to follow.", "enum": ["queues", "tickets", "agents", "displays"] });
    let id = json!({ "description": "Its id; for displays that of the site." });
    json!({
        "socket": {
            "address": "/api/v1/tenants/{tenant}/ws",
            "title": "Many topics, and commands",
            "description": "Subprotocol smartqueue.v1.json (text) or smartqueue.v1.msgpack (binary, the same maps).",
            "parameters": { "tenant": tenant },
            "messages": references(&[FROM_CLIENT, TO_CLIENT]),
        },
        "oneTopic": {
            "address": "/ws/tenants/{tenant}/{kind}/{id}/",
            "title": "One topic, from the first moment",
            "description": "Text. Types: ticket.created, ticket.updated, queue.updated, display.update, agent.*; \
                `event` says which event or snapshot it was.",
            "parameters": { "tenant": tenant, "kind": kinds, "id": id },
            "messages": references(&[ONE_TOPIC_FROM_CLIENT, ONE_TOPIC_TO_CLIENT]),
        },
        "events": {
            "address": "/api/v1/tenants/{tenant}/events",
            "title": "One topic as server-sent events",
            "description": "`?topic=`. The id of an event is `{epoch}-{seq}`; send it back as Last-Event-ID. \
                `event:` is the type, `data:` the frame as on the socket.",
            "parameters": { "tenant": tenant },
            "messages": { "event": reference("event"), "snapshot": reference("snapshot"),
                "subscribed": reference("subscribed") },
        },
    })
}

fn operations() -> Value {
    json!({
        "hear": operation("receive", "socket", FROM_CLIENT),
        "say": operation("send", "socket", TO_CLIENT),
        "hearOneTopic": operation("receive", "oneTopic", ONE_TOPIC_FROM_CLIENT),
        "sayOneTopic": operation("send", "oneTopic", ONE_TOPIC_TO_CLIENT),
        "stream": operation("send", "events", &[("event", ""), ("snapshot", ""), ("subscribed", "")]),
    })
}

fn operation(action: &str, channel: &str, messages: &[(&str, &str)]) -> Value {
    let of_channel = |(name, _): &(&str, &str)| json!({ "$ref": format!("#/channels/{channel}/messages/{name}") });
    json!({
        "action": action,
        "channel": { "$ref": format!("#/channels/{channel}") },
        "security": [{ "$ref": "#/components/securitySchemes/bearer" }],
        "messages": messages.iter().map(of_channel).collect::<Vec<_>>(),
    })
}

fn references(lists: &[&[(&str, &str)]]) -> Value {
    let all = lists.iter().flat_map(|list| list.iter());
    all.map(|(name, _)| ((*name).to_owned(), reference(name))).collect::<Map<_, _>>().into()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/messages/{name}") })
}

fn all_messages() -> Value {
    let lists = [FROM_CLIENT, TO_CLIENT, ONE_TOPIC_FROM_CLIENT, ONE_TOPIC_TO_CLIENT];
    let all = lists.into_iter().flatten();
    all.map(|(name, _)| ((*name).to_owned(), messages::message(name))).collect::<Map<_, _>>().into()
}

fn security() -> Value {
    json!({ "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } })
}

#[cfg(test)]
mod tests {
    use actors::Wire;
    use axum::extract::ws::Message;

    use super::super::message::FromClient;
    use super::*;

    #[test]
    fn every_example_of_a_client_message_is_read_by_the_protocol() {
        for (name, example) in FROM_CLIENT {
            let read = FromClient::read(Wire::Json, &Message::text(*example));
            assert!(read.is_ok(), "{name}: {example}");
        }
    }

    #[test]
    fn every_example_is_json_and_every_reference_leads_somewhere() {
        let document: Value = serde_json::from_str(&document_text()).unwrap();
        let mut found = 0;
        follow(&document, &document, &mut found);
        assert!(found > 40, "{found} references");
        for message in document["components"]["messages"].as_object().unwrap().values() {
            assert!(message["examples"][0]["payload"].is_object(), "{message}");
        }
    }

    fn follow(document: &Value, at: &Value, found: &mut usize) {
        if let Some(to) = at["$ref"].as_str() {
            *found += 1;
            assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
        }
        match at {
            Value::Object(members) => {
                members.values().for_each(|member| follow(document, member, found))
            }
            Value::Array(items) => items.iter().for_each(|item| follow(document, item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
