//! The one place where a backend's writing connection rests between uses.
//!
//! Who writes takes the session out and puts it back only after everything went well. A caller that gives up, or an
//! error, drops the session: its connection closes, its transaction rolls back, and the next writer opens a new one.
//!
//! Invariant: a session found here has no open transaction and knows only committed heads.

use tokio::sync::{Mutex, MutexGuard};

/// What stands in the slot.
enum Slot<S> {
    Ready(S),
    /// Taken out, or lost by an error: open a new one.
    Lost,
    /// The store was closed.
    Closed,
}

/// The slot of one backend's writer.
pub(crate) struct Writer<S>(Mutex<Slot<S>>);

/// The right to write. At most one exists.
pub(crate) struct Turn<'w, S>(MutexGuard<'w, Slot<S>>);

/// The store was closed.
#[derive(Debug, thiserror::Error)]
#[error("the store is closed")]
pub(crate) struct Closed;

impl<S> Writer<S> {
    pub(crate) fn new(session: S) -> Self {
        Self(Mutex::new(Slot::Ready(session)))
    }

    /// Waits for the turn to write; turns come in the order of asking.
    pub(crate) async fn turn(&self) -> Turn<'_, S> {
        Turn(self.0.lock().await)
    }
}

impl<S> Turn<'_, S> {
    /// Takes the session out: none when a new one must be opened.
    pub(crate) fn take(&mut self) -> Result<Option<S>, Closed> {
        match std::mem::replace(&mut *self.0, Slot::Lost) {
            Slot::Ready(session) => Ok(Some(session)),
            Slot::Lost => Ok(None),
            Slot::Closed => {
                *self.0 = Slot::Closed;
                Err(Closed)
            }
        }
    }

    /// Everything went well: the next writer may use this session.
    pub(crate) fn put_back(mut self, session: S) {
        *self.0 = Slot::Ready(session);
    }

    /// No more writing. Gives the session, to be closed.
    pub(crate) fn close(mut self) -> Option<S> {
        match std::mem::replace(&mut *self.0, Slot::Closed) {
            Slot::Ready(session) => Some(session),
            Slot::Lost | Slot::Closed => None,
        }
    }
}
