//! What every actor shares: the store, the clock, the hub, the registry; and what those of one tenant share.
//!
//! Nothing here decides anything. Maps are concurrent and hold no guard across an await.
//! Invariant: no global state: two worlds in one process know nothing of each other.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use dashmap::DashMap;
use domain::{AgentId, CounterId, OfferId, QueueId, TenantId, TicketId};
use persistence::Store;
use ractor::ActorRef;
use tokio::sync::{Mutex, Semaphore};

use crate::agent_actor::AgentMessage;
use crate::alerts::{AlertBook, Notices};
use crate::api_keys::KeyRing;
use crate::clock::Clock;
use crate::counts::{ActorKind, Count, Counts};
use crate::devices::DeviceBook;
use crate::engine::Settings;
use crate::jobs::JobsHandle;
use crate::journal_writer::JournalHandle;
use crate::keys::KeyTable;
use crate::quarantine::Quarantine;
use crate::queue_actor::QueueMessage;
use crate::reports::Reports;
use crate::resources::Directory;
use crate::roll_ups::Changed;
use crate::tenant_actor::TenantMessage;
use crate::tenant_supervisor::SupervisorMessage;
use crate::topic_hub::Hub;

/// Streams loaded from the store at once: enough to keep it busy, few enough to leave connections for others.
const LOADS_AT_ONCE: usize = 8;

/// What every actor of one program shares.
pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) hub: Hub,
    pub(crate) settings: Settings,
    pub(crate) journal: JournalHandle,
    pub(crate) jobs: JobsHandle,
    pub(crate) notices: Notices,
    pub(crate) counts: Arc<Counts>,
    pub(crate) loads: Semaphore,
    /// Tenants whose legs wait to be counted.
    pub(crate) changed: Changed,
    pub(crate) reports: Reports,
    /// Held while a batch is being written, so that nobody reads a stream in the middle of its last commit.
    pub(crate) commit: Arc<Mutex<()>>,
    pub(crate) stopping: AtomicBool,
    /// Held while the platform changes a tenant.
    pub(crate) tenant_changes: Mutex<()>,
    pub(crate) tenants: DashMap<TenantId, Arc<TenantWorld>>,
    pub(crate) slugs: DashMap<String, TenantId>,
}

impl World {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Clock, settings: Settings) -> Self {
        let counts = Arc::<Counts>::default();
        let epoch = u64::try_from(clock.now().0).unwrap_or_default();
        Self {
            reports: Reports::new(Arc::clone(&store)),
            changed: Changed::default(),
            store,
            hub: Hub::new(epoch),
            clock,
            settings,
            journal: JournalHandle::counting(Arc::clone(&counts)),
            counts,
            jobs: JobsHandle::default(),
            notices: Notices::default(),
            loads: Semaphore::new(LOADS_AT_ONCE),
            commit: Arc::default(),
            stopping: AtomicBool::new(false),
            tenant_changes: Mutex::default(),
            tenants: DashMap::new(),
            slugs: DashMap::new(),
        }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

/// What the actors of one tenant share.
pub(crate) struct TenantWorld {
    pub(crate) world: Arc<World>,
    pub(crate) id: TenantId,
    pub(crate) slug: String,
    name: RwLock<(String, u64)>,
    directory: RwLock<Arc<Directory>>,
    pub(crate) keys: KeyTable,
    pub(crate) devices: DeviceBook,
    pub(crate) api_keys: KeyRing,
    pub(crate) alerts: AlertBook,
    /// Tickets issued since the start.
    pub(crate) issued: Count,
    pub(crate) quarantine: Quarantine,
    pub(crate) in_flight: Arc<AtomicUsize>,
    pub(crate) queues: DashMap<QueueId, QueueSlot>,
    pub(crate) agents: DashMap<AgentId, ActorRef<AgentMessage>>,
    pub(crate) actor: RwLock<Option<ActorRef<TenantMessage>>>,
    pub(crate) supervisor: RwLock<Option<ActorRef<SupervisorMessage>>>,
    /// Held while a ticket's notes are read, extended and written back.
    pub(crate) notes: Mutex<()>,
    /// Which queue holds a live ticket.
    pub(crate) tickets: DashMap<TicketId, QueueId>,
    /// To whom an offer stands.
    pub(crate) offers: DashMap<OfferId, AgentId>,
    /// Who sits where.
    pub(crate) counters: DashMap<CounterId, AgentId>,
}

/// Where a queue's actor is reached, if it may be reached at all.
#[derive(Clone)]
pub(crate) struct QueueSlot {
    pub(crate) actor: Option<ActorRef<QueueMessage>>,
    pub(crate) in_flight: Arc<AtomicUsize>,
    /// Its journal cannot be read, or it keeps dying.
    pub(crate) set_aside: bool,
}

impl TenantWorld {
    pub(crate) fn new(world: Arc<World>, row: &persistence::TenantRow) -> Self {
        Self {
            world,
            id: row.tenant,
            slug: row.slug.clone(),
            name: RwLock::new((row.name.clone(), row.version)),
            directory: RwLock::default(),
            keys: KeyTable::default(),
            devices: DeviceBook::default(),
            api_keys: KeyRing::default(),
            alerts: AlertBook::default(),
            issued: Count::default(),
            quarantine: Quarantine::default(),
            in_flight: Arc::default(),
            queues: DashMap::new(),
            agents: DashMap::new(),
            actor: RwLock::new(None),
            supervisor: RwLock::new(None),
            notes: Mutex::default(),
            tickets: DashMap::new(),
            offers: DashMap::new(),
            counters: DashMap::new(),
        }
    }

    /// Everything configured, as of now.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_directory(&self, directory: Directory) {
        *self.directory.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(directory);
    }

    /// Display name and version.
    pub(crate) fn name(&self) -> (String, u64) {
        self.name.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_name(&self, name: String, version: u64) {
        *self.name.write().unwrap_or_else(PoisonError::into_inner) = (name, version);
    }

    pub(crate) fn tell_tenant(&self, message: TenantMessage) {
        let actor = self.actor.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(actor) = actor {
            self.world.counts.sent(ActorKind::Tenant);
            // A dead tenant actor asks the queues for what it missed when it is back.
            let _ = actor.cast(message);
        }
    }

    pub(crate) fn tell_queue(&self, queue: QueueId, message: QueueMessage) {
        let actor = self.queues.get(&queue).and_then(|slot| slot.actor.clone());
        if let Some(actor) = actor {
            self.world.counts.sent(ActorKind::Queue);
            // A dead queue reconciles with agents and targets when it is back.
            let _ = actor.cast(message);
        }
    }

    pub(crate) fn tell_agent(&self, agent: AgentId, message: AgentMessage) {
        let actor = self.agents.get(&agent).map(|actor| actor.clone());
        if let Some(actor) = actor {
            self.world.counts.sent(ActorKind::Agent);
            // A dead agent asks its queues for what it missed when it is back.
            let _ = actor.cast(message);
        }
    }
}
