//! What topics and frames look like on the wire, byte for byte.
//!
//! Each form is compared with the documented one, and with the others where they must agree.

use std::collections::HashMap;

use super::*;

#[test]
fn every_topic_reads_back_from_its_text() {
    let texts = [
        format!("queue:{ID}"),
        format!("site:{ID}"),
        format!("agent:{ID}"),
        format!("ticket:{ID}"),
        format!("stats:queue:{ID}"),
        format!("stats:site:{ID}"),
        "stats:tenant".to_owned(),
        "alerts".to_owned(),
        "devices".to_owned(),
    ];
    for text in texts {
        assert_eq!(text.parse::<Topic>().unwrap().to_string(), text);
    }
}

#[test]
fn other_spellings_are_no_topics() {
    let capitals = format!("queue:{}", ID.to_uppercase());
    let braces = format!("queue:{{{ID}}}");
    let texts = [
        "",
        "queue",
        "queue:",
        "queue:7",
        "stats:agent:x",
        "Alerts",
        "stats:tenant:",
        &capitals,
        &braces,
    ];
    for text in texts {
        assert_eq!(text.parse::<Topic>(), Err(TopicError), "{text}");
    }
}

#[test]
fn frames_look_as_documented() {
    let hub = hub();
    let (subscriber, mut receiver) = json_listener(&hub);
    let attached = hub.attach(tenant(), queue(), &subscriber, None);
    assert_eq!(attached, Attach::NeedsSnapshot { reset: false });
    let position =
        hub.attach_with_snapshot(tenant(), queue(), &subscriber, snapshot(false)).unwrap();
    assert_eq!(position, Position { epoch: 7, seq: 0 });
    hub.publish(tenant(), queue(), event(1));
    let topic = queue();
    let expected = [
        format!(
            r#"{{"op":"snapshot","topic":"{topic}","epoch":7,"seq":0,"reset":false,"data":{{"waiting":3}}}}"#
        ),
        format!(
            r#"{{"op":"event","topic":"{topic}","seq":1,"type":"ticket.called","at":"2023-11-14T22:13:20Z","data":{{"n":1}}}}"#
        ),
    ];
    assert_eq!(texts(&mut receiver), expected);
}

#[test]
fn one_encoding_is_shared_by_all_who_hear_that_form() {
    let hub = hub();
    let wires = [Wire::Json, Wire::Json, Wire::MsgPack, Wire::MsgPack, Wire::Compat, Wire::Compat];
    let mut listeners = wires.map(|wire| listener(&hub, wire, Limits::default()));
    for (subscriber, _) in &listeners {
        hub.attach_with_snapshot(tenant(), queue(), subscriber, snapshot(false)).unwrap();
    }
    hub.publish(tenant(), queue(), event(1));
    let mut addresses: HashMap<Wire, Vec<*const u8>> = HashMap::new();
    for (subscriber, receiver) in &mut listeners {
        let mut frames = Vec::new();
        receiver.drain(&mut frames);
        addresses.entry(subscriber.wire).or_default().push(frames[1].bytes().as_ptr());
    }
    for (wire, addresses) in addresses {
        assert_eq!(addresses[0], addresses[1], "{wire:?}");
    }
}

#[test]
fn message_pack_has_the_same_shape_as_json() {
    let hub = hub();
    let (subscriber, mut receiver) = listener(&hub, Wire::MsgPack, Limits::default());
    hub.attach_with_snapshot(tenant(), queue(), &subscriber, snapshot(true)).unwrap();
    hub.publish(tenant(), queue(), event(1));
    hub.attach(tenant(), queue(), &subscriber, since(0));
    let mut frames = Vec::new();
    receiver.drain(&mut frames);
    assert_eq!(frames.len(), 4);
    for frame in &frames {
        let Outgoing::Frame(frame, _) = frame else { panic!("the hub sends frames") };
        let packed: Value = rmp_serde::from_slice(frame.msgpack()).unwrap();
        let text: Value = serde_json::from_slice(frame.json()).unwrap();
        assert_eq!(packed, text);
    }
}

#[test]
fn the_one_topic_sockets_get_type_fields_and_timestamp() {
    let hub = hub();
    let (subscriber, mut receiver) = listener(&hub, Wire::Compat, Limits::default());
    hub.attach_with_snapshot(tenant(), queue(), &subscriber, snapshot(false)).unwrap();
    let data = json!({"type": "shadowed", "number": "A042"});
    hub.publish(tenant(), queue(), EventFrame::new("ticket.called", AT, data));
    let texts: Vec<Value> =
        texts(&mut receiver).iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let at = "2023-11-14T22:13:20Z";
    assert_eq!(texts[0], json!({"type": "snapshot", "waiting": 3, "timestamp": at}));
    assert_eq!(texts[1], json!({"type": "ticket.called", "number": "A042", "timestamp": at}));
}

#[test]
fn server_sent_events_carry_the_position_as_their_id() {
    let hub = hub();
    let (subscriber, mut receiver) = listener(&hub, Wire::EventStream, Limits::default());
    hub.attach_with_snapshot(tenant(), queue(), &subscriber, snapshot(false)).unwrap();
    hub.publish(tenant(), queue(), event(1));
    let texts = texts(&mut receiver);
    assert!(
        texts[1].starts_with("id: 7-1\nevent: ticket.called\ndata: {\"op\":\"event\","),
        "{texts:?}"
    );
    assert!(texts[1].ends_with("}\n\n"));
    assert_eq!("7-1".parse(), Ok(Position { epoch: 7, seq: 1 }));
    assert_eq!("7".parse::<Position>(), Err(PositionError));
}

#[test]
fn a_frame_gives_its_data_back_as_text() {
    let hub = hub();
    let (subscriber, mut receiver) = json_listener(&hub);
    hub.attach_with_snapshot(tenant(), queue(), &subscriber, snapshot(false)).unwrap();
    hub.publish(tenant(), queue(), event(1));
    hub.attach(tenant(), queue(), &subscriber, since(1));
    let mut frames = Vec::new();
    receiver.drain(&mut frames);
    let data = |index: usize| match &frames[index] {
        Outgoing::Frame(frame, _) => frame.data(),
        Outgoing::Own(_) => panic!("the hub sends frames"),
    };
    assert_eq!([data(0), data(1), data(2)], [r#"{"waiting":3}"#, r#"{"n":1}"#, ""]);
}
