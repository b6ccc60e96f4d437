//! Idempotency keys with the reply that a repeated request gets.
//!
//! The primary key is the ascending number, so rows are appended at the end; who looks for a hash asks the map in memory.
//! Invariant: a number is used once; a second row with it fails the whole batch.

use super::{Kind, Sink, Table};
use crate::rows::KeyRow;

pub(crate) const TABLE: Table = Table {
    name: "idempotency_keys",
    columns: &[
        ("tenant_id", Kind::Id),
        ("seq", Kind::Int),
        ("key_hash", Kind::Blob),
        ("fingerprint", Kind::Blob),
        ("status", Kind::Int),
        ("body", Kind::Text),
        ("at", Kind::Int),
    ],
    conflict: "",
};

pub(crate) fn put<'a>(row: &'a KeyRow, sink: &mut impl Sink<'a>) {
    sink.id(Some(row.tenant.0));
    sink.count(row.seq);
    sink.blob(&row.key_hash);
    sink.blob(&row.fingerprint);
    sink.count(row.status);
    sink.text(Some(&row.body));
    sink.at(row.at);
}
