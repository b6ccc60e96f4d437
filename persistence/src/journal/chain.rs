//! The hash chain of a stream: each event's hash covers every field of it and the hash of the event before.
//!
//! Encoding, in this order: the ASCII bytes `smartqueue-event-1`, previous hash (32 bytes), tenant (16), stream (16),
//! version (u64), format (u16), time in microseconds (i64), then kind, actor, cause and payload. Numbers are big-endian;
//! each text is its length in bytes (u32) and its UTF-8 bytes; the cause has one byte before it, 0 for none or 1.
//!
//! Invariant: the encoding is unambiguous (every field is of fixed size or carries its length), so no two different
//! events share an input, and a change, a removal or an exchange of events shows at the first one concerned.

use domain::{TenantId, Timestamp};
use sha2::{Digest, Sha256};

use super::{Head, NewEvent, StoredEvent, StreamId};

const DOMAIN_TAG: &[u8] = b"smartqueue-event-1";

/// The first event of a stream that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("version {version}: {reason}")]
pub struct ChainBreak {
    pub version: u64,
    pub reason: &'static str,
}

/// What the hash covers, besides the previous hash.
struct Fields<'a> {
    tenant: TenantId,
    stream: StreamId,
    version: u64,
    kind: &'a str,
    format: u16,
    at: Timestamp,
    actor: &'a str,
    cause: Option<&'a str>,
    payload: &'a str,
}

/// The hash of `event` when the event before it has the hash `prev_hash` (zeros for the first).
pub fn next_hash(prev_hash: &[u8; 32], event: &NewEvent) -> [u8; 32] {
    let fields = Fields {
        tenant: event.tenant,
        stream: event.stream,
        version: event.version,
        kind: event.kind,
        format: event.format,
        at: event.at,
        actor: &event.actor,
        cause: event.cause.as_deref(),
        payload: &event.payload,
    };
    hash(prev_hash, &fields)
}

/// Verifies a stretch of one stream that continues at `from` (`Head::default()` for a whole stream).
///
/// Returns where it ends, or names the first bad version.
pub fn verify_stream(from: Head, events: &[StoredEvent]) -> Result<Head, ChainBreak> {
    events.iter().try_fold(from, verify_next)
}

fn verify_next(head: Head, event: &StoredEvent) -> Result<Head, ChainBreak> {
    let expected = head.version + 1;
    if event.version > expected {
        return Err(ChainBreak { version: expected, reason: "event is missing" });
    }
    if event.version < expected {
        return Err(ChainBreak { version: event.version, reason: "event is out of order" });
    }
    if event.prev_hash != head.hash {
        return Err(ChainBreak {
            version: event.version,
            reason: "event does not follow the one before it",
        });
    }
    let found = stored_hash(event);
    if found != event.hash {
        return Err(ChainBreak { version: event.version, reason: "event was changed" });
    }
    Ok(Head { version: event.version, hash: event.hash })
}

/// The hash that a stored event should have, by its own fields.
pub(crate) fn stored_hash(event: &StoredEvent) -> [u8; 32] {
    let fields = Fields {
        tenant: event.tenant,
        stream: event.stream,
        version: event.version,
        kind: &event.kind,
        format: event.format,
        at: event.at,
        actor: &event.actor,
        cause: event.cause.as_deref(),
        payload: &event.payload,
    };
    hash(&event.prev_hash, &fields)
}

fn hash(prev_hash: &[u8; 32], fields: &Fields<'_>) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(DOMAIN_TAG);
    sha.update(prev_hash);
    sha.update(fields.tenant.0.as_bytes());
    sha.update(fields.stream.0.as_bytes());
    sha.update(fields.version.to_be_bytes());
    sha.update(fields.format.to_be_bytes());
    sha.update(fields.at.0.to_be_bytes());
    text(&mut sha, fields.kind);
    text(&mut sha, fields.actor);
    sha.update([u8::from(fields.cause.is_some())]);
    if let Some(cause) = fields.cause {
        text(&mut sha, cause);
    }
    text(&mut sha, fields.payload);
    sha.finalize().into()
}

fn text(sha: &mut Sha256, text: &str) {
    // No text of ours comes near 4 GiB; one that did would be refused by the database.
    let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
    sha.update(bytes.to_be_bytes());
    sha.update(text);
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn event() -> NewEvent {
        NewEvent {
            tenant: TenantId(Uuid::from_u128(1)),
            stream: StreamId(Uuid::from_u128(2)),
            version: 1,
            kind: "ticket.issued",
            format: 1,
            at: Timestamp(3),
            actor: "system".into(),
            cause: None,
            payload: "{}".to_owned(),
        }
    }

    /// Anybody can compute it from the description above; it must not change between versions of the program.
    #[test]
    fn the_hash_is_the_one_described() {
        let mut bytes = b"smartqueue-event-1".to_vec();
        bytes.extend([9; 32]);
        bytes.extend(1_u128.to_be_bytes());
        bytes.extend(2_u128.to_be_bytes());
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3]);
        bytes.extend(b"\0\0\0\x0dticket.issued\0\0\0\x06system\0\0\0\0\x02{}");
        assert_eq!(next_hash(&[9; 32], &event()), <[u8; 32]>::from(Sha256::digest(bytes)));
    }

    #[test]
    fn moving_a_letter_between_fields_changes_the_hash() {
        let plain = next_hash(&[0; 32], &event());
        let moved = NewEvent { actor: "syste".into(), payload: "m{}".to_owned(), ..event() };
        let caused = NewEvent { cause: Some(String::new()), ..event() };
        assert_ne!(next_hash(&[0; 32], &moved), plain);
        assert_ne!(next_hash(&[0; 32], &caused), plain);
    }
}
