//! From the journal to a living agent, and reconciled with the queues.
//!
//! The stream is fenced and loaded like a queue's; then every assigned queue is asked what it holds for us.
//! Invariant: after `awake` the ticket in hand is the one the queues know, or none.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use domain::{
    Agent, AgentCommand, AgentMemento, Caller, Dispatch, InHand, Presence, QueueId, Timestamp,
    agent_apply,
};
use persistence::{Batch, LoadedStream, SnapshotRow};
use ractor::ActorProcessingErr;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{Life, State};
use crate::ask::give;
use crate::journal_writer::{Append, Commit};
use crate::queue_actor::{AgentSeen, QueueMessage, Seen};
use crate::takeover::{NO_SNAPSHOT, cannot_be_read, read_stream, take_over};

/// The form of snapshots written now.
const SNAPSHOT_FORMAT: u16 = 1;

impl State {
    pub(super) async fn load(&mut self) -> Result<Life, ActorProcessingErr> {
        let loaded =
            take_over(&self.tenant, self.id.into(), &self.owner(), SNAPSHOT_FORMAT).await?;
        self.revive(loaded).await
    }

    fn owner(&self) -> String {
        format!("agent {}", self.id)
    }

    fn unreadable(&self, error: &str) -> ActorProcessingErr {
        cannot_be_read(&self.owner(), &error)
    }

    async fn revive(&self, loaded: LoadedStream) -> Result<Life, ActorProcessingErr> {
        match loaded
            .snapshot
            .as_ref()
            .map(|snapshot| rmp_serde::from_slice::<AgentMemento>(&snapshot.state))
        {
            Some(Ok(kept)) => self.replay(Agent::from_memento(kept), &loaded),
            Some(Err(error)) => {
                tracing::warn!(agent.id = %self.id, %error, "a snapshot of agent {} is passed over", self.id);
                self.replay(
                    Agent::new(domain::AgentProfile::default()),
                    &read_stream(&self.tenant, self.id.into(), &self.owner(), NO_SNAPSHOT).await?,
                )
            }
            None => self.replay(Agent::new(domain::AgentProfile::default()), &loaded),
        }
    }

    fn replay(&self, mut agent: Agent, loaded: &LoadedStream) -> Result<Life, ActorProcessingErr> {
        for stored in &loaded.tail {
            let event =
                persistence::entry::read_agent_event(&stored.kind, stored.format, &stored.payload)
                    .map_err(|error| self.unreadable(&error.to_string()))?;
            agent_apply(&mut agent, &event, stored.at);
        }
        let version = loaded.head.version;
        Ok(Life {
            tenant: Arc::clone(&self.tenant),
            id: self.id,
            myself: self.myself.clone(),
            agent,
            version,
            durable: Arc::new(AtomicU64::new(version)),
            snapshot_at: loaded.snapshot.as_ref().map_or(0, |snapshot| snapshot.version),
            offer: None,
            missed: 0,
            declined_at: None,
        })
    }
}

impl Life {
    /// First things after loading: the configuration as it is now, and what the queues hold for us.
    pub(super) async fn awake(&mut self) {
        let directory = self.tenant.directory();
        if let Some(body) = directory.agent(self.id) {
            self.do_own(&AgentCommand::Configure(crate::resources::agent_profile(&body.body)));
        }
        if let Some(counter) = self.agent.counter() {
            self.tenant.counters.entry(counter).or_insert(self.id);
        }
        self.reconcile().await;
        self.do_own(&AgentCommand::Tick);
        self.tell_queues();
    }

    async fn reconcile(&mut self) {
        let mut queues = self.agent.profile().queues.clone();
        queues.extend(self.agent.in_hand().map(|hand| hand.queue));
        let (mut held, mut all_answered) = (None, true);
        for queue in queues {
            match self.held_in(queue).await {
                Some(hand) => held = held.or(hand),
                None => all_answered = false,
            }
        }
        self.settle(held, all_answered);
    }

