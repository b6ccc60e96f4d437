//! Snapshots, each with a checksum over everything that makes it usable.
//!
//! A snapshot written again at the same version replaces the earlier one.
//! Invariant: a snapshot whose checksum does not match is never used.

use std::collections::HashMap;

use domain::{TenantId, Timestamp};
use sha2::{Digest, Sha256};

use super::{Kind, Sink, Table};
use crate::journal::{SnapshotRow, StreamId};

pub(crate) const TABLE: Table = Table {
    name: "snapshots",
    columns: &[
        ("tenant_id", Kind::Id),
        ("stream_id", Kind::Id),
        ("version", Kind::Int),
        ("format", Kind::Int),
        ("at", Kind::Int),
        ("state", Kind::Blob),
        ("checksum", Kind::Blob),
    ],
    conflict: "on conflict (tenant_id, stream_id, version) do update set
        format = excluded.format, at = excluded.at, state = excluded.state, checksum = excluded.checksum",
};

/// SHA-256 over tenant, stream, version, format and time (fixed sizes, big-endian), then the state.
pub(crate) fn checksum(
    tenant: TenantId,
    stream: StreamId,
    version: u64,
    format: u16,
    at: Timestamp,
    state: &[u8],
) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(b"smartqueue-snapshot-1");
    sha.update(tenant.0.as_bytes());
    sha.update(stream.0.as_bytes());
    sha.update(version.to_be_bytes());
    sha.update(format.to_be_bytes());
    sha.update(at.0.to_be_bytes());
    sha.update(state);
    sha.finalize().into()
}

/// One row per stream, the newest, with its checksum.
pub(crate) fn winners(rows: &[SnapshotRow]) -> Vec<(&SnapshotRow, [u8; 32])> {
    let mut newest: HashMap<(TenantId, StreamId), &SnapshotRow> =
        HashMap::with_capacity(rows.len());
    for row in rows {
        let held = newest.entry((row.tenant, row.stream)).or_insert(row);
        if held.version <= row.version {
            *held = row;
        }
    }
    newest.into_values().map(|row| (row, checksum_of(row))).collect()
}

fn checksum_of(row: &SnapshotRow) -> [u8; 32] {
    checksum(row.tenant, row.stream, row.version, row.format, row.at, &row.state)
}

pub(crate) fn put<'a>(row: &'a SnapshotRow, checksum: &'a [u8; 32], sink: &mut impl Sink<'a>) {
    sink.id(Some(row.tenant.0));
    sink.id(Some(row.stream.0));
    sink.count(row.version);
    sink.count(row.format);
    sink.at(row.at);
    sink.blob(&row.state);
    sink.blob(checksum);
}
