//! The chain of a tenant's audit log: each entry's hash covers every field of it and the hash of the entry before.
//!
//! HMAC-SHA-256 under the audit key over, in this order: the ASCII bytes `smartqueue-audit-1`, the previous hash (32
//! bytes), tenant (16), number (u64), time in microseconds (i64), then actor, action, object, outcome, and address,
//! request id, before and after. Numbers are big-endian; each text is its length in bytes (u32) and its UTF-8 bytes; each
//! of the last four has one byte before it, 0 for none or 1.
//!
//! Invariant: the encoding is unambiguous, so no two different entries share an input; and without the key, which is not
//! in the database, nobody can make the hash of an entry that was not written by this program.

use aws_lc_rs::hmac;
use domain::TenantId;
use persistence::{AuditHead, AuditRow};

use super::entry::Draft;
use super::key::AuditKey;

const DOMAIN_TAG: &[u8] = b"smartqueue-audit-1";

/// The first entry of a log that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq}: {reason}")]
pub struct AuditFault {
    pub seq: u64,
    pub reason: &'static str,
}

pub(super) const fn fault(seq: u64, reason: &'static str) -> AuditFault {
    AuditFault { seq, reason }
}

/// The rows of `drafts`, behind `head`.
pub(super) fn linked(
    key: &AuditKey,
    tenant: TenantId,
    mut head: AuditHead,
    drafts: &[Draft],
) -> Vec<AuditRow> {
    let mut rows = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let mut row = draft.row(tenant, head);
        row.hash = hash(key, &row);
        head = AuditHead { seq: row.seq, hash: row.hash };
        rows.push(row);
    }
    rows
}

/// Where the log ends after `row`, if `row` is what came after `head`.
///
/// # Errors
/// The number of the first entry that is not as it was written.
pub(super) fn verify_next(
    key: &AuditKey,
    head: AuditHead,
    row: &AuditRow,
) -> Result<AuditHead, AuditFault> {
    let expected = head.seq + 1;
    if row.seq > expected {
        return Err(fault(expected, "the entry is missing"));
    }
    if row.seq < expected {
        return Err(fault(row.seq, "the entry is out of order"));
    }
    if row.prev_hash != head.hash {
        return Err(fault(expected, "the entry does not follow the one before it"));
    }
    if row.hash != hash(key, row) {
        return Err(fault(expected, "the entry was changed"));
    }
    Ok(AuditHead { seq: row.seq, hash: row.hash })
}

fn hash(key: &AuditKey, row: &AuditRow) -> [u8; 32] {
    let mut mac = key.chain();
    mac.update(DOMAIN_TAG);
    mac.update(&row.prev_hash);
    mac.update(row.tenant.0.as_bytes());
    mac.update(&row.seq.to_be_bytes());
    mac.update(&row.at.0.to_be_bytes());
    for field in [&row.actor, &row.action, &row.object, &row.outcome] {
        text(&mut mac, field);
    }
    for field in [&row.address, &row.request_id, &row.before, &row.after] {
        mac.update(&[u8::from(field.is_some())]);
        field.iter().for_each(|field| text(&mut mac, field));
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(mac.sign().as_ref());
    hash
}

fn text(mac: &mut hmac::Context, text: &str) {
    // Entries are cut to a few KiB long before their length stops to fit.
    let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
    mac.update(&bytes.to_be_bytes());
    mac.update(text.as_bytes());
}
