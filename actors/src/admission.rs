//! Permits in front of unbounded mailboxes: says *busy* instead of growing.
//!
//! Each queue and each tenant has a number of commands that may be in flight; a permit is given back when it is dropped.
//! Invariant: a mailbox never holds more commands than its permits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::ask::AskError;

/// One command in flight.
#[derive(Debug)]
pub(crate) struct Permit(Arc<AtomicUsize>);

impl Permit {
    /// Takes a permit of `used`, of which there are `max`.
    pub(crate) fn take(used: &Arc<AtomicUsize>, max: usize) -> Result<Self, AskError> {
        if used.fetch_add(1, Ordering::AcqRel) >= max {
            used.fetch_sub(1, Ordering::AcqRel);
            return Err(AskError::Busy { retry_after_secs: 1, own_limit: true });
        }
        Ok(Self(Arc::clone(used)))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_permits_are_in_flight() {
        let used = Arc::default();
        let first = Permit::take(&used, 2).unwrap();
        let _second = Permit::take(&used, 2).unwrap();
        assert!(matches!(Permit::take(&used, 2), Err(AskError::Busy { .. })));
        drop(first);
        assert!(Permit::take(&used, 2).is_ok());
    }
}
