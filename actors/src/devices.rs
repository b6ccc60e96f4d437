//! What is known of a tenant's devices beside their configuration: pairing, and when they were last heard.
//!
//! It is read from the store when the tenant starts. Pairings and revocations are written first and shown then;
//! sightings are kept here and written now and then, see the tenant's actor.
//! Invariant: a token of a device that was issued before its pairing, or while it is revoked, does not stand.

use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;
use domain::{DeviceId, Secs, Timestamp};
use persistence::{DeviceCredentialRow, SightingRow};

/// A device that says nothing for so long is offline.
pub(crate) const SILENCE: Secs = Secs(60);
/// The moment a device was last heard is written at most this often.
const WRITE_EVERY: Secs = Secs(60);

const MICROS_PER_SEC: i64 = 1_000_000;

#[derive(Debug, Clone, Default)]
struct Known {
    hash: Option<[u8; 32]>,
    paired_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    last_seen_at: Option<Timestamp>,
    written_at: Option<Timestamp>,
    /// Has a socket or stream open.
    connected: bool,
    online: bool,
}

/// How a device stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeviceStatus {
    pub online: bool,
    pub last_seen_at: Option<Timestamp>,
    /// When it was given its credential; none for a device that was never paired.
    pub paired_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// The devices of one tenant.
#[derive(Debug, Default)]
pub(crate) struct DeviceBook {
    known: DashMap<DeviceId, Known>,
    revision: AtomicU64,
}

impl DeviceBook {
    pub(crate) fn fill(&self, credentials: &[DeviceCredentialRow], sightings: &[SightingRow]) {
        credentials.iter().for_each(|row| self.hold(row));
        for row in sightings {
            let mut known = self.known.entry(row.device).or_default();
            known.last_seen_at = Some(row.last_seen_at);
            known.written_at = Some(row.last_seen_at);
        }
    }

