//! The journal writer: group commit, and the only place where anything held is released.
//!
//! While one batch is being written, appends gather for the next. A commit runs in a task of its own that
//! nothing cancels; when it is done, the writer releases what waited for it, in the order of the appends.
//! Invariants: an append that does not continue its stream is refused; after a failed batch every stream in it
//! is closed to its old owner until it has been loaded again.

mod handle;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use persistence::{AppendError, Batch, KeyRow, StreamId};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::sync::oneshot;

use crate::world::World;

pub(crate) use handle::JournalHandle;

/// How an append ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Commit {
    /// Durable. `key_seq` is that of the idempotency row, if there was one.
    Kept { key_seq: Option<u64> },
    /// Perhaps kept, perhaps not: the stream must be loaded again.
    Unknown,
}

/// What waits for a commit: replies, frames, effects.
pub(crate) type Release = Box<dyn FnOnce(Commit) + Send>;

/// Rows to keep together, and what waits for them.
pub(crate) struct Append {
    /// The stream and the version it must have now; none for rows without events.
    pub(crate) continues: Option<(StreamId, u64)>,
    pub(crate) rows: Batch,
    /// The idempotency row; the writer gives it its number.
    pub(crate) key: Option<KeyRow>,
    pub(crate) release: Release,
}

pub(crate) enum JournalMessage {
    Append(Box<Append>),
    /// Nothing of this stream's old owner will be written any more once this is answered.
    Fence {
        stream: StreamId,
        reply_to: oneshot::Sender<()>,
    },
    /// The stream has been loaded and stands at `version`.
    Opened {
        stream: StreamId,
        version: u64,
    },
    Written {
        result: Result<(), AppendError>,
    },
    /// Answered when nothing is left to write.
    Finish {
        reply_to: oneshot::Sender<()>,
    },
}

pub(crate) struct JournalWriter;

pub(crate) struct State {
    world: Arc<World>,
    /// Streams open to an owner, and their version after everything accepted so far.
    heads: HashMap<StreamId, u64>,
    waiting: VecDeque<Box<Append>>,
    being_written: Vec<Written>,
    fences: Vec<oneshot::Sender<()>>,
    finishing: Vec<oneshot::Sender<()>>,
    next_key_seq: u64,
}

/// An append inside the batch on its way.
struct Written {
    stream: Option<StreamId>,
    key_seq: Option<u64>,
    release: Release,
}

impl Actor for JournalWriter {
    type Msg = JournalMessage;
    type State = State;
    type Arguments = Arc<World>;

    async fn pre_start(
        &self,
        _: ActorRef<Self::Msg>,
        world: Arc<World>,
    ) -> Result<State, ActorProcessingErr> {
        // A writer that died may have left a batch on its way.
        let settled = world.commit.lock().await;
        let next_key_seq = world.store.max_key_seq().await? + 1;
        drop(settled);
        Ok(State {
            world,
            heads: HashMap::new(),
            waiting: VecDeque::new(),
            being_written: Vec::new(),
            fences: Vec::new(),
            finishing: Vec::new(),
            next_key_seq,
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        message: JournalMessage,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            JournalMessage::Append(append) => state.accept(append),
            JournalMessage::Fence { stream, reply_to } => state.fence(stream, reply_to),
            JournalMessage::Opened { stream, version } => drop(state.heads.insert(stream, version)),
            JournalMessage::Written { result } => state.written(result),
            JournalMessage::Finish { reply_to } => state.finishing.push(reply_to),
        }
        state.go_on(&myself);
        Ok(())
    }
}

impl State {
    fn accept(&mut self, append: Box<Append>) {
        if let Some((stream, version)) = append.continues {
            if self.heads.get(&stream) != Some(&version) {
                tracing::warn!(stream.id = %stream, version, "append of a former owner of stream {stream} refused");
                return (append.release)(Commit::Unknown);
            }
            let added = u64::try_from(append.rows.events.len()).unwrap_or_default();
            self.heads.insert(stream, version + added);
        }
        self.waiting.push_back(append);
    }

