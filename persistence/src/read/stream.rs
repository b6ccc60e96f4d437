//! Reading a stream back: the newest usable snapshot, the events after it, and proof that nothing was changed.
//!
//! The event that a snapshot ends with is read too: its hash is what the tail must continue from.
//! Invariant: what is returned is verified. A damaged snapshot costs a longer tail; a damaged event is an error.

use domain::{TenantId, Timestamp};

use super::select;
use crate::error::StoreError;
use crate::journal::{Head, LoadedStream, Snapshot, StoredEvent, StreamId, chain};
use crate::sql::{Connection, Record};
use crate::table;

type Stream = (TenantId, StreamId);

pub(crate) async fn load(
    connection: &mut Connection<'_>,
    stream: Stream,
    format_max: u16,
) -> Result<LoadedStream, StoreError> {
    let snapshot = newest_usable(connection, stream, format_max).await?;
    let Some(snapshot) = snapshot else {
        let tail = load_all(connection, stream).await?;
        return Ok(LoadedStream { snapshot: None, head: head_of(&tail), tail });
    };
    let mut tail = events_from(connection, stream, snapshot.version).await?;
    let anchor = take_anchor(&mut tail, stream, snapshot.version)?;
    let head = verify(stream, anchor, &tail)?;
    Ok(LoadedStream { snapshot: Some(snapshot), tail, head })
}

pub(crate) async fn load_all(
    connection: &mut Connection<'_>,
    stream: Stream,
) -> Result<Vec<StoredEvent>, StoreError> {
    let events = events_from(connection, stream, 0).await?;
    verify(stream, Head::default(), &events)?;
    Ok(events)
}

fn head_of(events: &[StoredEvent]) -> Head {
    events.last().map_or_else(Head::default, |last| Head { version: last.version, hash: last.hash })
}

/// Takes off the event that the snapshot ends with; the tail continues from it.
fn take_anchor(
    events: &mut Vec<StoredEvent>,
    stream: Stream,
    version: u64,
) -> Result<Head, StoreError> {
    if events.first().is_none_or(|first| first.version != version) {
        return Err(corrupt(stream, version, "event is missing, but a snapshot contains it"));
    }
    let anchor = events.remove(0);
    if chain::stored_hash(&anchor) != anchor.hash {
        return Err(corrupt(stream, version, "event was changed"));
    }
    Ok(Head { version, hash: anchor.hash })
}

fn verify(stream: Stream, from: Head, events: &[StoredEvent]) -> Result<Head, StoreError> {
    chain::verify_stream(from, events).map_err(|found| corrupt(stream, found.version, found.reason))
}

fn corrupt((tenant, stream): Stream, version: u64, reason: impl Into<String>) -> StoreError {
    StoreError::CorruptStream { tenant, stream, version, reason: reason.into() }
}

async fn events_from(
    connection: &mut Connection<'_>,
    stream: Stream,
    version: u64,
) -> Result<Vec<StoredEvent>, StoreError> {
    let sql = select(
        &table::EVENTS,
        "where tenant_id = $1 and stream_id = $2 and version >= $3 order by version",
    );
    let records = connection
        .fetch(sql, vec![stream.0.into(), stream.1.into(), version.into()])
        .await
        .map_err(|source| StoreError::database("read events", source))?;
    records.iter().map(|record| read_event(stream, record)).collect()
}

fn read_event(stream: Stream, record: &Record) -> Result<StoredEvent, StoreError> {
    table::read_event(record).map_err(|source| {
        let version = table::read_version(record).unwrap_or_default();
        corrupt(stream, version, format!("event cannot be read: {source}"))
    })
}

async fn newest_usable(
    connection: &mut Connection<'_>,
    stream: Stream,
    format_max: u16,
) -> Result<Option<Snapshot>, StoreError> {
    let sql = "select version, format, at, state, checksum from snapshots
        where tenant_id = $1 and stream_id = $2 order by version desc";
    let records = connection
        .fetch(sql, vec![stream.0.into(), stream.1.into()])
        .await
        .map_err(|source| StoreError::database("read snapshots", source))?;
    Ok(records.iter().find_map(|record| usable(stream, record, format_max)))
}

/// The snapshot, if it is whole and of a known form. Otherwise says so in the log.
fn usable((tenant, stream): Stream, record: &Record, format_max: u16) -> Option<Snapshot> {
    let version: u64 = record.int("version").unwrap_or_default();
    let reason = match read_snapshot(record) {
        Ok((snapshot, sum)) => {
            let Snapshot { version, format, at, ref state } = snapshot;
            if table::checksum(tenant, stream, version, format, at, state) != sum {
                "checksum does not match".to_owned()
            } else if format > format_max {
                format!("format {format} is newer than {format_max}")
            } else {
                return Some(snapshot);
            }
        }
        Err(source) => source.to_string(),
    };
    tracing::error!(%tenant, %stream, version, reason, "snapshot is not usable, reading an older one and more events");
    None
}

fn read_snapshot(record: &Record) -> Result<(Snapshot, [u8; 32]), sqlx::Error> {
    let snapshot = Snapshot {
        version: record.int("version")?,
        format: record.int("format")?,
        at: Timestamp(record.int("at")?),
        state: record.blob("state")?,
    };
    Ok((snapshot, record.hash("checksum")?))
}
