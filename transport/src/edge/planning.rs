//! What plans share: the holidays, and the seats of simulations.
//!
//! Invariant: there are never more simulations at once than seats.

use std::sync::{Arc, OnceLock};

use domain::Holidays;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Edge;
use crate::problem::{Code, Problem};

/// Simulations at once: each takes a core for seconds, and the lines need the others.
const SEATS: usize = 1;
/// When somebody who found no seat may ask again.
const RETRY_AFTER_SECS: u32 = 5;

/// The holidays and the seats.
pub(super) struct Planning {
    holidays: OnceLock<Holidays>,
    seats: Arc<Semaphore>,
}

impl Default for Planning {
    fn default() -> Self {
        Self { holidays: OnceLock::new(), seats: Arc::new(Semaphore::new(SEATS)) }
    }
}

impl Edge {
    /// Forecasts know these holidays. The first call counts; without one there are none.
    #[must_use]
    pub fn observing(self, holidays: Holidays) -> Self {
        let _ = self.inner.planning.holidays.set(holidays);
        self
    }

    pub(crate) fn holidays(&self) -> &Holidays {
        self.inner.planning.holidays.get_or_init(Holidays::default)
    }

    /// A seat for one simulation, until it is dropped.
    ///
    /// # Errors
    /// 429 when all are taken.
    pub(crate) fn seat_for_simulation(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let seat = Arc::clone(&self.inner.planning.seats).try_acquire_owned();
        seat.map_err(|_| Problem::of(Code::TooManyRequests).retry_after(RETRY_AFTER_SECS))
    }
}
