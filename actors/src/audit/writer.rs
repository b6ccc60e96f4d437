//! The one writer of the audit logs: batches, chains, keeps, and sets checkpoints.
//!
//! It is a task that the engine owns and waits for. Somebody beside it (the command line) may have added an entry: then
//! it looks up the end of the log and continues behind that.
//! Invariant: an entry that was taken is tried until it is kept; at the end, what cannot be kept is written to the log of
//! the program.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use domain::TenantId;
use persistence::{AuditHead, AuditRow, SaveError, StoreError};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::checkpoint::Checkpoints;
use super::entry::{AuditEntry, Draft};
use super::key::AuditKey;
use super::opening::{self, AuditError, PLATFORM};
use super::verify::{self, OfStore};
use super::{Audit, Shared, WAITING_MAX, chain, locked};
use crate::world::World;

const BATCH_MAX: usize = 256;
const EVERY_SECOND: Duration = Duration::from_secs(1);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(200);
/// Tries once the program was told to stop.
const LAST_TRIES: u32 = 5;
/// Without a keeping there are no checkpoints, and time does not matter.
const SELDOM: Duration = Duration::from_secs(300);

struct Writer {
    world: Arc<World>,
    shared: Arc<Shared>,
    key: AuditKey,
    checkpoints: Option<Checkpoints>,
    heads: HashMap<TenantId, AuditHead>,
    /// Breaks found while running, told once each.
    told: HashSet<(TenantId, u64)>,
}

impl Audit {
    /// Holds the logs against their checkpoints and starts the writer. Without a keeping, entries are chained under a
    /// key that nobody has and there are no checkpoints: for tests and for databases that are thrown away.
    #[expect(
        clippy::disallowed_methods,
        reason = "the engine holds the task and waits for its end"
    )]
    pub(crate) async fn open(world: &Arc<World>) -> Result<Self, AuditError> {
        let keeping = world.settings.audit.clone();
        let now = world.clock.now();
        let (key, checkpoints) = match &keeping {
            Some(keeping) => {
                let file = opening::open(world.store.as_ref(), keeping, now).await?;
                (keeping.key.clone(), Some(file))
            }
            None => (nobodys_key()?, None),
        };
        let (line, inbox) = mpsc::channel(WAITING_MAX);
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::new(Shared::default());
        let writer = Writer {
            world: Arc::clone(world),
            shared: Arc::clone(&shared),
            key,
            checkpoints,
            heads: HashMap::new(),
            told: HashSet::new(),
        };
        let every = keeping.map_or(SELDOM, |keeping| keeping.every);
        *locked(&shared.writer) = Some((stop, tokio::spawn(writer.run(inbox, stopped, every))));
        Ok(Self { line, shared })
    }
}

fn nobodys_key() -> Result<AuditKey, AuditError> {
    let unmade = |error: super::AuditKeyError| AuditError::Broken { what: error.to_string() };
    AuditKey::generate().and_then(|text| AuditKey::from_text(&text)).map_err(unmade)
}

