//! Stored forms are promises: `golden/KIND.FORMAT.json` holds one payload of each, and it must stay readable for ever.
//!
//! Each sample event is written and compared with the newest text of its kind, byte by byte, and every text is read
//! back. A new kind or format gets its text by running this test once with `SMARTQUEUE_GOLDEN=write`.
//! Always true: a text that is there is never rewritten.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a promise that cannot be checked is broken")]

#[path = "golden/samples.rs"]
mod samples;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use persistence::entry::{
    EntryError, Stored, read_agent_event, read_queue_event, store_agent_event, store_queue_event,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Kind, format and payload of every text.
fn texts() -> Vec<(String, u16, String)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let texts = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    texts
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let (kind, format) = name.rsplit_once('.').unwrap();
            let payload = std::fs::read_to_string(&path).unwrap().trim_end().to_owned();
            (kind.to_owned(), format.parse().unwrap(), payload)
        })
        .collect()
}

fn check_written(stored: &Stored) {
    let path = folder().join(format!("{}.{}.json", stored.kind, stored.format));
    if !path.exists() && std::env::var("SMARTQUEUE_GOLDEN").is_ok_and(|value| value == "write") {
        std::fs::write(&path, format!("{}\n", stored.payload)).unwrap();
    }
    let kept = std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("{} has no golden text", stored.kind));
    assert_eq!(
        stored.payload,
        kept.trim_end(),
        "{} is written differently: give it a new format",
        stored.kind
    );
}

#[test]
fn queue_events_are_written_as_promised_and_read_back() {
    for event in samples::queue_events() {
        let stored = store_queue_event(&event);
        check_written(&stored);
        assert_eq!(read_queue_event(stored.kind, stored.format, &stored.payload).unwrap(), event);
    }
}

#[test]
fn agent_events_are_written_as_promised_and_read_back() {
    for event in samples::agent_events() {
        let stored = store_agent_event(&event);
        check_written(&stored);
        assert_eq!(read_agent_event(stored.kind, stored.format, &stored.payload).unwrap(), event);
    }
}

#[test]
fn every_text_ever_written_is_readable() {
    let texts = texts();
    assert!(texts.len() >= 37, "texts are missing: {}", texts.len());
    for (kind, format, payload) in texts {
        let read = if kind.starts_with("agent.") {
            read_agent_event(&kind, format, &payload).map(|_| ())
        } else {
            read_queue_event(&kind, format, &payload).map(|_| ())
        };
        read.unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn every_kind_has_a_sample() {
    let queue =
        samples::queue_events().into_iter().map(|event| store_queue_event(&event).kind.to_owned());
    let agent =
        samples::agent_events().into_iter().map(|event| store_agent_event(&event).kind.to_owned());
    let sampled: BTreeSet<String> = queue.chain(agent).collect();
    let kept: BTreeSet<String> = texts().into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(sampled, kept);
}

#[test]
fn stored_kinds_are_the_names_that_the_world_hears() {
    for event in samples::queue_events() {
        assert_eq!(store_queue_event(&event).kind, event.name());
    }
    for event in samples::agent_events() {
        assert_eq!(store_agent_event(&event).kind, event.name());
    }
}

/// Unit and other variants, places and reasons that the texts do not hold.
#[test]
fn every_variant_survives_the_journal() {
    for event in samples::queue_variants() {
        let stored = store_queue_event(&event);
        assert_eq!(read_queue_event(stored.kind, stored.format, &stored.payload).unwrap(), event);
    }
}

#[test]
fn what_is_not_known_is_named() {
    let unknown = read_queue_event("ticket.teleported", 1, "{}").unwrap_err();
    assert_eq!(unknown.to_string(), "event ticket.teleported in format 1 is unknown");
    assert!(matches!(
        read_queue_event("ticket.issued", 9, "{}"),
        Err(EntryError::Unknown { format: 9, .. })
    ));
    assert!(matches!(read_queue_event("agent.offline", 1, "{}"), Err(EntryError::Unknown { .. })));
    assert!(matches!(read_agent_event("queue.opened", 1, "{}"), Err(EntryError::Unknown { .. })));
    for damaged in ["", "{", "[]", "{\"ticket\":7}", "null"] {
        let found = read_queue_event("ticket.started", 1, damaged);
        assert!(matches!(found, Err(EntryError::Unreadable { .. })), "{damaged:?}: {found:?}");
    }
}
