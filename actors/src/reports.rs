//! Reports: questions about many days, answered from roll-ups.
//!
//! A report adds up the small rows that the roller keeps; rows that were read stay in memory until their day changes.
//! A person who was transferred has several legs, and each is counted where it was.
//! Invariant: a report names nothing of another tenant, and an id that is not this tenant's is not found.

mod agents;
mod cache;
mod fairness;
mod heatmap;
mod queues;
mod satisfaction;
mod scope;
mod summary;
mod waits;

use std::sync::{Arc, Mutex, PoisonError};

use domain::{LocalDay, TenantId};
use persistence::{Part, RollUpRow, Store, StoreError};

pub use agents::{AgentFigures, AgentPerformance};
pub use fairness::{Fairness, OutOfOrderCall, Overtaking, QueueFairness};
pub use heatmap::{HeatCell, Heatmap};
pub use queues::{QueueFigures, QueueStats};
pub use satisfaction::{Csat, Nps, Satisfaction, SatisfactionFigures, SatisfactionGroup};
pub use scope::{Period, ReportQuery};
pub use summary::{DurationFigures, Metrics, Share, Summary};
pub use waits::{DayFigures, WaitTimes};

use cache::Cache;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A filter names what this tenant does not have.
    #[error("not found")]
    NotFound,
    /// A parameter cannot be meant; says what to give instead.
    #[error("{parameter}: {remedy}")]
    Invalid { parameter: &'static str, remedy: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes reports from a store.
pub struct Reports {
    store: Arc<dyn Store>,
    cache: Mutex<Cache>,
}

impl Reports {
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, cache: Mutex::default() }
    }

    /// The rows of every day of the range, from memory where they have not changed.
    async fn rows(
        &self,
        tenant: TenantId,
        part: Part,
        (from, to): (LocalDay, LocalDay),
    ) -> Result<Vec<Arc<[RollUpRow]>>, StoreError> {
        let stamps = self.store.roll_up_stamps(tenant, from, to).await?;
        let (mut found, missing) = self.cache().find(tenant, part, &stamps);
        let bounds = missing.first().zip(missing.last()).map(|(a, b)| (a.0, b.0));
        if let Some((first, last)) = bounds {
            let read = self.store.roll_ups(tenant, part, first, last).await?;
            let read = cache::by_day(read);
            found.extend(self.cache().keep(tenant, part, &missing, read));
        }
        Ok(found)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
