//! The one place that reads the time of day.
//!
//! Waiting is on tokio's clock everywhere; wall time comes from here, so that tests and replays can set it.
//! Invariant: `now` never goes backwards within one process, however the system's clock is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use domain::Timestamp;
use uuid::Uuid;

/// Wall time, real or set by hand.
#[derive(Debug, Clone)]
pub struct Clock {
    latest: Arc<AtomicI64>,
    is_manual: bool,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self { latest: Arc::new(AtomicI64::new(0)), is_manual: false }
    }

    /// A clock that stands at `start` until it is moved.
    pub fn manual(start: Timestamp) -> Self {
        Self { latest: Arc::new(AtomicI64::new(start.0)), is_manual: true }
    }

    /// Moves a manual clock forward to `instant`; an earlier instant, or a system clock, is left alone.
    pub fn advance_to(&self, instant: Timestamp) {
        if self.is_manual {
            self.latest.fetch_max(instant.0, Ordering::SeqCst);
        }
    }

    pub const fn is_manual(&self) -> bool {
        self.is_manual
    }

    pub fn now(&self) -> Timestamp {
        if self.is_manual {
            return Timestamp(self.latest.load(Ordering::SeqCst));
        }
        let read = system_micros();
        Timestamp(self.latest.fetch_max(read, Ordering::SeqCst).max(read))
    }

    /// A new identifier that sorts by this clock.
    pub fn new_id(&self) -> Uuid {
        let now = self.now().0.max(0);
        let secs = u64::try_from(now / 1_000_000).unwrap_or_default();
        let nanos = u32::try_from(now % 1_000_000 * 1_000).unwrap_or_default();
        Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, secs, nanos))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
fn system_micros() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX)
}
