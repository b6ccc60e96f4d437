//! Claims on idempotency keys, as the edge sees them.
//!
//! A claimed key is held by a guard until its command is done; an actor that carries the command out takes it over.
//! Invariant: dropping a guard never frees a key whose command an actor has begun.

use std::sync::Arc;

use persistence::{Batch, KeyRow};
use tokio::sync::oneshot;

use super::Tenant;
use crate::ask::{AskError, give};
use crate::journal_writer::{Append, Commit};
use crate::keys::{Hash, Standing};
use crate::world::TenantWorld;

/// The answer to a claim on an idempotency key.
#[derive(Debug)]
pub enum Claim {
    /// Nobody used it: carry out the command.
    New(KeyGuard),
    /// The first answer, to be given again.
    Replay { status: u16, body: String },
    /// The first request is still under way.
    InFlight,
    /// Used for a different request.
    Mismatch,
}

/// Holds a claimed key until its command is done. Dropping it frees the key, unless a reply is being kept.
pub struct KeyGuard {
    tenant: Arc<TenantWorld>,
    hash: Hash,
    fingerprint: Hash,
}

impl std::fmt::Debug for KeyGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyGuard").finish_non_exhaustive()
    }
}

impl Drop for KeyGuard {
    fn drop(&mut self) {
        self.tenant.keys.give_up(&self.hash);
    }
}

impl KeyGuard {
    /// Keeps a reply that no event carries: a refusal, or an answer without effect.
    ///
    /// # Errors
    /// [`AskError::OutcomeUnknown`] when the journal did not answer.
    pub async fn keep(self, status: u16, body: String) -> Result<(), AskError> {
        let (hash, fingerprint) = (self.hash, self.fingerprint);
        if !self.tenant.keys.take(&hash) {
            // The command's own commit has kept its reply.
            return Ok(());
        }
        let at = self.tenant.world.clock.now();
        let row = KeyRow {
            tenant: self.tenant.id,
            seq: 0,
            key_hash: hash,
            fingerprint,
            status,
            body,
            at,
        };
        let (kept, answer) = oneshot::channel();
        let tenant = Arc::clone(&self.tenant);
        let release = Box::new(move |commit| {
            match commit {
                Commit::Kept { key_seq: Some(seq) } => {
                    tenant.keys.answered(hash, fingerprint, seq, at)
                }
                Commit::Kept { key_seq: None } | Commit::Unknown => tenant.keys.doubt(hash, at),
            }
            give(kept, commit);
        });
        self.tenant.world.journal.append(Append {
            continues: None,
            rows: Batch::default(),
            key: Some(row),
            release,
        });
        match answer.await {
            Ok(Commit::Kept { .. }) => Ok(()),
            Ok(Commit::Unknown) | Err(_) => Err(AskError::OutcomeUnknown),
        }
    }
}

impl Tenant {
    /// Claims a key for a request: `hash` of tenant, principal, route and key, `fingerprint` of the request.
    ///
    /// # Errors
    /// When the store must be asked and does not answer.
    pub async fn claim_key(&self, hash: Hash, fingerprint: Hash) -> Result<Claim, AskError> {
        loop {
            match self.world.keys.claim(hash, fingerprint) {
                Standing::Claimed => {
                    return Ok(Claim::New(KeyGuard {
                        tenant: Arc::clone(&self.world),
                        hash,
                        fingerprint,
                    }));
                }
                Standing::UnderWay => return Ok(Claim::InFlight),
                Standing::OtherRequest => return Ok(Claim::Mismatch),
                Standing::Answered { seq } => return self.first_answer(seq).await,
                Standing::Doubtful { since } => self.settle(hash, since).await?,
            }
        }
    }

    async fn first_answer(&self, seq: u64) -> Result<Claim, AskError> {
        let reply = self.world.world.store.key_reply(self.world.id, seq).await;
        match reply.map_err(|_| AskError::OutcomeUnknown)? {
            Some(reply) => Ok(Claim::Replay { status: reply.status, body: reply.body }),
            None => Err(AskError::OutcomeUnknown),
        }
    }

    /// Asks the store whether a key of unknown outcome was kept, once nothing is being written.
    async fn settle(&self, hash: Hash, since: domain::Timestamp) -> Result<(), AskError> {
        let _settled = self.world.world.commit.lock().await;
        let keys = self.world.world.store.live_keys(self.world.id, since).await;
        let mut found = keys.map_err(|_| AskError::OutcomeUnknown)?;
        found.retain(|key| key.key_hash == hash);
        self.world.keys.settle(&hash, &found);
        Ok(())
    }
}
