//! What operators count: a few relaxed atomics beside the work, read when somebody scrapes.
//!
//! Depths are two counters, in and out, so that no peak between two scrapes is missed. What was in a mailbox when its
//! actor died is never counted as handled.
//! Invariant: counting takes no lock and knows no id and no name.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    pub fn one(&self) {
        self.many(1);
    }

    pub fn many(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many of a measure were at most so large, and their sum.
#[derive(Debug)]
pub struct Histogram {
    /// Upper bounds, ascending.
    bounds: &'static [u64],
    /// One more than bounds: the last is for what is larger than all.
    counts: Box<[Count]>,
    sum: Count,
}

impl Histogram {
    pub fn new(bounds: &'static [u64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| Count::default()).collect();
        Self { bounds, counts, sum: Count::default() }
    }

    pub fn record(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get(place) {
            count.one();
        }
        self.sum.many(value);
    }

    /// Bounds with how many were at most so large, and all together; then their sum.
    pub fn read(&self) -> (Vec<(u64, u64)>, u64, u64) {
        let mut below = 0;
        let mut cumulative = Vec::with_capacity(self.bounds.len());
        for (bound, count) in self.bounds.iter().zip(&self.counts) {
            below += count.get();
            cumulative.push((*bound, below));
        }
        let all = below + self.counts.last().map_or(0, Count::get);
        (cumulative, all, self.sum.get())
    }
}

/// The messages of one kind of actor.
#[derive(Debug, Default)]
pub struct Mail {
    pub sent: Count,
    pub handled: Count,
}

/// Kinds of actors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    Tenant,
    Queue,
    Agent,
    Journal,
    /// Timers, samples and tenants' supervisors.
    Other,
}

impl ActorKind {
    pub const ALL: [Self; 5] = [Self::Tenant, Self::Queue, Self::Agent, Self::Journal, Self::Other];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Queue => "queue",
            Self::Agent => "agent",
            Self::Journal => "journal",
            Self::Other => "other",
        }
    }
}

/// One counter for each kind of actor.
#[derive(Debug, Default)]
pub struct PerKind<T>([T; 5]);

impl<T> PerKind<T> {
    pub fn of(&self, kind: ActorKind) -> &T {
        &self.0[kind as usize]
    }
}

const EVENTS: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];
const COMMIT_MICROS: &[u64] = &[
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000,
];

/// What the engine counts.
#[derive(Debug)]
pub struct Counts {
    pub mail: PerKind<Mail>,
    /// Actors that died and were to start again.
    pub deaths: PerKind<Count>,
    /// Actors that were set aside for a while.
    pub set_aside: PerKind<Count>,
    pub batch_events: Histogram,
    pub commit_micros: Histogram,
    pub commits_unknown: Count,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            mail: PerKind::default(),
            deaths: PerKind::default(),
            set_aside: PerKind::default(),
            batch_events: Histogram::new(EVENTS),
            commit_micros: Histogram::new(COMMIT_MICROS),
            commits_unknown: Count::default(),
        }
    }
}

impl Counts {
    pub(crate) fn sent(&self, kind: ActorKind) {
        self.mail.of(kind).sent.one();
    }

    /// A message is being handled. One from the actor's own timers was sent by nobody, so it counts on both sides.
    pub(crate) fn handled(&self, kind: ActorKind, is_own: bool) {
        let mail = self.mail.of(kind);
        if is_own {
            mail.sent.one();
        }
        mail.handled.one();
    }
}

/// Frames of the topic hub.
#[derive(Debug, Default)]
pub struct FrameCounts {
    pub published: Count,
    /// Given to a subscriber.
    pub handed_over: Count,
    /// Not taken by a subscriber, who had ended or did not keep up.
    pub refused: Count,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_what_is_at_most_each_bound() {
        let histogram = Histogram::new(&[10, 20]);
        [1, 10, 11, 20, 21].into_iter().for_each(|value| histogram.record(value));
        assert_eq!(histogram.read(), (vec![(10, 2), (20, 4)], 5, 63));
    }

    #[test]
    fn each_kind_has_its_own_place() {
        let counts = Counts::default();
        for kind in ActorKind::ALL {
            counts.sent(kind);
            counts.handled(kind, kind == ActorKind::Queue);
        }
        let sent = ActorKind::ALL.map(|kind| counts.mail.of(kind).sent.get());
        assert_eq!(sent, [1, 2, 1, 1, 1]);
    }
}
