//! Bugs that can be planted, to see that the model check would find them.
//!
//! Under loom an outbox may be built with one [`Bug`]: at one named spot it lets go of
//! its lock for a moment, or queues in the wrong order. A check that passes
//! with the bug in place proves nothing, so each has a test that must fail.
//!
//! Invariant: without `--cfg loom` this file compiles to nothing at all.

use crate::sync::{Mutex, MutexGuard};

/// A mistake one could make here.
#[cfg_attr(not(loom), allow(dead_code, unreachable_pub, reason = "planted only under loom"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The reader looks, lets go, and only then leaves its waker.
    LostWakeup,
    /// Closing takes the waker, lets go, and only then marks the end.
    UnheardClose,
    /// A full outbox is seen by several publishers, and each of them ends it.
    DoubleOverflow,
    /// The place of the older value is looked up, and used after letting go.
    MisplacedLatest,
    /// The newer value is queued before the older one instead of replacing it.
    BackwardsLatest,
    /// The frames are taken, and their weight is only later.
    SplitDrain,
}

/// The planted bug of one outbox; always none outside loom.
pub(crate) struct Planted {
    #[cfg(loom)]
    bug: Option<Bug>,
}

impl Planted {
    pub(crate) const NOTHING: Self = Self {
        #[cfg(loom)]
        bug: None,
    };

    #[cfg(loom)]
    pub(crate) fn one(bug: Bug) -> Self {
        Self { bug: Some(bug) }
    }

    #[cfg(loom)]
    pub(crate) fn is(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    #[cfg(not(loom))]
    #[expect(clippy::unused_self, reason = "the same shape as under loom")]
    pub(crate) const fn is(&self, _bug: Bug) -> bool {
        false
    }

    /// Lets go of the lock and takes it again if `bug` is planted here.
    pub(crate) fn gap<'a, T>(
        &self,
        bug: Bug,
        mutex: &'a Mutex<T>,
        guard: MutexGuard<'a, T>,
    ) -> MutexGuard<'a, T> {
        if !self.is(bug) {
            return guard;
        }
        drop(guard);
        crate::sync::lock(mutex)
    }
}
