//! The two ends: any number of [`Sender`]s and one [`Receiver`] around one locked state.
//!
//! Each operation is one critical section: looking and acting are never apart. Wakers
//! are woken, and frames dropped, after the lock is released.
//!
//! Invariants: an outbox ends at most once and keeps its first reason; whoever ends it
//! or adds a frame takes the reader's waker in the same critical section.

use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::task::{Context, Poll, Waker};

use crate::backlog::Backlog;
use crate::limits::{Limits, Load};
use crate::planted::{Bug, Planted};
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use crate::weigh::Weigh;

/// Why an outbox has ended. The session turns it into a close code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The reader did not keep up; what had not been sent is gone (4508).
    TooSlow,
    /// The server leaves or the session is done (1001).
    GoingAway,
    /// The server starts again (1012).
    Restart,
    /// The credential expired or was revoked (4401).
    Unauthenticated,
    /// The right to listen was taken away (4403).
    Forbidden,
    /// The sequence numbers the client knows mean nothing any more (4409).
    EpochChanged,
    /// The client sends faster than it may (4429).
    TooFast,
    /// The reader was dropped: there is nobody left to tell.
    ReaderGone,
}

/// Why a frame was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushError {
    /// This frame was the one too many: it ended the outbox as [`Reason::TooSlow`].
    Full,
    /// The outbox had ended before, for whatever reason.
    Closed,
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the reader does not keep up",
            Self::Closed => "the outbox has ended",
        })
    }
}

impl std::error::Error for PushError {}

struct State<F> {
    backlog: Backlog<F>,
    ended: Option<Reason>,
    /// Of the reader, while it waits.
    waker: Option<Waker>,
}

impl<F: Weigh> State<F> {
    /// What the reader should do now, if anything. An orderly end comes after the last frame.
    fn ready(&self) -> Option<Result<(), Reason>> {
        if !self.backlog.is_empty() {
            return Some(Ok(()));
        }
        self.ended.map(Err)
    }
}

struct Shared<F> {
    state: Mutex<State<F>>,
    limits: Limits,
    planted: Planted,
}

impl<F: Weigh> Shared<F> {
    fn gap<'a>(&'a self, bug: Bug, state: MutexGuard<'a, State<F>>) -> MutexGuard<'a, State<F>> {
        self.planted.gap(bug, &self.state, state)
    }

    /// Ends the outbox unless it has ended. What waits stays for the reader.
    fn end(&self, reason: Reason) {
        let mut state = lock(&self.state);
        if state.ended.is_some() {
            return;
        }
        let waker = state.waker.take();
        let mut state = self.gap(Bug::UnheardClose, state);
        state.ended = Some(reason);
        drop(state);
        wake(waker);
    }

    /// Ends the outbox at the frame that no longer fits, and frees what waits.
    fn overflow(&self, state: MutexGuard<'_, State<F>>) -> PushError {
        let mut state = state;
        state.ended = Some(Reason::TooSlow);
        let unsent = mem::replace(&mut state.backlog, Backlog::new());
        let waker = state.waker.take();
        drop(state);
        drop(unsent);
        wake(waker);
        PushError::Full
    }

