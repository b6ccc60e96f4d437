//! Days that were read, in memory: decoding histograms is what a report spends its time on.
//!
//! Each day carries the stamp it was read under; the stamp is read first, so a day that changes in between is read
//! again the next time. The days used longest ago go when there is no more room.
//! Invariant: a day found under its stamp is the day that the store holds, or a newer one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::{LocalDay, TenantId};
use persistence::{Part, RollUpRow};
use uuid::Uuid;

/// A month of two hundred queues takes a third of it.
const BYTES_MAX: usize = 256 << 20;

type Key = (TenantId, Part, LocalDay);
type Rows = Arc<[RollUpRow]>;

#[derive(Default)]
pub(super) struct Cache {
    days: HashMap<Key, Kept>,
    bytes: usize,
    uses: u64,
}

struct Kept {
    stamp: Uuid,
    rows: Rows,
    bytes: usize,
    used: u64,
}

impl Cache {
    /// The days that are here as they are stamped, and the others in the order of time.
    pub(super) fn find(
        &mut self,
        tenant: TenantId,
        part: Part,
        stamps: &[(LocalDay, Uuid)],
    ) -> (Vec<Rows>, Vec<(LocalDay, Uuid)>) {
        self.uses += 1;
        let (mut found, mut missing) = (Vec::with_capacity(stamps.len()), Vec::new());
        for (day, stamp) in stamps {
            match self.days.get_mut(&(tenant, part, *day)) {
                Some(kept) if kept.stamp == *stamp => {
                    kept.used = self.uses;
                    found.push(Arc::clone(&kept.rows));
                }
                Some(_) | None => missing.push((*day, *stamp)),
            }
        }
        (found, missing)
    }

    /// Keeps what was read of the missing days, and gives it.
    pub(super) fn keep(
        &mut self,
        tenant: TenantId,
        part: Part,
        missing: &[(LocalDay, Uuid)],
        mut read: BTreeMap<LocalDay, Vec<RollUpRow>>,
    ) -> Vec<Rows> {
        let mut kept = Vec::with_capacity(missing.len());
        for (day, stamp) in missing {
            let rows: Rows = read.remove(day).unwrap_or_default().into();
            let bytes = rows.iter().map(bytes_of).sum();
            kept.push(Arc::clone(&rows));
            self.put((tenant, part, *day), Kept { stamp: *stamp, rows, bytes, used: self.uses });
        }
        kept
    }

    fn put(&mut self, key: Key, kept: Kept) {
        self.bytes += kept.bytes;
        if let Some(old) = self.days.insert(key, kept) {
            self.bytes -= old.bytes;
        }
        while self.bytes > BYTES_MAX {
            let oldest = self.days.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| *key);
            let Some(gone) = oldest.and_then(|key| self.days.remove(&key)) else { return };
            self.bytes -= gone.bytes;
        }
    }
}

fn bytes_of(row: &RollUpRow) -> usize {
    let cells: usize = row.figures.spreads.iter().map(|spread| spread.cells.bytes()).sum();
    size_of::<RollUpRow>() + row.item.len() + cells
}

pub(super) fn by_day(rows: Vec<RollUpRow>) -> BTreeMap<LocalDay, Vec<RollUpRow>> {
    let mut days: BTreeMap<LocalDay, Vec<RollUpRow>> = BTreeMap::new();
    for row in rows {
        days.entry(row.day).or_default().push(row);
    }
    days
}

#[cfg(test)]
mod tests {
    use domain::{QueueId, ServiceId, SiteId};
    use persistence::Figures;

    use super::*;

    fn row(day: LocalDay) -> RollUpRow {
        RollUpRow {
            part: Part::Class,
            day,
            queue: QueueId(Uuid::nil()),
            item: "normal".to_owned(),
            site: SiteId(Uuid::nil()),
            service: ServiceId(Uuid::nil()),
            figures: Figures::default(),
        }
    }

    #[test]
    fn a_day_is_found_until_its_stamp_changes_and_never_for_another_tenant() {
        let (mut cache, day) = (Cache::default(), LocalDay::from_number(20_000));
        let (tenant, other) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
        let (old, new) = (Uuid::now_v7(), Uuid::now_v7());
        let (found, missing) = cache.find(tenant, Part::Class, &[(day, old)]);
        assert!(found.is_empty());
        let read = by_day(vec![row(day)]);
        assert_eq!(cache.keep(tenant, Part::Class, &missing, read).len(), 1);
        let mut left = |tenant, part, stamp| cache.find(tenant, part, &[(day, stamp)]).1.len();
        assert_eq!(left(tenant, Part::Class, old), 0);
        assert_eq!(left(tenant, Part::Class, new), 1);
        assert_eq!(left(tenant, Part::Agent, old), 1);
        assert_eq!(left(other, Part::Class, old), 1);
    }

    #[test]
    fn memory_is_bounded_and_the_day_used_longest_ago_goes() {
        let (mut cache, tenant) = (Cache::default(), TenantId(Uuid::now_v7()));
        let kept =
            |used| Kept { stamp: Uuid::nil(), rows: Rows::default(), bytes: BYTES_MAX / 2, used };
        for (number, used) in [(1, 7), (2, 3), (3, 9)] {
            cache.put((tenant, Part::Class, LocalDay::from_number(number)), kept(used));
        }
        let mut days: Vec<i64> = cache.days.keys().map(|(_, _, day)| day.number()).collect();
        days.sort_unstable();
        assert_eq!((days, cache.bytes), (vec![1, 3], BYTES_MAX));
    }
}
