//! A log to tamper with: an engine on a fresh database, its key and its checkpoints in a folder.
//!
//! Entries are recorded through the engine's own handle. Invariant: after `stop` everything recorded is on disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actors::{
    AuditEntry, AuditKeeping, AuditKey, AuditSource, Clock, Engine, Settings, StartError,
    verify_audit,
};
use async_trait::async_trait;
use domain::TenantId;
use persistence::testing::{Tamper, TestDatabase};
use persistence::{AuditRow, StoreError};
use serde_json::json;

pub(crate) const BANK: &str = "banque";

pub(crate) struct World {
    pub(crate) database: TestDatabase,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) key: AuditKey,
    pub(crate) tenant: TenantId,
}

impl World {
    /// A bank whose log has `entries` entries, its program stopped.
    pub(crate) async fn with(database: TestDatabase, entries: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = AuditKey::from_text(&AuditKey::generate().unwrap()).unwrap();
        let tenant = TenantId(uuid::Uuid::nil());
        let mut world = Self { database, folder, key, tenant };
        let engine = world.start(None).await.unwrap();
        world.tenant = engine.create_tenant(BANK, "Banque").await.unwrap().id();
        world.record(&engine, entries);
        engine.stop(Duration::from_secs(10)).await;
        world
    }

    pub(crate) fn checkpoints(&self) -> PathBuf {
        self.folder.path().join("audit-checkpoints.jsonl")
    }

    pub(crate) async fn start(&self, accept: Option<&str>) -> Result<Engine, StartError> {
        self.start_every(accept, Duration::from_secs(300)).await
    }

    pub(crate) async fn start_every(
        &self,
        accept: Option<&str>,
        every: Duration,
    ) -> Result<Engine, StartError> {
        let audit = Some(AuditKeeping {
            key: self.key.clone(),
            checkpoints: self.checkpoints(),
            every,
            accept: accept.map(str::to_owned),
        });
        let store = self.database.open().await;
        let settings = Settings { audit, ..Settings::default() };
        let started = Engine::start(Arc::clone(&store), settings, Clock::system()).await;
        if started.is_err() {
            store.close().await;
        }
        started
    }

    pub(crate) fn record(&self, engine: &Engine, entries: u64) {
        for number in 0..entries {
            assert!(engine.audit().record(self.entry(engine, number)));
        }
    }

    pub(crate) fn entry(&self, engine: &Engine, number: u64) -> AuditEntry {
        AuditEntry {
            tenant: self.tenant,
            at: engine.clock().now(),
            actor: format!("agent:{}", number % 3),
            action: "queue.pause".to_owned(),
            object: format!("queue:{number}"),
            outcome: "ok",
            address: number.is_multiple_of(2).then(|| "192.0.2.7".to_owned()),
            request_id: Some(format!("r-{number}")),
            before: Some(json!({ "state": "open" })),
            after: number.is_multiple_of(3).then(|| json!({ "state": "paused" })),
        }
    }

    /// The first bad entry of the bank's log as `source` shows it; none for a sound log.
    pub(crate) async fn first_bad(&self, source: &mut dyn AuditSource) -> Option<u64> {
        let file = self.checkpoints();
        let found = verify_audit(source, &self.key, &file, &[self.tenant], false).await.unwrap();
        found[&self.tenant].fault.as_ref().map(|fault| fault.seq)
    }
}

/// The log as it is seen on the connection that tampers with it.
pub(crate) struct Seen<'t>(pub(crate) &'t mut Tamper);

#[async_trait]
impl AuditSource for Seen<'_> {
    async fn stretch(
        &mut self,
        _: TenantId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.0.range(after, limit).await
    }
}

/// A planted bug: a verification that does not see one field, as if the hash left it out.
pub(crate) struct Blind<'t> {
    pub(crate) seen: Seen<'t>,
    pub(crate) truth: Vec<AuditRow>,
}

#[async_trait]
impl AuditSource for Blind<'_> {
    async fn stretch(
        &mut self,
        tenant: TenantId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let mut rows = self.seen.stretch(tenant, after, limit).await?;
        for row in &mut rows {
            if let Some(was) = self.truth.iter().find(|was| was.seq == row.seq) {
                row.outcome.clone_from(&was.outcome);
            }
        }
        Ok(rows)
    }
}
