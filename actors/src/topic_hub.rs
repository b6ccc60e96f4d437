//! The topic hub: numbers every frame, encodes it once, and fans it out to the sockets.
//!
//! A topic of a tenant gets a channel with its first subscriber and has one mutex of its own; the map of
//! channels is never locked during a fan-out. A subscriber is a bounded outbox: the hub never waits for one.
//!
//! Invariant: a subscriber sees each frame of a topic once and in order from where it began, or is told
//! `reset` and given a snapshot. (Statistics are latest-value: there a newer frame stands for the older ones.)

mod channel;
mod frame;
mod histograms;
mod history;
#[cfg(test)]
mod model_tests;
mod planted;
mod subscriber;
#[cfg(test)]
mod tests;
mod topic;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;
use domain::{TenantId, Timestamp};
use outbox::PushError;

use channel::{Channel, Prepared, Published};

use crate::counts::FrameCounts;

pub use frame::{EventFrame, Frame, FrameKind, Position, PositionError, Snapshot};
pub use histograms::Histograms;
pub use history::HistoryLimits;
pub use subscriber::{Attach, Outgoing, SessionOutbox, Subscriber, SubscriberId, Wire};
pub use topic::{Topic, TopicError};

type Key = (TenantId, Topic);

/// The hub of one process. Cheap to clone; every call returns without waiting.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

struct Shared {
    epoch: u64,
    limits: HistoryLimits,
    channels: DashMap<Key, Arc<Channel>>,
    /// New channels begin to count here: above every number of any channel that is gone.
    floor: AtomicU64,
    /// The next slot, so that each subscription replaces its own unsent statistics only.
    slots: AtomicU64,
    subscribers: AtomicU64,
    counts: FrameCounts,
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("epoch", &self.shared.epoch).finish_non_exhaustive()
    }
}

impl Hub {
    /// An empty hub. `epoch` differs from that of every earlier process; below 2⁵³ for JavaScript's sake.
    #[must_use]
    pub fn new(epoch: u64) -> Self {
        Self::with_history(epoch, HistoryLimits::default())
    }

