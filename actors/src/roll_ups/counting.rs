//! Counts days of one queue, as the clock of its site divides them.
//!
//! Marks are read before legs: a leg that comes in between is counted, or marks anew, or both.
//! Invariant: a day is counted whole, so counting it twice says the same.

use std::collections::BTreeSet;

use domain::{LocalDay, QueueId, Secs, SiteId, TenantId, Timestamp, Zone};
use persistence::{DayCount, DueRow, Settled, Store, StoreError, count_day};

use crate::resources::Directory;

/// The last second of an hour.
const LAST: Secs = Secs(3_599);

/// Counts the days that these hours of a queue touch; false when one of the marks was set anew meanwhile.
pub(super) async fn settle(
    store: &dyn Store,
    tenant: TenantId,
    directory: &Directory,
    seen: Vec<DueRow>,
) -> Result<bool, StoreError> {
    let Some(queue) = seen.first().map(|mark| mark.queue) else { return Ok(true) };
    let zone = zone_of(store, tenant, directory, queue).await?;
    let days: BTreeSet<LocalDay> = seen
        .iter()
        .flat_map(|mark| [mark.hour_at, mark.hour_at.after(LAST)])
        .map(|instant| zone.day_of(instant))
        .collect();
    let mut counted = Vec::with_capacity(days.len());
    for day in days {
        counted.push(count(store, tenant, queue, day, &zone).await?);
    }
    store.save_roll_ups(tenant, queue, counted, Settled::Seen(seen)).await
}

/// One day, from its legs.
pub(super) async fn count(
    store: &dyn Store,
    tenant: TenantId,
    queue: QueueId,
    day: LocalDay,
    zone: &Zone,
) -> Result<DayCount, StoreError> {
    let (from, to) = (zone.begin_of(day), zone.begin_of(day.plus(1)));
    let legs = store.legs_of_queue(tenant, queue, from, to).await?;
    Ok(count_day(day, &legs, zone))
}

/// The zone of the queue's site; of a queue that was deleted, that of the site its legs name.
pub(super) async fn zone_of(
    store: &dyn Store,
    tenant: TenantId,
    directory: &Directory,
    queue: QueueId,
) -> Result<Zone, StoreError> {
    let configured = directory.queue(queue).map(|kept| SiteId(kept.body.site_id));
    let site = match configured {
        Some(site) => Some(site),
        None => site_of_legs(store, tenant, queue).await?,
    };
    let site = site.and_then(|site| directory.site(site));
    Ok(site.map_or_else(Zone::utc, |kept| kept.body.timezone.clone()))
}

async fn site_of_legs(
    store: &dyn Store,
    tenant: TenantId,
    queue: QueueId,
) -> Result<Option<SiteId>, StoreError> {
    let Some((first, _)) = store.span_of_legs(tenant, queue).await? else { return Ok(None) };
    let legs = store.legs_of_queue(tenant, queue, first, Timestamp(first.0 + 1)).await?;
    Ok(legs.first().map(|leg| leg.site))
}
