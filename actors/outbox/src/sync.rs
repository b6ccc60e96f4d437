//! The mutex and the shared pointer: std's, or loom's when it explores interleavings.
//!
//! Nothing else in this crate names either of them.
//!
//! Invariant: a panic elsewhere never locks anyone out: a poisoned state is used
//! as it stands, because every critical section here leaves it whole.

#[cfg(loom)]
pub(crate) use loom::sync::{Arc, Mutex, MutexGuard};
#[cfg(not(loom))]
pub(crate) use std::sync::{Arc, Mutex, MutexGuard};

use std::sync::PoisonError;

/// Locks `mutex`, whatever happened to whoever held it before.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
