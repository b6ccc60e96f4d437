//! From the journal to a living queue: newest valid snapshot, then the events after it.
//!
//! The stream is fenced first, so nothing of a former owner can still be written behind our back.
//! Invariant: a loaded queue is what folding all its events would give.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use domain::{Event, Happened, Queue, QueueMemento};
use persistence::{Batch, LoadedStream, SnapshotRow, StoredEvent};
use ractor::ActorProcessingErr;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::numbers::Numbers;
use super::{Life, QueueMessage, State, effects, stats, told};
use crate::ask::give;
use crate::journal_writer::{Append, Commit};
use crate::takeover::{NO_SNAPSHOT, cannot_be_read, read_stream, take_over};

/// The form of snapshots written now. A newer program reads older forms; an unknown one is passed over.
const SNAPSHOT_FORMAT: u16 = 3;

/// What a snapshot keeps of a queue.
#[derive(Serialize, Deserialize)]
struct Kept {
    queue: QueueMemento,
    numbers: Numbers,
}

impl State {
    pub(super) async fn load(&mut self) -> Result<Life, ActorProcessingErr> {
        let loaded =
            take_over(&self.tenant, self.id.into(), &self.owner(), SNAPSHOT_FORMAT).await?;
        let is_new = loaded.head.version == 0;
        let mut life = self.revive(loaded).await?;
        life.locate_tickets();
        if is_new {
            life.configure_first()?;
        }
        Ok(life)
    }

    fn owner(&self) -> String {
        format!("queue {}", self.id)
    }

    fn unreadable(&self, error: &str) -> ActorProcessingErr {
        cannot_be_read(&self.owner(), &error)
    }

    async fn revive(&self, loaded: LoadedStream) -> Result<Life, ActorProcessingErr> {
        match loaded
            .snapshot
            .as_ref()
            .map(|snapshot| rmp_serde::from_slice::<Kept>(&snapshot.state))
        {
            Some(Ok(kept)) => self.replay(Queue::from_memento(kept.queue), kept.numbers, &loaded),
            Some(Err(error)) => {
                tracing::warn!(queue.id = %self.id, %error, "a snapshot of queue {} is passed over", self.id);
                let whole =
                    read_stream(&self.tenant, self.id.into(), &self.owner(), NO_SNAPSHOT).await?;
                self.replay_all(&whole)
            }
            None => self.replay_all(&loaded),
        }
    }

    fn replay_all(&self, loaded: &LoadedStream) -> Result<Life, ActorProcessingErr> {
        let (queue, numbers) = self.unborn(loaded.tail.first())?;
        self.replay(queue, numbers, loaded)
    }

    fn replay(
        &self,
        queue: Queue,
        numbers: Numbers,
        loaded: &LoadedStream,
    ) -> Result<Life, ActorProcessingErr> {
        let mut life = self.life(queue, numbers, loaded.head.version);
        life.snapshot_at = loaded.snapshot.as_ref().map_or(0, |snapshot| snapshot.version);
        for stored in &loaded.tail {
            let happened = read(stored).map_err(|error| self.unreadable(&error.to_string()))?;
            life.step(&happened);
        }
        Ok(life)
    }

    /// A queue before its first event, which always configures it.
    fn unborn(&self, first: Option<&StoredEvent>) -> Result<(Queue, Numbers), ActorProcessingErr> {
        let config = match first
            .map(read)
            .transpose()
            .map_err(|error| self.unreadable(&error.to_string()))?
        {
            Some(Happened { event: Event::Configured(config), .. }) => *config,
            Some(_) => return Err(self.unreadable("its first event does not configure it")),
            None => self.configured()?,
        };
        let numbers = Numbers::expecting(config.expected_service);
        Ok((Queue::new(config), numbers))
    }

    fn configured(&self) -> Result<domain::QueueConfig, ActorProcessingErr> {
        let directory = self.tenant.directory();
        let waiting_max = self.tenant.world.settings.waiting_per_queue_max;
        let body = directory.queue(self.id).ok_or("the queue is not configured")?;
        let config = crate::resources::queue_config(&directory, &body.body, waiting_max);
        Ok(config.ok_or("the site or service of the queue is not configured")?)
    }

    fn life(&self, queue: Queue, numbers: Numbers, version: u64) -> Life {
        Life {
            tenant: Arc::clone(&self.tenant),
            id: self.id,
            myself: self.myself.clone(),
            mark: self.mark.clone(),
            queue,
            numbers,
            version,
            durable: Arc::new(AtomicU64::new(version)),
            snapshot_at: 0,
            agents: HashMap::new(),
            offers: HashMap::new(),
            stats: stats::Publisher::default(),
            told: told::Told::default(),
            next_wake: None,
        }
    }
}

fn read(stored: &StoredEvent) -> Result<Happened, persistence::entry::EntryError> {
    persistence::entry::read_queue_fact(&stored.kind, stored.format, &stored.payload, stored.at)
}

impl Life {
    /// The first event of a new queue says how it is configured, even if it stays so for ever.
    fn configure_first(&mut self) -> Result<(), ActorProcessingErr> {
        let config = self.queue.config().clone();
        let event = Event::Configured(Box::new(config));
        self.commit_first(event);
        Ok(())
    }

    fn locate_tickets(&self) {
        for ticket in self.queue.tickets().filter(|ticket| !ticket.is_ended()) {
            self.tenant.tickets.insert(ticket.id(), self.id);
        }
    }

    /// Legs whose target has not confirmed them are handed over again.
    pub(super) fn offer_legs_again(&self) {
        let legs: Vec<_> = self.queue.outbound().cloned().collect();
        if legs.is_empty() {
            return;
        }
        let (tenant, id) = (Arc::clone(&self.tenant), self.id);
        self.when_durable(move || {
            legs.into_iter().for_each(|leg| effects::hand_over(&tenant, id, leg))
        });
    }

    /// Agents assigned here say again whether they are idle.
    pub(super) fn tell_agents(&self) {
        for agent in &self.tenant.agents {
            // A dead agent says it when it is back.
            self.tenant.world.counts.sent(crate::counts::ActorKind::Agent);
            let _ = agent.cast(crate::agent_actor::AgentMessage::QueueIsBack { queue: self.id });
        }
    }

    pub(super) fn snapshot_if_due(&mut self, rows: &mut Batch, now: domain::Timestamp) {
        // A snapshot costs as much as there are tickets, so a longer line is written less often: O(1) an event.
        let tickets = u64::try_from(self.queue.remembered()).unwrap_or(u64::MAX);
        if self.version - self.snapshot_at
            >= self.tenant.world.settings.snapshot_every_events.max(tickets)
        {
            self.put_snapshot(rows, now);
        }
    }

    fn put_snapshot(&mut self, rows: &mut Batch, now: domain::Timestamp) {
        let kept = Kept { queue: self.queue.memento(), numbers: self.numbers.clone() };
        match rmp_serde::to_vec_named(&kept) {
            Ok(state) => {
                self.snapshot_at = self.version;
                let (tenant, stream, version) = (self.tenant.id, self.stream(), self.version);
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
                tracing::error!(queue.id = %self.id, %error, "no snapshot of queue {}", self.id)
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

    /// This queue's own actor, for words to itself.
    pub(super) fn cast_later(&self, after: std::time::Duration, message: fn() -> QueueMessage) {
        drop(self.myself.send_after(after, message));
    }
}