    fn offer(&self, slot: Option<u64>, frame: F) -> Result<(), PushError> {
        let state = lock(&self.state);
        if state.ended.is_some() {
            return Err(PushError::Closed);
        }
        let place = state.backlog.place_of(slot);
        if !state.backlog.fits(&frame, place, self.limits) {
            return Err(self.overflow(self.gap(Bug::DoubleOverflow, state)));
        }
        let mut state = self.gap(Bug::MisplacedLatest, state);
        let older = if place.is_some() && self.planted.is(Bug::BackwardsLatest) {
            state.backlog.put_first(slot, frame);
            None
        } else {
            state.backlog.put(slot, place, frame)
        };
        let waker = state.waker.take();
        drop(state);
        drop(older);
        wake(waker);
        Ok(())
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// An empty outbox with room for `limits`; it allocates only for the frames that wait.
///
/// Dropping every sender does not end it: the session keeps one to give to topics.
#[must_use]
pub fn outbox<F: Weigh>(limits: Limits) -> (Sender<F>, Receiver<F>) {
    build(limits, Planted::NOTHING)
}

/// An outbox with a mistake in it, for the check of the check.
#[cfg(loom)]
#[must_use]
pub fn outbox_with<F: Weigh>(limits: Limits, bug: Bug) -> (Sender<F>, Receiver<F>) {
    build(limits, Planted::one(bug))
}

fn build<F: Weigh>(limits: Limits, planted: Planted) -> (Sender<F>, Receiver<F>) {
    let state = State { backlog: Backlog::new(), ended: None, waker: None };
    let shared = Arc::new(Shared { state: Mutex::new(state), limits, planted });
    (Sender { shared: Arc::clone(&shared) }, Receiver { shared })
}

/// The publishers' end. Cheap to clone; no call ever waits for the reader.
pub struct Sender<F: Weigh> {
    shared: Arc<Shared<F>>,
}

impl<F: Weigh> Clone for Sender<F> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<F: Weigh> fmt::Debug for Sender<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<F: Weigh> Sender<F> {
    /// Queues `frame` behind all others. [`PushError::Full`] ends the outbox: the reader is
    /// too slow, what waited is dropped, and every later push answers [`PushError::Closed`].
    pub fn push(&self, frame: F) -> Result<(), PushError> {
        self.shared.offer(None, frame)
    }

    /// Queues `frame` in the place of the unsent frame of the same `slot`, or behind all others.
    /// Errors as [`Self::push`].
    pub fn push_latest(&self, slot: u64, frame: F) -> Result<(), PushError> {
        self.shared.offer(Some(slot), frame)
    }

    /// Ends the outbox; the reader still gets what waits, then sees `reason`. The first end counts.
    pub fn close(&self, reason: Reason) {
        self.shared.end(reason);
    }

    /// Whether a push would answer [`PushError::Closed`].
    #[must_use]
    pub fn is_closed(&self) -> bool {
        lock(&self.shared.state).ended.is_some()
    }

    /// What waits for the reader now.
    #[must_use]
    pub fn load(&self) -> Load {
        lock(&self.shared.state).backlog.load()
    }

    /// What would still fit now.
    #[must_use]
    pub fn room(&self) -> Load {
        let load = self.load();
        Load {
            bytes: self.shared.limits.bytes_max.saturating_sub(load.bytes),
            frames: self.shared.limits.frames_max.saturating_sub(load.frames),
        }
    }
}

/// The session's end. Dropping it drops what waits and closes the outbox to publishers.
pub struct Receiver<F: Weigh> {
    shared: Arc<Shared<F>>,
}

impl<F: Weigh> fmt::Debug for Receiver<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

impl<F: Weigh> Receiver<F> {
    /// Ready with `Ok` when frames wait, with the reason when none do and the outbox has ended;
    /// otherwise `context` is woken when that changes. Only the last context is remembered.
    pub fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Reason>> {
        let state = lock(&self.shared.state);
        if let Some(answer) = state.ready() {
            return Poll::Ready(answer);
        }
        let mut state = self.shared.gap(Bug::LostWakeup, state);
        let older = state.waker.replace(context.waker().clone());
        drop(state);
        drop(older);
        Poll::Pending
    }

    /// Waits as [`Self::poll_ready`]. Safe to cancel: nothing is taken before [`Self::drain`].
    pub async fn ready(&mut self) -> Result<(), Reason> {
        poll_fn(|context| self.poll_ready(context)).await
    }

    /// Moves all that waits to the end of `into`, in order, and says how much it was.
    pub fn drain(&mut self, into: &mut Vec<F>) -> Load {
        let mut state = lock(&self.shared.state);
        let moved = state.backlog.move_to(into);
        let mut state = self.shared.gap(Bug::SplitDrain, state);
        state.backlog.forget_weight();
        moved
    }
}

impl<F: Weigh> Drop for Receiver<F> {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.ended.get_or_insert(Reason::ReaderGone);
        let unsent = mem::replace(&mut state.backlog, Backlog::new());
        let waker = state.waker.take();
        drop(state);
        drop((unsent, waker));
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn an_idle_outbox_costs_less_than_two_hundred_bytes() {
        // Two counters of the shared pointer beside the state; both ends are one pointer each.
        let shared = size_of::<Shared<bytes::Bytes>>() + 2 * size_of::<usize>();
        assert!(shared + 2 * size_of::<Sender<bytes::Bytes>>() < 200, "{shared} bytes");
        assert_eq!(size_of::<Planted>(), 0);
    }
}