    /// The device has this credential now, or had it until it was revoked.
    pub(crate) fn hold(&self, row: &DeviceCredentialRow) {
        let mut known = self.known.entry(row.device).or_default();
        (known.hash, known.paired_at) = (Some(row.hash), Some(row.paired_at));
        known.revoked_at = row.revoked_at;
        drop(known);
        self.revision.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether the device ever had a credential.
    pub(crate) fn was_paired(&self, device: DeviceId) -> bool {
        self.known.get(&device).is_some_and(|known| known.hash.is_some())
    }

    pub(crate) fn revoke(&self, device: DeviceId, at: Timestamp) {
        self.known.entry(device).or_default().revoked_at = Some(at);
        self.revision.fetch_add(1, Ordering::AcqRel);
    }

    /// Whose credential this is, unless it was revoked.
    pub(crate) fn holder(&self, hash: &[u8; 32]) -> Option<DeviceId> {
        let holds = |known: &Known| known.hash.as_ref() == Some(hash) && known.revoked_at.is_none();
        self.known.iter().find(|known| holds(known.value())).map(|known| *known.key())
    }

    /// Whether a token issued then still stands. Tokens know whole seconds only.
    pub(crate) fn stands(&self, device: DeviceId, issued_at: Timestamp) -> bool {
        let Some(known) = self.known.get(&device) else { return true };
        let second = |at: Timestamp| at.0.div_euclid(MICROS_PER_SEC);
        let after_pairing = known.paired_at.is_none_or(|at| second(issued_at) >= second(at));
        known.revoked_at.is_none() && after_pairing
    }

    /// Counts pairings and revocations.
    pub(crate) fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    pub(crate) fn status(&self, device: DeviceId) -> DeviceStatus {
        let known = self.known.get(&device).map(|known| known.clone()).unwrap_or_default();
        DeviceStatus {
            online: known.online,
            last_seen_at: known.last_seen_at,
            paired_at: known.paired_at,
            revoked_at: known.revoked_at,
        }
    }

    /// The device gave a sign of life. True when it was offline until now.
    pub(crate) fn heard(&self, device: DeviceId, now: Timestamp) -> bool {
        let mut known = self.known.entry(device).or_default();
        known.last_seen_at = known.last_seen_at.max(Some(now));
        !std::mem::replace(&mut known.online, true)
    }

    /// Its first socket came, or its last one went. While one is open, the socket itself finds out who is gone.
    pub(crate) fn connect(&self, device: DeviceId, connected: bool) {
        self.known.entry(device).or_default().connected = connected;
    }

    /// Those who have been silent for too long; they are offline from now on.
    pub(crate) fn silent(&self, now: Timestamp) -> Vec<DeviceId> {
        let mut silent = Vec::new();
        for mut known in self.known.iter_mut() {
            let heard_of_late = known.last_seen_at.is_some_and(|at| now.since(at) < SILENCE);
            if known.online && !known.connected && !heard_of_late {
                known.online = false;
                silent.push(*known.key());
            }
        }
        silent
    }

    pub(crate) fn online(&self) -> Vec<DeviceId> {
        let mut online: Vec<DeviceId> =
            self.known.iter().filter(|known| known.online).map(|known| *known.key()).collect();
        online.sort_unstable();
        online
    }

    /// What is to be written by now. Counts as written, unless [`DeviceBook::not_written`].
    pub(crate) fn due(&self, now: Timestamp) -> Vec<SightingRow> {
        let mut due = Vec::new();
        for mut known in self.known.iter_mut() {
            let Some(last_seen_at) = known.last_seen_at else { continue };
            let is_due = known.written_at.is_none_or(|written| {
                last_seen_at > written && (!known.online || now.since(written) >= WRITE_EVERY)
            });
            if is_due {
                known.written_at = Some(last_seen_at);
                due.push(SightingRow { device: *known.key(), last_seen_at });
            }
        }
        due
    }

    pub(crate) fn not_written(&self, rows: &[SightingRow]) {
        for row in rows {
            self.known.entry(row.device).or_default().written_at = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::TenantId;
    use uuid::Uuid;

    use super::*;

    const START: Timestamp = Timestamp(1_000_000_000_000);

    fn device() -> DeviceId {
        DeviceId(Uuid::now_v7())
    }

    #[test]
    fn a_device_is_offline_after_a_minute_of_silence_and_only_without_a_socket() {
        let (book, device) = (DeviceBook::default(), device());
        assert!(book.heard(device, START));
        assert!(!book.heard(device, START.after(Secs(1))), "it was online");
        assert_eq!(book.silent(START.after(Secs(60))), []);
        book.connect(device, true);
        assert_eq!(book.silent(START.after(Secs(600))), []);
        book.connect(device, false);
        assert_eq!(book.silent(START.after(Secs(600))), [device]);
        assert_eq!(book.silent(START.after(Secs(601))), [], "said once");
        assert!(book.heard(device, START.after(Secs(602))));
    }

    #[test]
    fn a_sighting_is_written_at_most_once_a_minute() {
        let (book, device) = (DeviceBook::default(), device());
        let mut written = 0;
        for second in 0..600 {
            book.heard(device, START.after(Secs(second)));
            written += book.due(START.after(Secs(second))).len();
        }
        assert_eq!(written, 10);
        let rows = [SightingRow { device, last_seen_at: START }];
        book.not_written(&rows);
        assert_eq!(book.due(START.after(Secs(600))).len(), 1, "a write that failed is made again");
    }

    #[test]
    fn a_pairing_ends_the_tokens_before_it_and_a_revocation_all() {
        let (book, device) = (DeviceBook::default(), device());
        assert!(book.stands(device, START), "never paired: the operator's tokens stand");
        let row = DeviceCredentialRow {
            tenant: TenantId(Uuid::now_v7()),
            device,
            hash: [7; 32],
            paired_at: START,
            paired_by: "system".to_owned(),
            revoked_at: None,
        };
        book.hold(&row);
        assert!(!book.stands(device, START.before(Secs(1))) && book.stands(device, START));
        assert_eq!((book.holder(&[7; 32]), book.holder(&[8; 32])), (Some(device), None));
        let revision = book.revision();
        book.revoke(device, START.after(Secs(5)));
        assert!(!book.stands(device, START.after(Secs(9))));
        assert_eq!(book.holder(&[7; 32]), None);
        assert_ne!(book.revision(), revision);
    }
}