    fn fence(&mut self, stream: StreamId, reply_to: oneshot::Sender<()>) {
        self.heads.remove(&stream);
        self.fences.push(reply_to);
    }

    /// Starts the next batch if none is on its way, and answers those who wait for silence.
    fn go_on(&mut self, myself: &ActorRef<JournalMessage>) {
        if !self.being_written.is_empty() {
            return;
        }
        if !self.waiting.is_empty() {
            self.write(myself);
        }
        if self.being_written.is_empty() {
            for waiter in self.fences.drain(..).chain(self.finishing.drain(..)) {
                // Whoever asked may have gone.
                let _ = waiter.send(());
            }
        }
    }

    fn write(&mut self, myself: &ActorRef<JournalMessage>) {
        let batch = self.gather();
        if batch.is_empty() {
            // Only reads wait here, and everything they saw is durable.
            return self.release_all(true);
        }
        let (world, myself) = (Arc::clone(&self.world), myself.clone());
        #[expect(
            clippy::disallowed_methods,
            reason = "a commit is never cancelled: it outlives even this actor"
        )]
        tokio::spawn(async move {
            let writing = world.commit.lock().await;
            let result = world.store.append(&batch).await;
            drop(writing);
            world.changed.add(batch.legs.iter().map(|leg| leg.tenant));
            // A writer that died meanwhile starts anew and every stream is loaded again.
            let _ = myself.cast(JournalMessage::Written { result });
        });
    }

    /// Moves what waits into one batch, up to a count and a byte limit; at least one append.
    fn gather(&mut self) -> Batch {
        let settings = &self.world.settings;
        let (mut batch, mut bytes) = (Batch::default(), 0);
        while let Some(append) = self.waiting.pop_front() {
            bytes += weight(&append);
            let Append { continues, rows, key, release } = *append;
            batch.events.extend(rows.events);
            batch.tickets.extend(rows.tickets);
            batch.legs.extend(rows.legs);
            batch.private.extend(rows.private);
            batch.intents.extend(rows.intents);
            batch.snapshots.extend(rows.snapshots);
            let key_seq = key.map(|row| {
                let seq = self.next_key_seq;
                self.next_key_seq += 1;
                batch.keys.push(KeyRow { seq, ..row });
                seq
            });
            self.being_written.push(Written {
                stream: continues.map(|(stream, _)| stream),
                key_seq,
                release,
            });
            if batch.events.len() >= settings.batch_events_max || bytes >= settings.batch_bytes_max
            {
                break;
            }
        }
        batch
    }

    fn written(&mut self, result: Result<(), AppendError>) {
        match result {
            Ok(()) => self.release_all(true),
            Err(error) => {
                tracing::error!(%error, "a batch of {} appends has an unknown outcome", self.being_written.len());
                for stream in self.being_written.iter().filter_map(|written| written.stream) {
                    self.heads.remove(&stream);
                }
                self.release_all(false);
                self.refuse_waiting();
            }
        }
    }

    fn release_all(&mut self, kept: bool) {
        for written in self.being_written.drain(..) {
            let commit =
                if kept { Commit::Kept { key_seq: written.key_seq } } else { Commit::Unknown };
            (written.release)(commit);
        }
    }

    /// Appends that were accepted behind a failed one continue nothing any more.
    fn refuse_waiting(&mut self) {
        for append in std::mem::take(&mut self.waiting) {
            let closed =
                append.continues.is_some_and(|(stream, _)| !self.heads.contains_key(&stream));
            if closed {
                (append.release)(Commit::Unknown);
            } else {
                self.waiting.push_back(append);
            }
        }
    }
}

fn weight(append: &Append) -> usize {
    let events: usize = append.rows.events.iter().map(|event| event.payload.len() + 128).sum();
    let snapshots: usize = append.rows.snapshots.iter().map(|snapshot| snapshot.state.len()).sum();
    let key = append.key.as_ref().map_or(0, |key| key.body.len() + 128);
    events + snapshots + key + append.rows.tickets.len() * 256
}
