//! The engine: the running orchestrator, started on a store and stopped leaf first.
//!
//! It owns the supervision tree, the topic hub and the registry, and hands out tenants by slug.
//! Invariant: after `stop` returns nothing of it runs and everything acknowledged is on disk.

mod tenants;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::{Secs, TenantId};
use persistence::{SaveError, Store, StoreError, TenantRow};
use ractor::{Actor, ActorRef};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::alerts::Notice;
use crate::api_keys::ApiKey;
use crate::ask::AskError;
use crate::audit::{Audit, AuditError, AuditKeeping};
use crate::clock::Clock;
use crate::counts::Counts;
use crate::reports::Reports;
use crate::resources::{Directory, Standing};
use crate::root_supervisor::{RootMessage, RootSupervisor};
use crate::tenant::Tenant;
use crate::topic_hub::Hub;
use crate::world::{TenantWorld, World};

pub use tenants::TenantChange;

/// Limits and intervals of the engine; each is an option of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Events in one commit.
    pub batch_events_max: usize,
    /// Bytes in one commit, so that a large entry does not hold up the rest.
    pub batch_bytes_max: usize,
    /// Events between two snapshots of a stream: the longest tail that a recovery reads.
    pub snapshot_every_events: u64,
    pub waiting_per_queue_max: u32,
    pub in_flight_per_queue_max: usize,
    pub in_flight_per_tenant_max: usize,
    /// How long a repeated request gets its first answer.
    pub idempotency_ttl: Duration,
    /// How long a caller waits for an actor.
    pub answer_timeout: Duration,
    /// How often it is stored how the queues stand.
    pub sample_every: Duration,
    /// How the audit log is kept; none chains it under a key that nobody has, without checkpoints.
    pub audit: Option<AuditKeeping>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            batch_events_max: 1_024,
            batch_bytes_max: 1 << 20,
            snapshot_every_events: 1_000,
            waiting_per_queue_max: 10_000,
            in_flight_per_queue_max: 256,
            in_flight_per_tenant_max: 2_048,
            idempotency_ttl: Duration::from_secs(72 * 3_600),
            answer_timeout: Duration::from_secs(10),
            sample_every: Duration::from_secs(30),
            audit: None,
        }
    }
}

/// Why the engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the configuration of tenant {tenant} cannot be read: {reason}")]
    Configuration { tenant: String, reason: String },
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error("an actor did not start: {0}")]
    Actor(String),
}

/// A tenant as the platform sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantInfo {
    pub id: TenantId,
    pub slug: String,
    pub name: String,
    /// Counts changes, from 1.
    pub version: u64,
    pub standing: Standing,
}

/// The running orchestrator. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    world: Arc<World>,
    root: ActorRef<RootMessage>,
    audit: Audit,
}

impl Engine {
    /// Starts every tenant of the store. Queues load in the background; commands wait for theirs.
    ///
    /// # Errors
    /// When the store cannot be read, the audit log is not what its checkpoints say, or a supervisor does not start.
    pub async fn start(
        store: Arc<dyn Store>,
        settings: Settings,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let world = Arc::new(World::new(store, clock, settings));
        for row in world.store.tenants().await? {
            admit(&world, &row).await?;
        }
        let audit = Audit::open(&world).await?;
        let started = RootSupervisor::spawn(None, RootSupervisor, Arc::clone(&world)).await;
        let (root, _) = started.map_err(|error| StartError::Actor(error.to_string()))?;
        Ok(Self { world, root, audit })
    }

    /// Stops taking commands, finishes those in hand, writes snapshots and ends every actor.
    pub async fn stop(&self, drain: Duration) {
        self.world.stopping.store(true, Ordering::SeqCst);
        let (reply_to, done) = oneshot::channel();
        if self.root.cast(RootMessage::Stop { reply_to }).is_ok()
            && timeout(drain, done).await.is_err()
        {
            tracing::warn!(
                "not every actor ended within {} s; the journal has everything acknowledged",
                drain.as_secs()
            );
        }
        if self.world.journal.finish().await.is_err() {
            tracing::warn!("the journal writer had ended before the last append");
        }
        self.root.stop(None);
        // Waits for children too; an error means that it was gone already.
        let _ = self.root.wait(Some(drain)).await;
        self.audit.finish(drain).await;
        self.world.store.close().await;
    }

    /// Alerts that somebody is to be told of, as they come; none the second time.
    pub fn take_notices(&self) -> Option<mpsc::Receiver<Notice>> {
        self.world.notices.take()
    }

    /// Whether the store holds alerts to be told that are not in the line, since the last time this was asked.
    pub fn has_more_notices(&self) -> bool {
        self.world.notices.take_more()
    }

    /// What the store holds could not be read: it is to be asked again.
    pub fn ask_notices_again(&self) {
        self.world.notices.has_more();
    }

    /// What the engine counts.
    pub fn counts(&self) -> &Counts {
        &self.world.counts
    }

    /// Tickets that each tenant has issued since the start, the most first.
    pub fn issued(&self) -> Vec<(String, u64)> {
        let tenants = self.world.tenants.iter();
        let mut issued: Vec<(String, u64)> =
            tenants.map(|tenant| (tenant.slug.clone(), tenant.issued.get())).collect();
        issued.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        issued
    }

    /// The audit log.
    pub const fn audit(&self) -> &Audit {
        &self.audit
    }

    pub fn clock(&self) -> &Clock {
        &self.world.clock
    }

    pub fn hub(&self) -> &Hub {
        &self.world.hub
    }

