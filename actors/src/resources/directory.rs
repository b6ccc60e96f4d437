//! Everything configured for one tenant, in memory: who and what exists, by id and by key.
//!
//! A directory is immutable once shared; each change makes the next one, so readers never wait.
//! Invariant: it holds what the database holds; only the tenant's actor replaces it, after the commit.

use std::collections::BTreeMap;

use domain::{AgentId, CounterId, DeviceId, QueueId, Role, ServiceId, SiteId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::bodies::{AgentBody, CounterBody, DeviceBody, QueueBody, ServiceBody, SiteBody};
use super::standing::Standing;

/// What kind of thing is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Site,
    Service,
    Queue,
    Counter,
    Agent,
    Device,
}

impl Kind {
    pub const ALL: &'static [Self] =
        &[Self::Site, Self::Service, Self::Queue, Self::Counter, Self::Agent, Self::Device];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Service => "service",
            Self::Queue => "queue",
            Self::Counter => "counter",
            Self::Agent => "agent",
            Self::Device => "device",
        }
    }
}

/// A body that can be configured.
pub trait Resource: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    const KIND: Kind;

    /// The name that is unique within tenant and kind: a slug, an e-mail, `site/prefix`.
    fn key(&self) -> String;

    /// What cannot be accepted as it stands: the field and what to give instead.
    ///
    /// # Errors
    /// The first fault found, judged against what else exists.
    fn check(&self, directory: &Directory, id: Uuid) -> Result<(), (String, String)>;

    fn shelf(directory: &Directory) -> &BTreeMap<Uuid, Kept<Self>>;

    fn shelf_mut(directory: &mut Directory) -> &mut BTreeMap<Uuid, Kept<Self>>;
}

/// One configured thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept<T> {
    pub id: Uuid,
    /// Counts changes, from 1.
    pub version: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub body: T,
}

/// Everything configured for one tenant.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    pub(super) sites: BTreeMap<Uuid, Kept<SiteBody>>,
    pub(super) services: BTreeMap<Uuid, Kept<ServiceBody>>,
    pub(super) queues: BTreeMap<Uuid, Kept<QueueBody>>,
    pub(super) counters: BTreeMap<Uuid, Kept<CounterBody>>,
    pub(super) agents: BTreeMap<Uuid, Kept<AgentBody>>,
    pub(super) devices: BTreeMap<Uuid, Kept<DeviceBody>>,
    /// What the platform grants.
    pub(crate) standing: Standing,
}

impl Directory {
    /// Whether the platform has shut the tenant out.
    pub const fn is_suspended(&self) -> bool {
        self.standing.suspended_at.is_some()
    }

    pub fn list<T: Resource>(&self) -> impl Iterator<Item = &Kept<T>> {
        T::shelf(self).values()
    }

    pub fn get<T: Resource>(&self, id: Uuid) -> Option<&Kept<T>> {
        T::shelf(self).get(&id)
    }

    pub fn by_key<T: Resource>(&self, key: &str) -> Option<&Kept<T>> {
        self.list::<T>().find(|kept| kept.body.key() == key)
    }

    pub fn site(&self, id: SiteId) -> Option<&Kept<SiteBody>> {
        self.sites.get(&id.0)
    }

    pub fn service(&self, id: ServiceId) -> Option<&Kept<ServiceBody>> {
        self.services.get(&id.0)
    }

    pub fn queue(&self, id: QueueId) -> Option<&Kept<QueueBody>> {
        self.queues.get(&id.0)
    }

    pub fn counter(&self, id: CounterId) -> Option<&Kept<CounterBody>> {
        self.counters.get(&id.0)
    }

    pub fn agent(&self, id: AgentId) -> Option<&Kept<AgentBody>> {
        self.agents.get(&id.0)
    }

    pub fn device(&self, id: DeviceId) -> Option<&Kept<DeviceBody>> {
        self.devices.get(&id.0)
    }

