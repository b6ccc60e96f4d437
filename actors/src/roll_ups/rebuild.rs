//! Counts a tenant from the beginning: to keep what is found, or to compare it with what is kept.
//!
//! For who owns the store and lets nobody else write.
//! Invariant: comparing changes nothing.

use std::collections::BTreeMap;

use domain::{LocalDay, QueueId, TenantId, Zone};
use persistence::{Part, RollUpRow, Settled, Store, StoreError};

use super::counting::{count, zone_of};
use crate::resources::Directory;

/// Days of a queue that are kept in one transaction: a quarter of a year.
const DAYS_AT_ONCE: usize = 92;
/// Differences told of one by one.
const TOLD_MAX: usize = 100;

/// What to do with what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebuilding {
    Keep,
    Compare,
}

/// Where what is kept is not what the legs say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub queue: QueueId,
    pub day: LocalDay,
    pub part: Part,
    pub item: String,
    /// `missing`, `left over` or `different`.
    pub what: &'static str,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rebuilt {
    pub queues: u64,
    pub days: u64,
    pub legs: u64,
    pub rows: u64,
    /// Hours whose legs the running program has not counted yet. Their days are not compared.
    pub due: u64,
    pub differing: u64,
    /// The first of them.
    pub differences: Vec<Difference>,
}

/// Counts every queue of a tenant; `step` is told after each queue, with how many there are.
///
/// # Errors
/// When the store does not answer.
pub async fn rebuild_roll_ups(
    store: &dyn Store,
    tenant: TenantId,
    directory: &Directory,
    doing: Rebuilding,
    mut step: impl FnMut(usize, usize),
) -> Result<Rebuilt, StoreError> {
    let queues = store.queues_with_legs(tenant).await?;
    let mut rebuilt = Rebuilt::default();
    for (done, queue) in queues.iter().enumerate() {
        let zone = zone_of(store, tenant, directory, *queue).await?;
        match doing {
            Rebuilding::Keep => keep(store, tenant, (*queue, &zone), &mut rebuilt).await?,
            Rebuilding::Compare => compare(store, tenant, (*queue, &zone), &mut rebuilt).await?,
        }
        rebuilt.queues += 1;
        step(done + 1, queues.len());
    }
    Ok(rebuilt)
}

async fn days_of(
    store: &dyn Store,
    tenant: TenantId,
    (queue, zone): (QueueId, &Zone),
) -> Result<Vec<LocalDay>, StoreError> {
    let span = store.span_of_legs(tenant, queue).await?;
    Ok(span.map_or_else(Vec::new, |(first, last)| {
        let (first, last) = (zone.day_of(first).number(), zone.day_of(last).number());
        (first..=last).map(LocalDay::from_number).collect()
    }))
}

async fn keep(
    store: &dyn Store,
    tenant: TenantId,
    (queue, zone): (QueueId, &Zone),
    rebuilt: &mut Rebuilt,
) -> Result<(), StoreError> {
    let mut settled = Settled::All;
    for days in days_of(store, tenant, (queue, zone)).await?.chunks(DAYS_AT_ONCE) {
        let mut counted = Vec::with_capacity(days.len());
        for day in days {
            let day = count(store, tenant, queue, *day, zone).await?;
            rebuilt.take(&day.rows);
            counted.push(day);
        }
        store.save_roll_ups(tenant, queue, counted, settled).await?;
        settled = Settled::Seen(Vec::new());
    }
    Ok(())
}

async fn compare(
    store: &dyn Store,
    tenant: TenantId,
    (queue, zone): (QueueId, &Zone),
    rebuilt: &mut Rebuilt,
) -> Result<(), StoreError> {
    type Key = (LocalDay, Part, String);
    let key = |row: &RollUpRow| -> Key { (row.day, row.part, row.item.clone()) };
    let due = store.due_roll_ups(tenant, u32::MAX).await?;
    let due: Vec<LocalDay> = due
        .iter()
        .filter(|mark| mark.queue == queue)
        .flat_map(|mark| [mark.hour_at, mark.hour_at.after(domain::Secs(3_599))])
        .map(|instant| zone.day_of(instant))
        .collect();
    rebuilt.due += u64::try_from(due.len() / 2).unwrap_or_default();
    let kept = store.roll_ups_of_queue(tenant, queue).await?;
    let mut kept: BTreeMap<Key, RollUpRow> = kept.into_iter().map(|row| (key(&row), row)).collect();
    for day in days_of(store, tenant, (queue, zone)).await? {
        let counted = count(store, tenant, queue, day, zone).await?;
        rebuilt.take(&counted.rows);
        for row in counted.rows {
            let what = match kept.remove(&key(&row)) {
                None => "missing",
                Some(held) if held != row => "different",
                Some(_) => continue,
            };
            rebuilt.differs(queue, key(&row), what, &due);
        }
    }
    kept.into_keys().for_each(|key| rebuilt.differs(queue, key, "left over", &due));
    Ok(())
}

impl Rebuilt {
    fn take(&mut self, rows: &[RollUpRow]) {
        let legs = rows.iter().filter(|row| row.part == Part::Class);
        self.legs += legs.map(|row| row.figures.count(persistence::Count::Legs)).sum::<u64>();
        self.days += u64::from(!rows.is_empty());
        self.rows += u64::try_from(rows.len()).unwrap_or_default();
    }

    fn differs(
        &mut self,
        queue: QueueId,
        (day, part, item): (LocalDay, Part, String),
        what: &'static str,
        due: &[LocalDay],
    ) {
        if due.contains(&day) {
            return;
        }
        self.differing += 1;
        if self.differences.len() < TOLD_MAX {
            self.differences.push(Difference { queue, day, part, item, what });
        }
    }
}
