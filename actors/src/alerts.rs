//! The alerts of a tenant that are being watched or stand, and the line of those that somebody is to be told of.
//!
//! The book outlives the tenant's actor, and is filled from the store when the program starts; so neither loses an alert
//! nor raises it twice. Invariant: an alert that stands here stands in the store.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{AlertKind, TenantId, Watch};
use persistence::AlertRow;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Alerts that wait to be told; what does not fit is found in the store later.
const NOTICES_MAX: usize = 256;

/// What an alert is about.
pub(crate) type Matter = (AlertKind, Uuid);

#[derive(Debug, Clone, Default)]
struct Watched {
    watch: Watch,
    /// The alert, while it stands.
    row: Option<AlertRow>,
}

/// Everything of one tenant that is not calm.
#[derive(Debug, Default)]
pub(crate) struct AlertBook(Mutex<BTreeMap<Matter, Watched>>);

impl AlertBook {
    fn held(&self) -> MutexGuard<'_, BTreeMap<Matter, Watched>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn fill(&self, rows: Vec<AlertRow>) {
        let mut held = self.held();
        for row in rows.into_iter().filter(|row| row.cleared_at.is_none()) {
            // A kind of a newer program stands until that program clears it.
            if let Ok(kind) = row.kind.parse::<AlertKind>() {
                held.insert((kind, row.subject), Watched { watch: Watch::Raised, row: Some(row) });
            }
        }
    }

    pub(crate) fn watch(&self, matter: Matter) -> Watch {
        self.held().get(&matter).map(|watched| watched.watch).unwrap_or_default()
    }

    pub(crate) fn set(&self, matter: Matter, watch: Watch) {
        let mut held = self.held();
        match held.get_mut(&matter) {
            Some(_) if watch == Watch::Calm => drop(held.remove(&matter)),
            Some(watched) => watched.watch = watch,
            None if watch == Watch::Calm => {}
            None => drop(held.insert(matter, Watched { watch, row: None })),
        }
    }

    pub(crate) fn raise(&self, matter: Matter, row: AlertRow) {
        self.held().insert(matter, Watched { watch: Watch::Raised, row: Some(row) });
    }

    /// The alert that stands.
    pub(crate) fn standing(&self, matter: Matter) -> Option<AlertRow> {
        self.held().get(&matter).and_then(|watched| watched.row.clone())
    }

    /// The row changed otherwise: somebody saw it, somebody was told.
    pub(crate) fn replace(&self, row: &AlertRow) {
        for watched in self.held().values_mut() {
            if watched.row.as_ref().is_some_and(|known| known.id == row.id) {
                watched.row = Some(row.clone());
            }
        }
    }

    /// All that stand, oldest first.
    pub(crate) fn all(&self) -> Vec<AlertRow> {
        let mut rows: Vec<AlertRow> =
            self.held().values().filter_map(|watched| watched.row.clone()).collect();
        rows.sort_by_key(|row| (row.raised_at, row.id));
        rows
    }

    pub(crate) fn matters(&self) -> Vec<Matter> {
        self.held().keys().copied().collect()
    }

    /// Whether time alone can bring a turn.
    pub(crate) fn is_turning(&self) -> bool {
        self.held().values().any(|watched| watched.watch.is_turning())
    }
}

/// An alert that was raised or cleared, and that somebody is to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    pub tenant: TenantId,
    pub alert: Uuid,
}

/// The line from the tenants' actors to whoever tells people.
#[derive(Debug)]
pub(crate) struct Notices {
    sender: mpsc::Sender<Notice>,
    receiver: Mutex<Option<mpsc::Receiver<Notice>>>,
    /// There is more in the store than in the line. True at the start: a program before may have left some.
    more: AtomicBool,
}

impl Default for Notices {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(NOTICES_MAX);
        Self { sender, receiver: Mutex::new(Some(receiver)), more: AtomicBool::new(true) }
    }
}

impl Notices {
    /// Never waits.
    pub(crate) fn give(&self, notice: Notice) {
        if self.sender.try_send(notice).is_err() {
            self.more.store(true, Ordering::Release);
        }
    }

    /// The other end; none the second time.
    pub(crate) fn take(&self) -> Option<mpsc::Receiver<Notice>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether the store has to be asked, since the last time this was asked.
    pub(crate) fn take_more(&self) -> bool {
        self.more.swap(false, Ordering::AcqRel)
    }

    /// What was found in the store could not all be told: ask again.
    pub(crate) fn has_more(&self) {
        self.more.store(true, Ordering::Release);
    }
}
