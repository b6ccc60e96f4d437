//! A made-up past: a tenant with sites, queues, agents and finished legs, for demonstrations and measurements.
//!
//! The branch is declared through the engine like any other; the legs go straight into the store, without tickets and
//! without a journal, because nobody will ever serve them. Then they are counted.
//! Invariant: a database that has the tenant already is left as it is.

mod branch;
mod people;

use std::time::Duration;

use actors::{Clock, Rebuilding, Rebuilt, rebuild_roll_ups};
use domain::{LocalDay, TenantId, Zone};
use persistence::{Batch, LegRow, Store};

use crate::app::{Core, open_store};
use crate::config::Config;
use crate::demo::Chance;
use crate::progress::bar;

use self::branch::Line;

/// Legs in one transaction.
const BATCH: usize = 5_000;

/// What past to make.
#[derive(Debug, Clone)]
pub struct History {
    /// Slug of the tenant, which must not be there.
    pub tenant: String,
    pub legs: u64,
    /// The last of them is yesterday.
    pub days: u32,
    pub queues: u32,
    pub seed: u64,
}

/// Why no past was made.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("tenant {0} is there already: give another --tenant, or another database")]
    TenantThere(String),
}

/// What was made.
#[derive(Debug, Clone)]
pub struct Made {
    pub tenant: TenantId,
    pub legs: u64,
    pub wrote_in: Duration,
    pub counted_in: Duration,
    pub counted: Rebuilt,
}

impl History {
    /// Makes the past and counts it.
    ///
    /// # Errors
    /// [`HistoryError::TenantThere`], or a store that does not open or write.
    pub async fn make(&self, config: &Config) -> anyhow::Result<Made> {
        let clock = Clock::system();
        let today = Zone::utc().day_of(clock.now());
        let core = Core::open(config, clock).await?;
        let declared = branch::declare(core.engine(), self).await;
        core.stop().await;
        let (tenant, lines) = declared?;
        let store = open_store(config).await?;
        let made = self.fill(store.as_ref(), tenant, &lines, today).await;
        store.close().await;
        made
    }

    async fn fill(
        &self,
        store: &dyn Store,
        tenant: TenantId,
        lines: &[Line],
        today: LocalDay,
    ) -> anyhow::Result<Made> {
        let begun = tokio::time::Instant::now();
        self.write(store, tenant, lines, today).await?;
        let wrote_in = begun.elapsed();
        let directory = crate::cli::directory(&store.load_resources(tenant).await?)?;
        let bar = bar(u64::try_from(lines.len()).unwrap_or_default()).with_message("counting");
        let step = |done, _| bar.set_position(u64::try_from(done).unwrap_or_default());
        let counted = rebuild_roll_ups(store, tenant, &directory, Rebuilding::Keep, step).await?;
        bar.finish_and_clear();
        let counted_in = begun.elapsed().saturating_sub(wrote_in);
        Ok(Made { tenant, legs: self.legs, wrote_in, counted_in, counted })
    }

    async fn write(
        &self,
        store: &dyn Store,
        tenant: TenantId,
        lines: &[Line],
        today: LocalDay,
    ) -> anyhow::Result<()> {
        let mut chance = Chance::seeded(self.seed);
        let bar = bar(self.legs).with_message("legs");
        let mut legs: Vec<LegRow> = Vec::with_capacity(BATCH);
        for (day, count) in people::days(today, self.days, self.legs) {
            for _ in 0..count {
                legs.extend(people::leg(tenant, lines, day, &mut chance));
                if legs.len() >= BATCH {
                    bar.inc(keep(store, &mut legs).await?);
                }
            }
        }
        keep(store, &mut legs).await?;
        bar.finish_and_clear();
        Ok(())
    }
}

async fn keep(store: &dyn Store, legs: &mut Vec<LegRow>) -> anyhow::Result<u64> {
    let count = u64::try_from(legs.len()).unwrap_or_default();
    store.append(&Batch { legs: std::mem::take(legs), ..Batch::default() }).await?;
    Ok(count)
}
