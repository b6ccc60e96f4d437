//! Roll-ups: who counts legs again, and how a whole tenant is counted from the beginning.
//!
//! The database marks each hour whose legs change; behind it the roller counts the local days that the hour touches.
//! Invariant: what is kept is what a rebuild would count, once no mark is left.

mod counting;
mod rebuild;
mod roller;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::TenantId;

pub use rebuild::{Difference, Rebuilding, Rebuilt, rebuild_roll_ups};
pub(crate) use roller::Roller;

/// Tenants whose legs changed. A hint only: the marks stand in the database.
#[derive(Default)]
pub(crate) struct Changed(Mutex<BTreeSet<TenantId>>);

impl Changed {
    pub(crate) fn add(&self, tenants: impl IntoIterator<Item = TenantId>) {
        self.held().extend(tenants);
    }

    fn take(&self) -> BTreeSet<TenantId> {
        std::mem::take(&mut *self.held())
    }

    fn held(&self) -> MutexGuard<'_, BTreeSet<TenantId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
