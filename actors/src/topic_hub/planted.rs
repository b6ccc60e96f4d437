//! Two bugs that tests can plant, to see that the model test would find them.
//!
//! Replaying what was missed and going live must be one step. A planted bug takes the two apart, in either
//! order, and lets a frame be published between them.
//!
//! Invariant: outside tests nothing can be planted and this file compiles to nothing.

use std::sync::{Mutex, MutexGuard};

/// A mistake one could make in attaching.
#[cfg_attr(not(test), allow(dead_code, reason = "planted only in tests"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bug {
    /// Live before the replay: the frame between them comes twice.
    LiveEarly,
    /// Live some time after the replay: the frame between them never comes.
    LiveLate,
}

#[cfg(test)]
type Between = (Bug, Box<dyn FnOnce() + Send>);

/// At most one planted bug, with what happens in the gap it opens. It bites once.
#[derive(Default)]
pub(super) struct Planted {
    #[cfg(test)]
    between: Mutex<Option<Between>>,
}

impl Planted {
    #[cfg(test)]
    pub(super) fn plant(&self, bug: Bug, between: impl FnOnce() + Send + 'static) {
        *self.between.lock().unwrap() = Some((bug, Box::new(between)));
    }

    /// If `bug` is planted: runs `first`, lets go of the lock for what happens between, and takes it again.
    #[cfg(test)]
    pub(super) fn gap<'a, S>(
        &self,
        bug: Bug,
        mutex: &'a Mutex<S>,
        state: MutexGuard<'a, S>,
        first: impl FnOnce(&mut S),
    ) -> MutexGuard<'a, S> {
        let mut state = state;
        let planted = self.between.lock().unwrap().take_if(|(planted, _)| *planted == bug);
        let Some((_, between)) = planted else { return state };
        first(&mut state);
        drop(state);
        between();
        mutex.lock().unwrap()
    }

    #[cfg(not(test))]
    #[inline]
    pub(super) fn gap<'a, S>(
        &self,
        _bug: Bug,
        _mutex: &'a Mutex<S>,
        state: MutexGuard<'a, S>,
        _first: impl FnOnce(&mut S),
    ) -> MutexGuard<'a, S> {
        state
    }
}