impl Writer {
    async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Draft>,
        mut stopped: oneshot::Receiver<()>,
        every: Duration,
    ) {
        let (mut second, mut checkpoint) = (interval(EVERY_SECOND), interval(every));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        checkpoint.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut batch, mut open) = (Vec::new(), true);
        loop {
            tokio::select! {
                taken = inbox.recv_many(&mut batch, BATCH_MAX) => {
                    if taken == 0 {
                        break;
                    }
                    self.keep_all(std::mem::take(&mut batch)).await;
                }
                // What was sent before this stays in the line and is taken out to the end.
                _ = &mut stopped, if open => {
                    inbox.close();
                    open = false;
                }
                _ = second.tick() => self.keep_counts(false).await,
                _ = checkpoint.tick() => self.set_checkpoint().await,
            }
        }
        self.keep_counts(true).await;
        self.set_checkpoint().await;
    }

    async fn keep_all(&mut self, batch: Vec<Draft>) {
        let mut by_tenant: BTreeMap<TenantId, Vec<Draft>> = BTreeMap::new();
        for draft in batch {
            by_tenant.entry(draft.tenant).or_default().push(draft);
        }
        for (tenant, drafts) in by_tenant {
            self.keep(tenant, &drafts).await;
        }
    }

    /// Tries until the entries are kept; once the program stops, a few times.
    async fn keep(&mut self, tenant: TenantId, drafts: &[Draft]) {
        let (mut tries, mut sent) = (0, None);
        loop {
            match self.attempt(tenant, drafts, &mut sent).await {
                Ok(true) => return,
                Ok(false) => continue,
                Err(error) => tracing::warn!(%error, "an audit entry was not kept; trying again"),
            }
            tries += u32::from(self.shared.is_stopping());
            if tries >= LAST_TRIES {
                tracing::error!(?drafts, "the audit log could not be written before the end");
                return;
            }
            sleep(PAUSE_AFTER_FAILURE).await;
        }
    }

    /// True once kept, false when somebody else added an entry first. `sent` is the last row of an attempt of which
    /// nobody knows how it ended.
    async fn attempt(
        &mut self,
        tenant: TenantId,
        drafts: &[Draft],
        sent: &mut Option<AuditHead>,
    ) -> Result<bool, StoreError> {
        if let Some(last) = *sent
            && self.is_kept(tenant, last).await?
        {
            self.heads.insert(tenant, last);
            return Ok(true);
        }
        *sent = None;
        let head = self.head(tenant).await?;
        let rows = chain::linked(&self.key, tenant, head, drafts);
        let Some(last) = rows.last().map(end) else { return Ok(true) };
        match self.world.store.append_audit(tenant, head, rows).await {
            Ok(()) => {
                self.heads.insert(tenant, last);
                Ok(true)
            }
            Err(SaveError::VersionConflict { .. } | SaveError::KeyTaken { .. }) => {
                self.heads.remove(&tenant);
                Ok(false)
            }
            Err(SaveError::Store(error)) => {
                self.heads.remove(&tenant);
                *sent = Some(last);
                Err(error)
            }
        }
    }

    async fn head(&self, tenant: TenantId) -> Result<AuditHead, StoreError> {
        match self.heads.get(&tenant) {
            Some(head) => Ok(*head),
            None => self.world.store.audit_head(tenant).await,
        }
    }

    async fn is_kept(&self, tenant: TenantId, last: AuditHead) -> Result<bool, StoreError> {
        let rows = self.world.store.audit_range(tenant, last.seq.saturating_sub(1), 1).await?;
        Ok(rows.first().map(end) == Some(last))
    }

    /// What was only counted: denials of minutes that have ended, and entries that found no room.
    async fn keep_counts(&mut self, all: bool) {
        let now = self.world.clock.now();
        let denials = self.shared.ended_denials((!all).then_some(now));
        let lost = self.shared.take_lost().into_iter().map(|(tenant, lost)| AuditEntry {
            after: Some(json!({ "lost": lost })),
            ..self.own(tenant, "audit.overflow", "failed")
        });
        let drafts = denials.into_iter().chain(lost).map(Draft::of).collect();
        self.keep_all(drafts).await;
    }

    fn own(&self, tenant: TenantId, action: &str, outcome: &'static str) -> AuditEntry {
        AuditEntry {
            tenant,
            at: self.world.clock.now(),
            actor: "system".to_owned(),
            action: action.to_owned(),
            object: format!("audit:{tenant}"),
            outcome,
            address: None,
            request_id: None,
            before: None,
            after: None,
        }
    }

    /// Says outside the database where each log ends by now. A log that is not what it was gets no new checkpoint, so
    /// that the next start is refused.
    async fn set_checkpoint(&mut self) {
        let Some(mut file) = self.checkpoints.take() else { return };
        let mut moved = BTreeMap::new();
        let mut tenants: Vec<TenantId> =
            self.world.tenants.iter().map(|tenant| *tenant.key()).collect();
        tenants.push(PLATFORM);
        for tenant in tenants {
            if let Some(head) = self.sound_head(&file, tenant).await
                && head != file.last(tenant)
            {
                moved.insert(tenant, head);
            }
        }
        if !moved.is_empty()
            && let Err(error) = file.add(self.world.clock.now(), &moved, None).await
        {
            tracing::error!(%error, "no audit checkpoint was set");
        }
        self.checkpoints = Some(file);
    }

    async fn sound_head(&mut self, file: &Checkpoints, tenant: TenantId) -> Option<AuditHead> {
        let world = Arc::clone(&self.world);
        let source = &mut OfStore(world.store.as_ref());
        match verify::tail(source, &self.key, tenant, &file.anchors(tenant)).await {
            Ok(Ok(head)) => Some(head),
            Ok(Err(fault)) => {
                tracing::error!(%tenant, "the audit log was changed behind our back: {fault}");
                if self.told.insert((tenant, fault.seq)) {
                    let after = Some(json!({ "found": fault.to_string() }));
                    let entry = self.own(tenant, "audit.break_found", "failed");
                    let entry = AuditEntry { tenant: PLATFORM, after, ..entry };
                    self.keep(PLATFORM, &[Draft::of(entry)]).await;
                }
                None
            }
            Err(error) => {
                tracing::warn!(%error, "no audit checkpoint: the log could not be read");
                None
            }
        }
    }
}

fn end(row: &AuditRow) -> AuditHead {
    AuditHead { seq: row.seq, hash: row.hash }
}