    pub(super) async fn queue_is_back(&mut self, queue: QueueId) {
        let concerns_us = self.agent.profile().queues.contains(&queue)
            || self.agent.in_hand().is_some_and(|hand| hand.queue == queue);
        if !concerns_us {
            return;
        }
        if let Some(standing) = self.offer.take_if(|standing| standing.view.queue_id == queue.0) {
            self.tenant.offers.remove(&domain::OfferId(standing.view.id));
        }
        if let Some(held) = self.held_in(queue).await {
            let other = self.agent.in_hand().filter(|hand| hand.queue != queue).cloned();
            self.settle(held.or(other), true);
        }
        self.tell_queues();
    }

    fn settle(&mut self, held: Option<InHand>, all_answered: bool) {
        match (held, self.agent.in_hand().cloned()) {
            (Some(held), _) => self.do_own(&AgentCommand::Took(held)),
            (None, Some(stale)) if all_answered => {
                self.do_own(&AgentCommand::Released { ticket: stale.ticket });
            }
            (None, _) => {}
        }
    }

    /// What a queue holds for us; none when it does not answer. It never waits for us.
    async fn held_in(&self, queue: QueueId) -> Option<Option<InHand>> {
        let (reply_to, answer) = oneshot::channel();
        self.tenant.tell_queue(queue, QueueMessage::InHandOf { agent: self.id, reply_to });
        timeout(self.tenant.world.settings.answer_timeout, answer).await.ok()?.ok()
    }

    pub(super) fn tell_queues(&self) {
        let seen = self.seen();
        for queue in &self.agent.profile().queues {
            self.tell_queue(*queue, seen.clone());
        }
    }

    pub(super) fn tell_queue(&self, queue: QueueId, seen: Option<AgentSeen>) {
        self.tenant.tell_queue(queue, QueueMessage::Seen((self.id, seen)));
    }

    /// What queues know of this agent; none off duty.
    fn seen(&self) -> Option<AgentSeen> {
        let profile = self.agent.profile();
        let presence = match self.agent.presence() {
            Presence::Offline => return None,
            Presence::Available { .. } if self.offer.is_some() => Seen::Busy,
            Presence::Available { since } => {
                Seen::Idle { since: self.declined_at.unwrap_or(*since).max(*since) }
            }
            Presence::Busy | Presence::WrapUp { .. } => Seen::Busy,
            Presence::OnBreak { .. } => Seen::OnBreak,
        };
        let counter = self.agent.counter().filter(|_| profile.dispatch == Dispatch::Push);
        let push = counter.map(|counter| Caller {
            agent: self.id,
            counter,
            skills: profile.skills.clone(),
        });
        Some(AgentSeen { presence, push, offer_timeout: profile.offer_timeout })
    }

    pub(super) fn snapshot_if_due(&mut self, rows: &mut Batch, now: Timestamp) {
        if self.version - self.snapshot_at >= self.tenant.world.settings.snapshot_every_events {
            self.put_snapshot(rows, now);
        }
    }

    fn put_snapshot(&mut self, rows: &mut Batch, now: Timestamp) {
        match rmp_serde::to_vec_named(self.agent.memento()) {
            Ok(state) => {
                self.snapshot_at = self.version;
                let (tenant, stream, version) = (self.tenant.id, self.id.into(), self.version);
                rows.snapshots.push(SnapshotRow {
                    tenant,
                    stream,
                    version,
                    format: SNAPSHOT_FORMAT,
                    state,
                    at: now,
                });
            }
            Err(error) => {
                tracing::error!(agent.id = %self.id, %error, "no snapshot of agent {}", self.id)
            }
        }
    }

    /// At shutdown: a last snapshot, so that the next start is quick.
    pub(super) fn write_snapshot(&mut self, reply_to: oneshot::Sender<()>) {
        let mut rows = Batch::default();
        if self.version > self.snapshot_at {
            self.put_snapshot(&mut rows, self.now());
        }
        let release = Box::new(move |_: Commit| give(reply_to, ()));
        self.tenant.world.journal.append(Append { continues: None, rows, key: None, release });
    }
}
