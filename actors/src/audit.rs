//! The audit log: who did what to what, when, from where, and what changed; one hash chain per tenant.
//!
//! Recording never waits: an entry goes into a bounded line to the one writer, and what finds no room is counted and
//! recorded as a number. Checkpoints outside the database say where each chain ended.
//! Invariant: an entry that was taken is kept, also when the program is told to stop; and personal data never gets in.

mod chain;
mod checkpoint;
mod denials;
mod entry;
mod key;
mod mask;
mod note;
mod opening;
mod verify;
mod writer;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{TenantId, Timestamp};
use tokio::sync::mpsc::{Sender, error::TrySendError};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use chain::AuditFault;
pub use checkpoint::{CheckpointError, Pardon};
pub use entry::AuditEntry;
pub use key::{AuditKey, AuditKeyError};
pub use note::{AuditNoteError, note_beside, verify_audit};
pub use opening::{AuditError, AuditKeeping};
pub use verify::{AuditFinding, AuditSource};

use denials::Denials;
use entry::Draft;

/// Entries that may wait for the writer: some seconds of a busy platform, and at most 64 MiB.
pub(crate) const WAITING_MAX: usize = 4_096;

/// The action of every denied access.
pub const AUTHZ_DENIED: &str = "authz_denied";

/// The way to the audit log. Cheap to clone.
#[derive(Clone)]
pub struct Audit {
    line: Sender<Draft>,
    shared: Arc<Shared>,
}

/// What the handles and the writer share.
#[derive(Default)]
pub(crate) struct Shared {
    denials: Mutex<Denials>,
    /// Entries that found no room, by tenant.
    lost: Mutex<HashMap<TenantId, u64>>,
    stopping: AtomicBool,
    writer: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
}

impl Audit {
    /// Hands an entry to the writer, without waiting. True when it was taken: then it will be kept.
    pub fn record(&self, entry: AuditEntry) -> bool {
        match self.line.try_send(Draft::of(entry)) {
            Ok(()) => true,
            Err(TrySendError::Full(draft)) => {
                *locked(&self.shared.lost).entry(draft.tenant).or_default() += 1;
                false
            }
            Err(TrySendError::Closed(draft)) => {
                tracing::error!(?draft, "after the audit log was closed");
                false
            }
        }
    }

    /// True once the program has stopped: nothing is taken any more.
    pub fn is_closed(&self) -> bool {
        self.line.is_closed()
    }

    /// Records a denied access: the first of a caller at once, the others of the same minute as a count.
    pub fn record_denied(&self, entry: AuditEntry) {
        let entries = locked(&self.shared.denials).take(entry);
        for entry in entries {
            self.record(entry);
        }
    }

    /// Takes no more, keeps what was taken, writes a checkpoint.
    pub(crate) async fn finish(&self, within: Duration) {
        let Some((stop, writer)) = locked(&self.shared.writer).take() else { return };
        self.shared.stopping.store(true, Ordering::SeqCst);
        // A writer that is gone already has nothing left to do.
        let _ = stop.send(());
        if tokio::time::timeout(within, writer).await.is_err() {
            tracing::error!("the audit log was not closed in {} s", within.as_secs());
        }
    }
}

impl Shared {
    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Counts of denials whose minute has ended, or of all.
    fn ended_denials(&self, now: Option<Timestamp>) -> Vec<AuditEntry> {
        locked(&self.denials).ended(now)
    }

    fn take_lost(&self) -> HashMap<TenantId, u64> {
        std::mem::take(&mut *locked(&self.lost))
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