    /// The queue of a service at a site.
    pub fn queue_for(&self, site: SiteId, service: ServiceId) -> Option<&Kept<QueueBody>> {
        self.queues
            .values()
            .find(|queue| queue.body.site_id == site.0 && queue.body.service_id == service.0)
    }
}

impl Directory {
    /// The directory that these rows describe.
    pub(crate) fn from_rows(rows: &[persistence::ResourceRow]) -> Result<Self, String> {
        let mut directory = Self::default();
        for row in rows {
            directory.take(row).map_err(|error| format!("{} {}: {error}", row.kind, row.id))?;
        }
        Ok(directory)
    }

    fn take(&mut self, row: &persistence::ResourceRow) -> Result<(), serde_json::Error> {
        match Kind::ALL.iter().find(|kind| kind.as_str() == row.kind) {
            Some(Kind::Site) => self.keep::<SiteBody>(row),
            Some(Kind::Service) => self.keep::<ServiceBody>(row),
            Some(Kind::Queue) => self.keep::<QueueBody>(row),
            Some(Kind::Counter) => self.keep::<CounterBody>(row),
            Some(Kind::Agent) => self.keep::<AgentBody>(row),
            Some(Kind::Device) => self.keep::<DeviceBody>(row),
            // Written by a newer program; it stays in the database.
            None => Ok(()),
        }
    }

    fn keep<T: Resource>(
        &mut self,
        row: &persistence::ResourceRow,
    ) -> Result<(), serde_json::Error> {
        let body = serde_json::from_str(&row.body)?;
        let (id, version, created_at, updated_at) =
            (row.id, row.version, row.created_at, row.updated_at);
        self.put::<T>(Kept { id, version, created_at, updated_at, body });
        Ok(())
    }

    pub(crate) fn put<T: Resource>(&mut self, kept: Kept<T>) {
        T::shelf_mut(self).insert(kept.id, kept);
    }

    pub(crate) fn remove<T: Resource>(&mut self, id: Uuid) {
        T::shelf_mut(self).remove(&id);
    }

    /// What still names this thing; none when it may be deleted.
    pub(crate) fn user_of(&self, kind: Kind, id: Uuid) -> Option<String> {
        let queue = |queue: &Kept<QueueBody>| format!("queue {}", queue.body.name);
        match kind {
            Kind::Site => {
                let queues = self.queues.values().find(|queue| queue.body.site_id == id).map(queue);
                let counter = self.counters.values().find(|counter| counter.body.site_id == id);
                let device = self.devices.values().find(|device| device.body.site_id == id);
                queues
                    .or_else(|| counter.map(|counter| format!("counter {}", counter.body.name)))
                    .or_else(|| device.map(|device| format!("device {}", device.body.name)))
            }
            Kind::Service => {
                self.queues.values().find(|queue| queue.body.service_id == id).map(queue)
            }
            Kind::Queue => self.agent_where(|agent| agent.queues.contains(&id)),
            Kind::Counter => self.agent_where(|agent| agent.counter_id == Some(id)),
            Kind::Agent => self
                .is_last_admin(id)
                .then(|| "the organisation, whose last administrator this is".to_owned()),
            Kind::Device => None,
        }
    }

    /// Whether nobody else administers the tenant.
    pub(crate) fn is_last_admin(&self, id: Uuid) -> bool {
        let administers =
            |agent: &Kept<AgentBody>| agent.body.active && agent.body.role == Role::Admin;
        let mut admins = self.agents.values().filter(|agent| administers(agent));
        admins.next().is_some_and(|admin| admin.id == id) && admins.next().is_none()
    }

    fn agent_where(&self, uses: impl Fn(&AgentBody) -> bool) -> Option<String> {
        self.agents
            .values()
            .find(|agent| uses(&agent.body))
            .map(|agent| format!("agent {}", agent.body.name))
    }
}
