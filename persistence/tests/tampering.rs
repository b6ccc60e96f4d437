//! Random tampering with a stream is always found, and at the first event concerned.
//!
//! The stream is made and edited in memory; the contract's stories do the same behind a database's back.
//! Always true: the untouched stream verifies, so what is found was put there.

#![allow(clippy::unwrap_used, reason = "a stream that cannot be made is no test")]

use domain::{TenantId, Timestamp};
use persistence::chain::{next_hash, verify_stream};
use persistence::{Head, NewEvent, StoredEvent, StreamId};
use proptest::prelude::*;
use uuid::Uuid;

const EVENTS: usize = 30;

fn stream(payloads: &[String]) -> Vec<StoredEvent> {
    let mut head = Head::default();
    payloads.iter().map(|payload| link(&mut head, payload)).collect()
}

fn link(head: &mut Head, payload: &str) -> StoredEvent {
    let event = NewEvent {
        tenant: TenantId(Uuid::from_u128(1)),
        stream: StreamId(Uuid::from_u128(2)),
        version: head.version + 1,
        kind: "ticket.issued",
        format: 1,
        at: Timestamp(7),
        actor: "system".into(),
        cause: None,
        payload: payload.to_owned(),
    };
    let (prev_hash, hash) = (head.hash, next_hash(&head.hash, &event));
    *head = Head { version: event.version, hash };
    StoredEvent {
        tenant: event.tenant,
        stream: event.stream,
        version: event.version,
        kind: event.kind.to_owned(),
        format: event.format,
        at: event.at,
        actor: event.actor.to_string(),
        cause: None,
        payload: event.payload,
        prev_hash,
        hash,
    }
}

/// What somebody with access to the table may do to one place.
#[derive(Debug, Clone)]
enum Edit {
    Payload(String),
    Actor(String),
    Cause(String),
    At(i64),
    Format(u16),
    Tenant(u128),
    Hash(usize, u8),
    PrevHash(usize, u8),
    Delete,
    SwapContentWithNext,
    InsertCopy,
}

fn edits() -> impl Strategy<Value = Edit> {
    prop_oneof![
        "[a-z]{0,8}".prop_map(Edit::Payload),
        "[a-z]{1,8}".prop_map(Edit::Actor),
        "[a-z]{0,8}".prop_map(Edit::Cause),
        (8..i64::MAX).prop_map(Edit::At),
        (2..u16::MAX).prop_map(Edit::Format),
        (3..u128::MAX).prop_map(Edit::Tenant),
        (0..32_usize, 1..=u8::MAX).prop_map(|(place, bits)| Edit::Hash(place, bits)),
        (0..32_usize, 1..=u8::MAX).prop_map(|(place, bits)| Edit::PrevHash(place, bits)),
        Just(Edit::Delete),
        Just(Edit::SwapContentWithNext),
        Just(Edit::InsertCopy),
    ]
}

/// Applies the edit at an index; returns the version that must be named.
fn tamper(events: &mut Vec<StoredEvent>, at: usize, edit: Edit) -> u64 {
    let version = events[at].version;
    match edit {
        Edit::Payload(text) => events[at].payload.push_str(&format!(" {text}")),
        Edit::Actor(text) => events[at].actor = format!("not {text}"),
        Edit::Cause(text) => events[at].cause = Some(text),
        Edit::At(micros) => events[at].at = Timestamp(micros),
        Edit::Format(format) => events[at].format = format,
        Edit::Tenant(tenant) => events[at].tenant = TenantId(Uuid::from_u128(tenant)),
        Edit::Hash(place, bits) => events[at].hash[place] ^= bits,
        Edit::PrevHash(place, bits) => events[at].prev_hash[place] ^= bits,
        Edit::Delete => {
            events.remove(at);
        }
        Edit::SwapContentWithNext => {
            let next = events[at + 1].version;
            events.swap(at, at + 1);
            (events[at].version, events[at + 1].version) = (version, next);
        }
        Edit::InsertCopy => {
            // The copy takes the next number, and all after it move up by one.
            let copy = events[at].clone();
            events.insert(at + 1, copy);
            events[at + 1..].iter_mut().for_each(|event| event.version += 1);
            return version + 1;
        }
    }
    version
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_edit_is_found_at_the_first_event_concerned(
        payloads in prop::collection::vec("[a-z]{0,20}", EVENTS),
        at in 0..EVENTS - 1,
        edit in edits(),
    ) {
        let mut events = stream(&payloads);
        prop_assert!(verify_stream(Head::default(), &events).is_ok());
        let wanted = tamper(&mut events, at, edit);
        let found = verify_stream(Head::default(), &events);
        prop_assert_eq!(found.map_err(|found| found.version), Err(wanted));
    }
}