    /// As [`Self::new`], remembering `limits` of each topic for those who come back.
    #[must_use]
    pub fn with_history(epoch: u64, limits: HistoryLimits) -> Self {
        let shared = Shared {
            epoch,
            limits,
            channels: DashMap::new(),
            floor: AtomicU64::new(0),
            slots: AtomicU64::new(0),
            subscribers: AtomicU64::new(0),
            counts: FrameCounts::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// What was published, and to how many.
    #[must_use]
    pub fn counts(&self) -> &FrameCounts {
        &self.shared.counts
    }

    /// The epoch of all sequence numbers here.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.shared.epoch
    }

    /// A subscriber id nobody else has: one per session.
    #[must_use]
    pub fn new_subscriber_id(&self) -> SubscriberId {
        SubscriberId(self.shared.subscribers.fetch_add(1, Ordering::Relaxed))
    }

    /// Numbers `event`, remembers it and gives it to every subscriber of `topic`; answers its sequence number.
    ///
    /// Costs nothing and answers `None` on a topic without a channel: no number of it was ever shown to anyone.
    /// Statistics topics are latest-value. Frames of one topic are published in the order of the commits.
    pub fn publish(&self, tenant: TenantId, topic: Topic, event: EventFrame) -> Option<u64> {
        let key = (tenant, topic);
        let mut channel = self.channel(&key)?;
        let prepared = Prepared::from(event);
        loop {
            match channel.publish(&prepared) {
                Some(Published { seq, handed_over, refused }) => {
                    let counts = &self.shared.counts;
                    counts.published.one();
                    counts.handed_over.many(handed_over);
                    counts.refused.many(refused);
                    self.drop_if_over(&key, &channel);
                    return Some(seq);
                }
                None => self.forget(&key, &channel),
            }
            channel = self.channel(&key)?;
        }
    }

    /// Whether anyone hears, or may come back for, what is published: ask before building costly data.
    #[must_use]
    pub fn is_wanted(&self, tenant: TenantId, topic: Topic) -> bool {
        self.shared.channels.contains_key(&(tenant, topic))
    }

    /// Puts `subscriber` where it left off: `subscribed`, the missed frames, then live.
    ///
    /// Without `since`, or if too much was missed, nothing changes and the answer is [`Attach::NeedsSnapshot`].
    pub fn attach(
        &self,
        tenant: TenantId,
        topic: Topic,
        subscriber: &Subscriber,
        since: Option<Position>,
    ) -> Attach {
        let needs_snapshot = Attach::NeedsSnapshot { reset: since.is_some() };
        let Some(since) = since.filter(|since| since.epoch == self.shared.epoch) else {
            return needs_snapshot;
        };
        match self.channel(&(tenant, topic)) {
            Some(channel) => {
                channel.attach(subscriber, self.new_slot(), since.seq).unwrap_or(needs_snapshot)
            }
            None => needs_snapshot,
        }
    }

    /// Queues the snapshot to `subscriber`, then live frames: no gap, no duplicate. A seat it had is replaced.
    ///
    /// The owner of the topic's state calls this where it would publish, so that `snapshot.data` holds exactly what
    /// the frames published so far have said. Errors: the outbox has ended; nothing was attached.
    pub fn attach_with_snapshot(
        &self,
        tenant: TenantId,
        topic: Topic,
        subscriber: &Subscriber,
        snapshot: Snapshot,
    ) -> Result<Position, PushError> {
        if subscriber.outbox.is_closed() {
            return Err(PushError::Closed);
        }
        let key = (tenant, topic);
        let slot = self.new_slot();
        loop {
            let channel = self.channel_or_new(&key);
            match channel.attach_with_snapshot(subscriber, slot, &snapshot) {
                Some(answer) => return answer,
                None => self.forget(&key, &channel),
            }
        }
    }

    /// Ends one subscription; `false` if there was none.
    pub fn detach(&self, tenant: TenantId, topic: Topic, subscriber: SubscriberId) -> bool {
        let key = (tenant, topic);
        let Some(channel) = self.channel(&key) else { return false };
        let was_attached = channel.detach(subscriber);
        self.drop_if_over(&key, &channel);
        was_attached
    }

    /// Ends the subscriptions of a session to the `topics` it asked for. Drop its receiver first: an attachment
    /// still on its way to an actor then finds a closed outbox and attaches nothing.
    pub fn detach_all(
        &self,
        tenant: TenantId,
        topics: impl IntoIterator<Item = Topic>,
        subscriber: SubscriberId,
    ) {
        for topic in topics {
            self.detach(tenant, topic, subscriber);
        }
    }

    /// Says that no more is expected on `topic` (a ticket that ended): forgotten as soon as nobody listens.
    /// Late frames still reach who listens. Say it again after attaching someone to an ended ticket.
    pub fn retire(&self, tenant: TenantId, topic: Topic) {
        let key = (tenant, topic);
        if let Some(channel) = self.channel(&key) {
            channel.retire();
            self.drop_if_over(&key, &channel);
        }
    }

    /// Forgets the topics nobody listens to whose last frame is older than `before`; answers how many.
    /// Who comes back to one is given a snapshot. Call it from time to time: it bounds memory.
    pub fn forget_idle(&self, before: Timestamp) -> usize {
        let mut forgotten = 0;
        self.shared.channels.retain(|_, channel| {
            let is_idle = channel.end_if_idle(before, &self.shared.floor);
            forgotten += usize::from(is_idle);
            !is_idle
        });
        forgotten
    }

    /// The frame with number `seq`, while it is remembered.
    #[must_use]
    pub fn remembered(&self, tenant: TenantId, topic: Topic, seq: u64) -> Option<Arc<Frame>> {
        self.channel(&(tenant, topic))?.remembered(seq)
    }

    /// How many listen to `topic` now.
    #[must_use]
    pub fn subscribers(&self, tenant: TenantId, topic: Topic) -> usize {
        self.channel(&(tenant, topic)).map_or(0, |channel| channel.subscribers())
    }

    /// How many topics are remembered, of all tenants.
    #[must_use]
    pub fn topics(&self) -> usize {
        self.shared.channels.len()
    }

    fn channel(&self, key: &Key) -> Option<Arc<Channel>> {
        self.shared.channels.get(key).map(|entry| Arc::clone(entry.value()))
    }

    fn channel_or_new(&self, key: &Key) -> Arc<Channel> {
        self.channel(key).unwrap_or_else(|| {
            let new = || {
                let floor = self.shared.floor.load(Ordering::Acquire);
                Arc::new(Channel::new(
                    key.1,
                    Position { epoch: self.shared.epoch, seq: floor },
                    self.shared.limits,
                ))
            };
            Arc::clone(self.shared.channels.entry(*key).or_insert_with(new).value())
        })
    }

    fn new_slot(&self) -> u64 {
        self.shared.slots.fetch_add(1, Ordering::Relaxed)
    }

    fn drop_if_over(&self, key: &Key, channel: &Arc<Channel>) {
        if channel.end_if_over(&self.shared.floor) {
            self.forget(key, channel);
        }
    }

    /// Takes a channel that is gone out of the map, unless another has its place already.
    fn forget(&self, key: &Key, gone: &Arc<Channel>) {
        self.shared.channels.remove_if(key, |_, channel| Arc::ptr_eq(channel, gone));
    }
}
