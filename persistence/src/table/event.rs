//! The journal's table of events.
//!
//! An event is put together with its link: the hashes that chain it to the one before.
//! Invariant: an event is inserted once and never changed; a second one with its version fails the whole batch.

use super::{Kind, Sink, Table, at};
use crate::journal::{NewEvent, StoredEvent};
use crate::sql::Record;

/// The hashes of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) prev_hash: [u8; 32],
    pub(crate) hash: [u8; 32],
}

pub(crate) const TABLE: Table = Table {
    name: "events",
    columns: &[
        ("tenant_id", Kind::Id),
        ("stream_id", Kind::Id),
        ("version", Kind::Int),
        ("kind", Kind::Text),
        ("format", Kind::Int),
        ("at", Kind::Int),
        ("actor", Kind::Text),
        ("cause", Kind::Text),
        ("payload", Kind::Text),
        ("prev_hash", Kind::Blob),
        ("hash", Kind::Blob),
    ],
    conflict: "",
};

pub(crate) fn put<'a>(event: &'a NewEvent, link: &'a Link, sink: &mut impl Sink<'a>) {
    sink.id(Some(event.tenant.0));
    sink.id(Some(event.stream.0));
    sink.count(event.version);
    sink.text(Some(event.kind));
    sink.count(event.format);
    sink.at(event.at);
    sink.text(Some(&event.actor));
    sink.text(event.cause.as_deref());
    sink.text(Some(&event.payload));
    sink.blob(&link.prev_hash);
    sink.blob(&link.hash);
}

/// The version alone, so that an event that cannot be read can be named.
pub(crate) fn read_version(record: &Record) -> Result<u64, sqlx::Error> {
    record.int("version")
}

pub(crate) fn read(record: &Record) -> Result<StoredEvent, sqlx::Error> {
    Ok(StoredEvent {
        tenant: record.id("tenant_id")?,
        stream: record.id("stream_id")?,
        version: record.int("version")?,
        kind: record.text("kind")?,
        format: record.int("format")?,
        at: at(record, "at")?,
        actor: record.text("actor")?,
        cause: record.text_opt("cause")?,
        payload: record.text("payload")?,
        prev_hash: record.hash("prev_hash")?,
        hash: record.hash("hash")?,
    })
}
