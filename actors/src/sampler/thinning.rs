//! Thinning what is old: one bounded step at a time, tenant after tenant, day after day.
//!
//! How far each tenant is thinned is kept in memory only; after a restart the first pass goes through everything again,
//! skipping stretches without samples, and then each hour costs one look.
//! Invariant: nothing younger than the limit is touched, and an hour is thinned only when all of it is older.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{Secs, TenantId, Timestamp};
use persistence::StoreError;

use crate::world::{TenantWorld, World};

/// Every sample is kept this long.
const KEPT: Secs = Secs(90 * 86_400);
const HOUR: Secs = Secs(3_600);
/// One step looks through no more than this,
const STEP: Secs = Secs(86_400);
/// and deletes no more than this.
const STEP_ROWS: u32 = 5_000;

#[derive(Default)]
pub(super) struct Thinning {
    /// Everything before is thinned.
    done: HashMap<TenantId, Timestamp>,
    /// A step failed: nothing more until the next sampling.
    rests: bool,
}

impl Thinning {
    pub(super) fn go_on(&mut self) {
        self.rests = false;
    }

    /// One step for the first tenant that needs one.
    pub(super) async fn step(
        &mut self,
        world: &World,
        tenants: &[Arc<TenantWorld>],
        now: Timestamp,
    ) {
        let limit = hour_of(now.before(KEPT));
        let begin = |tenant: TenantId| self.done.get(&tenant).copied().unwrap_or_default();
        let next = tenants.iter().map(|tenant| tenant.id).find(|tenant| begin(*tenant) < limit);
        let Some(tenant) = next.filter(|_| !self.rests) else { return };
        match thin(world, tenant, begin(tenant), limit).await {
            Ok(done) => drop(self.done.insert(tenant, done)),
            Err(error) => {
                self.rests = true;
                tracing::warn!(%tenant, %error, "old samples were not thinned; trying again later");
            }
        }
    }
}

/// Thins a stretch after `begin`; up to where everything is thinned now.
async fn thin(
    world: &World,
    tenant: TenantId,
    begin: Timestamp,
    limit: Timestamp,
) -> Result<Timestamp, StoreError> {
    let oldest = world.store.oldest_sample(tenant, begin).await?;
    let Some(oldest) = oldest.filter(|oldest| *oldest < limit) else { return Ok(limit) };
    let from = hour_of(oldest);
    let to = from.after(STEP).min(limit);
    let deleted = world.store.thin_samples(tenant, from, to, STEP_ROWS).await?;
    Ok(if deleted < u64::from(STEP_ROWS) { to } else { from })
}

fn hour_of(at: Timestamp) -> Timestamp {
    Timestamp(at.0 - at.0.rem_euclid(HOUR.micros()))
}
