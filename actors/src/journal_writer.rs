//! The journal writer: group commit, and the only place where anything held is released.
//!
//! While one batch is being written, appends gather for the next. A commit runs in a task of its own that
//! nothing cancels; when it is done, the writer sends the next one off and then releases what waited for it, in the
//! order of the appends.
//! Invariants: an append that does not continue its stream is refused; after a failed batch every stream in it
//! is closed to its old owner until it has been loaded again.

mod handle;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use persistence::{AppendError, Batch, KeyRow, StreamId};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::counts::ActorKind;
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
            next_key_seq,
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        message: JournalMessage,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        let is_own = matches!(message, JournalMessage::Written { .. });
        state.world.counts.handled(ActorKind::Journal, is_own);
        match message {
            JournalMessage::Append(append) => state.accept(append),
            JournalMessage::Fence { stream, reply_to } => state.fence(stream, reply_to),
            JournalMessage::Opened { stream, version } => drop(state.heads.insert(stream, version)),
            JournalMessage::Written { result } => state.written(result, &myself),
            JournalMessage::Finish { reply_to } => state.answer_behind_all(reply_to),
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
        self.answer_behind_all(reply_to);
    }

    /// Answers when nothing that was accepted so far is left to write.
    fn answer_behind_all(&mut self, reply_to: oneshot::Sender<()>) {
        let release = Box::new(move |_: Commit| {
            // Whoever asked may have gone.
            let _ = reply_to.send(());
        });
        let (continues, rows, key) = (None, Batch::default(), None);
        self.waiting.push_back(Box::new(Append { continues, rows, key, release }));
    }

    /// Starts the next batch if none is on its way.
    fn go_on(&mut self, myself: &ActorRef<JournalMessage>) {
        while self.being_written.is_empty() && !self.waiting.is_empty() {
            self.write(myself, Vec::new());
        }
    }

    /// Sends the next batch on its way, and only then releases the one that is `through`: the disk does not wait for
    /// replies.
    fn write(&mut self, myself: &ActorRef<JournalMessage>, through: Vec<Written>) {
        let batch = self.gather(half(through.len() + self.waiting.len()));
        if batch.is_empty() {
            // Only reads wait here, and everything they saw is durable.
            release(through, true);
            return release(std::mem::take(&mut self.being_written), true);
        }
        self.append(batch, myself.clone());
        release(through, true);
    }

    fn append(&self, batch: Batch, myself: ActorRef<JournalMessage>) {
        let world = Arc::clone(&self.world);
        world.counts.batch_events.record(u64::try_from(batch.events.len()).unwrap_or(u64::MAX));
        #[expect(
            clippy::disallowed_methods,
            reason = "a commit is never cancelled: it outlives even this actor"
        )]
        tokio::spawn(async move {
            let writing = world.commit.lock().await;
            let begun = Instant::now();
            let result = world.store.append(&batch).await;
            let micros = begun.elapsed().as_micros();
            world.counts.commit_micros.record(u64::try_from(micros).unwrap_or(u64::MAX));
            drop(writing);
            world.changed.add(batch.legs.iter().map(|leg| leg.tenant));
            // A writer that died meanwhile starts anew and every stream is loaded again.
            let _ = myself.cast(JournalMessage::Written { result });
        });
    }

    /// Moves what waits into one batch, up to `most` appends, a count and a byte limit; at least one append.
    fn gather(&mut self, most: usize) -> Batch {
        let settings = &self.world.settings;
        let (mut batch, mut bytes) = (Batch::default(), 0);
        while let Some(append) = self.waiting.pop_front() {
            bytes += weight(&append);
            let Append { continues, rows, key, release } = *append;
            batch.events.extend(rows.events);
            batch.issued.extend(rows.issued);
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
            if self.being_written.len() >= most
                || batch.events.len() >= settings.batch_events_max
                || bytes >= settings.batch_bytes_max
            {
                break;
            }
        }
        batch
    }

    fn written(&mut self, result: Result<(), AppendError>, myself: &ActorRef<JournalMessage>) {
        let through = std::mem::take(&mut self.being_written);
        let Err(error) = result else { return self.write(myself, through) };
        self.world.counts.commits_unknown.one();
        tracing::error!(%error, "a batch of {} appends has an unknown outcome", through.len());
        for stream in through.iter().filter_map(|written| written.stream) {
            self.heads.remove(&stream);
        }
        release(through, false);
        self.refuse_waiting();
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

/// How much of what is under way goes into one batch: while one half is being written, the other is answered, asked and
/// decided. One batch of everything would leave the processors idle during the commit, and the disk idle after it.
const fn half(under_way: usize) -> usize {
    under_way.div_ceil(2)
}

/// Gives what waited for a batch its outcome, in the order of the appends.
fn release(written: Vec<Written>, kept: bool) {
    for written in written {
        let commit = if kept { Commit::Kept { key_seq: written.key_seq } } else { Commit::Unknown };
        (written.release)(commit);
    }
}

fn weight(append: &Append) -> usize {
    let events: usize = append.rows.events.iter().map(|event| event.payload.len() + 128).sum();
    let snapshots: usize = append.rows.snapshots.iter().map(|snapshot| snapshot.state.len()).sum();
    let key = append.key.as_ref().map_or(0, |key| key.body.len() + 128);
    events + snapshots + key + (append.rows.issued.len() + append.rows.tickets.len()) * 256
}