    pub fn store(&self) -> &Arc<dyn Store> {
        &self.world.store
    }

    pub fn reports(&self) -> &Reports {
        &self.world.reports
    }

    pub fn settings(&self) -> &Settings {
        &self.world.settings
    }

    /// The handle of a tenant, by its slug.
    pub fn tenant(&self, slug: &str) -> Option<Tenant> {
        let id = *self.world.slugs.get(slug)?;
        self.world.tenants.get(&id).map(|tenant| Tenant::new(Arc::clone(&tenant)))
    }

    /// The handles of those tenants that `wanted` asks for.
    pub fn tenants_where(&self, wanted: impl Fn(TenantId) -> bool) -> Vec<Tenant> {
        let found = self.world.tenants.iter().filter(|tenant| wanted(tenant.id));
        found.map(|tenant| Tenant::new(Arc::clone(&tenant))).collect()
    }

    /// The handle of a tenant, by its id.
    pub fn tenant_of(&self, id: TenantId) -> Option<Tenant> {
        self.world.tenants.get(&id).map(|tenant| Tenant::new(Arc::clone(&tenant)))
    }

    /// All tenants, by slug.
    pub fn tenants(&self) -> Vec<TenantInfo> {
        let mut tenants: Vec<TenantInfo> =
            self.world.tenants.iter().map(|tenant| info(&tenant)).collect();
        tenants.sort_by(|left, right| left.slug.cmp(&right.slug));
        tenants
    }

    /// Creates a tenant and starts its actors.
    ///
    /// # Errors
    /// `Invalid` for a slug that cannot stand in a URL, `Taken` for one that is another tenant's.
    pub async fn create_tenant(&self, slug: &str, name: &str) -> Result<Tenant, AskError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if slug.is_empty() || slug.len() > 64 || !slug.chars().all(plain) {
            let remedy = "give 1 to 64 lower-case letters, digits or hyphens".to_owned();
            return Err(AskError::Invalid { field: "slug".to_owned(), remedy });
        }
        sound_name(name)?;
        let now = self.world.clock.now();
        let row = TenantRow {
            tenant: TenantId(self.world.clock.new_id()),
            slug: slug.to_owned(),
            name: name.to_owned(),
            version: 1,
            body: "{}".to_owned(),
            created_at: now,
            updated_at: now,
        };
        self.world.store.save_tenant(row.clone()).await.map_err(|error| taken(error, slug))?;
        let tenant = admit(&self.world, &row).await.map_err(|_| AskError::OutcomeUnknown)?;
        let (reply_to, started) = oneshot::channel();
        self.root
            .cast(RootMessage::StartTenant { tenant: row.tenant, reply_to })
            .map_err(|_| AskError::Stopping)?;
        match started.await {
            Ok(true) => Ok(Tenant::new(tenant)),
            Ok(false) | Err(_) => Err(AskError::OutcomeUnknown),
        }
    }

    /// True when the store answers and nothing is being stopped.
    pub async fn is_ready(&self) -> bool {
        !self.world.is_stopping() && self.world.store.ping().await.is_ok()
    }
}

fn info(tenant: &TenantWorld) -> TenantInfo {
    let (name, version) = tenant.name();
    let standing = tenant.directory().standing.clone();
    TenantInfo { id: tenant.id, slug: tenant.slug.clone(), name, version, standing }
}

fn sound_name(name: &str) -> Result<(), AskError> {
    let length = name.trim().chars().count();
    if length == 0 || length > 120 || name.chars().any(char::is_control) {
        let remedy = "give 1 to 120 characters without control characters".to_owned();
        return Err(AskError::Invalid { field: "name".to_owned(), remedy });
    }
    Ok(())
}

fn taken(error: SaveError, slug: &str) -> AskError {
    match error {
        SaveError::KeyTaken { .. } => {
            AskError::Taken { field: "slug".to_owned(), value: slug.to_owned() }
        }
        SaveError::VersionConflict { .. } | SaveError::Store(_) => AskError::OutcomeUnknown,
    }
}

/// Loads what is configured for a tenant and makes it known.
async fn admit(world: &Arc<World>, row: &TenantRow) -> Result<Arc<TenantWorld>, StartError> {
    let tenant = Arc::new(TenantWorld::new(Arc::clone(world), row));
    let rows = world.store.load_resources(row.tenant).await?;
    let unreadable =
        |reason: String| StartError::Configuration { tenant: row.slug.clone(), reason };
    let standing: Standing =
        serde_json::from_str(&row.body).map_err(|error| unreadable(error.to_string()))?;
    let directory = Directory::from_rows(&rows).map_err(unreadable)?;
    tenant.set_directory(directory.standing_so(standing));
    let ttl = Secs(u32::try_from(world.settings.idempotency_ttl.as_secs()).unwrap_or(u32::MAX));
    let since = world.clock.now().before(ttl);
    tenant.keys.fill(&world.store.live_keys(row.tenant, since).await?);
    let credentials = world.store.device_credentials(row.tenant).await?;
    tenant.devices.fill(&credentials, &world.store.device_sightings(row.tenant).await?);
    tenant.alerts.fill(world.store.live_alerts(row.tenant).await?);
    for key in world.store.api_keys(row.tenant).await? {
        if let Some(known) = ApiKey::of_row(&key) {
            tenant.api_keys.hold(key.hash, known);
        }
    }
    world.tenants.insert(row.tenant, Arc::clone(&tenant));
    world.slugs.insert(row.slug.clone(), row.tenant);
    Ok(tenant)
}
