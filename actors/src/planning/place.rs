//! What a plan is about: one queue, or all queues of a site as one line.
//!
//! A site's queues keep their classes apart: `A/normal` is the class normal of the queue with the prefix A.
//! Invariant: every visit of the place has a class, the default one of its queue if its own is gone.

use std::collections::BTreeMap;

use domain::{
    Arrivals, Class, ClassKey, DemandClass, HALF_HOURS, Policy, QueueConfig, QueueId, Secs, SiteId,
    Timestamp, Zone,
};
use jiff::civil::Date;
use persistence::{ArrivalsRow, HISTORY_ROWS_MAX, HistoryFilter, HistoryRow};
use uuid::Uuid;

use crate::ask::AskError;
use crate::resources::{Directory, QueueBody, queue_config};
use crate::tenant::Tenant;

/// A queue, or a whole site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanPlace {
    Queue(QueueId),
    Site(SiteId),
}

/// A place with what is configured there.
pub(super) struct Place {
    pub(super) site: SiteId,
    pub(super) queue: Option<QueueId>,
    pub(super) zone: Zone,
    pub(super) policy: Policy,
    pub(super) classes: Vec<Class>,
    /// The shortest target of any service here.
    pub(super) target: Secs,
    /// The mean service time expected before any was seen.
    pub(super) expected_service: Secs,
    /// Where the classes of each queue begin in the list, and their own keys.
    places: BTreeMap<QueueId, (usize, Vec<ClassKey>)>,
}

impl Place {
    /// # Errors
    /// `NotFound` when there is no such queue or site, or a site without queues.
    pub(super) fn of(tenant: &Tenant, place: PlanPlace) -> Result<Self, AskError> {
        let directory = tenant.directory();
        let waiting_max = tenant.world.world.settings.waiting_per_queue_max;
        let configs = configs(&directory, place, waiting_max);
        let (_, first) = configs.first().ok_or(AskError::NotFound)?;
        let mut found = Self {
            site: first.site,
            queue: match place {
                PlanPlace::Queue(queue) => Some(queue),
                PlanPlace::Site(_) => None,
            },
            zone: first.zone.clone(),
            policy: first.policy.clone(),
            classes: Vec::new(),
            target: Secs(u32::MAX),
            expected_service: Secs(0),
            places: BTreeMap::new(),
        };
        let services: u64 = configs.iter().map(|(_, one)| u64::from(one.expected_service.0)).sum();
        let mean = services / configs.len() as u64;
        found.expected_service = Secs(u32::try_from(mean).unwrap_or(u32::MAX).max(1));
        configs.into_iter().for_each(|(queue, config)| found.add(queue, config));
        Ok(found)
    }

    fn add(&mut self, queue: QueueId, config: QueueConfig) {
        let begins = self.classes.len();
        let keys = config.classes.iter().map(|class| class.key.clone()).collect();
        self.places.insert(queue, (begins, keys));
        for class in config.classes {
            self.target = self.target.min(class.target);
            let key = match self.queue {
                Some(_) => class.key,
                None => ClassKey::new(&format!("{}/{}", config.numbering.prefix, class.key)),
            };
            self.classes.push(Class { key, ..class });
        }
    }

    /// Where the class of a visit stands in the list.
    pub(super) fn class_of(&self, queue: QueueId, class: &str) -> usize {
        let Some((begins, keys)) = self.places.get(&queue) else { return 0 };
        begins + keys.iter().position(|key| key.as_str() == class).unwrap_or_default()
    }

    pub(super) fn filter(&self, tenant: &Tenant, from: Timestamp, to: Timestamp) -> HistoryFilter {
        HistoryFilter { tenant: tenant.id(), site: self.site, queue: self.queue, from, to }
    }

    /// Arrivals of the days from `from` until just before `to`.
    pub(super) async fn rows(
        &self,
        tenant: &Tenant,
        (from, to): (Date, Date),
    ) -> Result<Vec<ArrivalsRow>, AskError> {
        let midnight = |date| self.zone.begin_of(domain::LocalDay(date));
        let filter = self.filter(tenant, midnight(from), midnight(to));
        let rows = tenant.world.world.store.arrivals(filter).await;
        rows.map_err(|_| AskError::OutcomeUnknown)
    }

    /// The newest visits of those days.
    pub(super) async fn visits(
        &self,
        tenant: &Tenant,
        (from, to): (Date, Date),
    ) -> Result<Vec<HistoryRow>, AskError> {
        let midnight = |date| self.zone.begin_of(domain::LocalDay(date));
        let filter = self.filter(tenant, midnight(from), midnight(to));
        let visits = tenant.world.world.store.history(filter, HISTORY_ROWS_MAX).await;
        visits.map_err(|_| AskError::OutcomeUnknown)
    }

    /// Adds arrivals to days; whole days at a time.
    pub(super) fn count(&self, rows: &[ArrivalsRow]) -> Arrivals {
        let mut days = Arrivals::new();
        for row in rows {
            let (day, half_hour) =
                (self.zone.day_of(row.half_hour), self.zone.half_hour_of(row.half_hour));
            let counts = days.entry(day.0).or_insert([0.0; HALF_HOURS]);
            counts[usize::from(half_hour)] += f64::from(row.came);
        }
        days
    }

    /// What the visits say of each class.
    pub(super) fn demand(&self, visits: &[HistoryRow]) -> Vec<DemandClass> {
        let mut classes = vec![DemandClass::default(); self.classes.len()];
        for visit in visits {
            classes[self.class_of(visit.queue, &visit.class)].take(&self.recorded(visit));
        }
        classes
    }

    pub(super) fn recorded(&self, visit: &HistoryRow) -> domain::Recorded {
        domain::Recorded {
            arrives: f64::from(self.zone.second_of_day(visit.arrived_at)),
            class: self.class_of(visit.queue, &visit.class),
            waited: f64::from(visit.waited.0),
            service: visit.taken.map(|taken| f64::from(taken.0)),
        }
    }
}

fn configs(
    directory: &Directory,
    place: PlanPlace,
    waiting_max: u32,
) -> Vec<(QueueId, QueueConfig)> {
    let meant = |id: Uuid, body: &QueueBody| match place {
        PlanPlace::Queue(queue) => id == queue.0,
        PlanPlace::Site(site) => body.site_id == site.0,
    };
    let queues = directory.list::<QueueBody>().filter(|queue| meant(queue.id, &queue.body));
    let mut configs: Vec<(QueueId, QueueConfig)> = queues
        .filter_map(|queue| {
            Some((QueueId(queue.id), queue_config(directory, &queue.body, waiting_max)?))
        })
        .collect();
    configs.sort_unstable_by_key(|(queue, _)| *queue);
    configs
}
