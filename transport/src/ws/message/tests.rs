//! The protocol on both wires: what is read, what is refused, what is said.
//!
//! Every message is tried as JSON text and as MessagePack, because they must not drift apart.

use serde_json::json;

use super::*;

fn text(text: &str) -> Message {
    Message::text(text.to_owned())
}

fn both(value: &Value) -> [(Wire, Message); 2] {
    let packed = rmp_serde::to_vec_named(value).unwrap();
    [(Wire::Json, text(&value.to_string())), (Wire::MsgPack, Message::Binary(packed.into()))]
}

#[test]
fn every_operation_is_read_alike_on_both_wires() {
    for (wire, message) in both(&json!({"op":"auth","token":"t"})) {
        assert!(
            matches!(FromClient::read(wire, &message), Ok(FromClient::Auth { token }) if token == "t")
        );
    }
    for (wire, message) in both(&json!({"op":"subscribe","topic":"alerts","epoch":7,"seq":1041})) {
        let read = FromClient::read(wire, &message);
        assert!(matches!(
            read,
            Ok(FromClient::Subscribe { epoch: Some(7), seq: Some(1041), histogram: false, .. })
        ));
    }
    for (wire, message) in both(&json!({"op":"subscribe","topic":"stats:tenant","histogram":true}))
    {
        let read = FromClient::read(wire, &message);
        assert!(matches!(
            read,
            Ok(FromClient::Subscribe { epoch: None, seq: None, histogram: true, .. })
        ));
    }
    for (wire, message) in both(&json!({"op":"unsubscribe","topic":"alerts"})) {
        assert!(matches!(FromClient::read(wire, &message), Ok(FromClient::Unsubscribe { .. })));
    }
    for (wire, message) in both(&json!({"op":"ack","topic":"site:x","seq":3,"what":"shown"})) {
        let read = FromClient::read(wire, &message);
        assert!(matches!(read, Ok(FromClient::Ack { seq: 3, what: Announcement::Shown, .. })));
    }
    for (wire, message) in both(&json!({"op":"ping"})) {
        assert!(matches!(FromClient::read(wire, &message), Ok(FromClient::Ping {})));
    }
}

#[test]
fn a_command_carries_its_arguments_and_key() {
    let asked =
        json!({"op":"command","id":"c1","name":"call_next","args":{"deep":{"n":[1,2]}},"key":"k"});
    for (wire, message) in both(&asked) {
        let Ok(FromClient::Command(command)) = FromClient::read(wire, &message) else {
            panic!("{wire:?}")
        };
        assert_eq!((command.id.as_str(), command.name.as_str()), ("c1", "call_next"));
        assert_eq!(command.args["deep"], json!({"n":[1,2]}));
        assert_eq!(command.key.as_deref(), Some("k"));
    }
    let bare = text(r#"{"op":"command","id":"c1","name":"call_next"}"#);
    assert!(
        matches!(FromClient::read(Wire::Json, &bare), Ok(FromClient::Command(c)) if c.key.is_none())
    );
}

#[test]
fn what_is_not_of_the_protocol_is_refused_on_both_wires() {
    for value in [
        json!({"op":"fly"}),
        json!({"op":"ping","extra":1}),
        json!({"op":"command","id":"c1","name":"call_next","role":"admin"}),
        json!({"op":"command","id":"x".repeat(65),"name":"call_next"}),
        json!({"op":"auth"}),
        json!({"op":"subscribe","topic":"alerts","epoch":7,"seq":-1}),
        json!({"op":"subscribe","topic":"alerts","seq":1}),
        json!({"op":"ack","topic":"site:x","seq":3,"what":"smelled"}),
        json!({"topic":"alerts"}),
        json!([]),
        json!("ping"),
        json!(null),
    ] {
        for (wire, message) in both(&value) {
            assert!(FromClient::read(wire, &message).is_err(), "{wire:?} {value}");
        }
    }
}

#[test]
fn bytes_that_are_no_value_or_more_than_one_are_refused() {
    for wrong in ["", "{", r#"{"op":"ping"}{"op":"ping"}"#, r#"{"op":"ping"} x"#] {
        assert!(FromClient::read(Wire::Json, &text(wrong)).is_err(), "{wrong}");
    }
    let mut twice = rmp_serde::to_vec_named(&json!({"op":"ping"})).unwrap();
    twice.extend_from_within(..);
    for wrong in [Vec::new(), vec![0xc1], vec![0x81], twice] {
        assert!(FromClient::read(Wire::MsgPack, &Message::Binary(wrong.into())).is_err());
    }
}

#[test]
fn nesting_without_end_is_refused_without_harm() {
    let deep =
        format!("{}{}", r#"{"op":"command","id":"c","name":"n","args":{"a":"#, "[".repeat(60_000));
    assert!(FromClient::read(Wire::Json, &text(&deep)).is_err());
    assert!(FromClient::read(Wire::MsgPack, &Message::Binary(vec![0x91; 60_000].into())).is_err());
}

#[test]
fn the_other_form_is_refused() {
    let ping = r#"{"op":"ping"}"#;
    assert!(FromClient::read(Wire::MsgPack, &text(ping)).is_err());
    assert!(FromClient::read(Wire::Json, &Message::Binary(ping.into())).is_err());
}

#[test]
fn answers_have_the_documented_shape_on_both_wires() {
    let cases = [
        (ToClient::Pong {}, json!({"op":"pong"})),
        (
            ToClient::Welcome {
                session: "s".to_owned(),
                heartbeat_seconds: 20,
                server_time: "2026-03-04T09:30:00Z".to_owned(),
            },
            json!({"op":"welcome","session":"s","heartbeat_seconds":20,"server_time":"2026-03-04T09:30:00Z"}),
        ),
        (ToClient::Reauth { in_seconds: 60 }, json!({"op":"reauth","in_seconds":60})),
        (
            ToClient::Result { id: "c1", replayed: false, ok: Some(Value::Null), error: None },
            json!({"op":"result","id":"c1","ok":null}),
        ),
        (
            ToClient::Result { id: "c1", replayed: true, ok: Some(json!({"n": 1})), error: None },
            json!({"op":"result","id":"c1","replayed":true,"ok":{"n":1}}),
        ),
        (
            ToClient::Result {
                id: "c1",
                replayed: false,
                ok: None,
                error: Some(json!({"status":409})),
            },
            json!({"op":"result","id":"c1","error":{"status":409}}),
        ),
        (
            ToClient::Error { topic: None, code: "forbidden", detail: "no" },
            json!({"op":"error","code":"forbidden","detail":"no"}),
        ),
    ];
    for (said, expected) in cases {
        let as_json: Value = serde_json::from_slice(&encoded(Wire::Json, &said)).unwrap();
        let as_msgpack: Value = rmp_serde::from_slice(&encoded(Wire::MsgPack, &said)).unwrap();
        assert_eq!((as_json, as_msgpack), (expected.clone(), expected));
    }
}
