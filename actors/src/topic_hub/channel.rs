//! One topic that somebody has listened to: its number, its history, its subscribers.
//!
//! One mutex guards all three, and outboxes never block, so numbering, remembering and handing over are one
//! step, and so are replaying what was missed and going live.
//!
//! Invariants: `seq` is the number of the last frame; a channel that is `gone` stays so, holds nobody, and its
//! numbers lie below the floor at which later channels begin.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Timestamp;
use outbox::PushError;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::frame::{EventFrame, Frame, FrameKind, Position, Snapshot};
use super::histograms::Histograms;
use super::history::{History, HistoryLimits};
use super::planted::{Bug, Planted};
use super::subscriber::{Attach, Outgoing, SessionOutbox, Subscriber, SubscriberId, Wire};
use super::topic::Topic;

/// An event whose data is already text, so that the lock is held only for the rest.
pub(super) struct Prepared {
    kind: Cow<'static, str>,
    at: Timestamp,
    data: Box<RawValue>,
    histograms: Option<Histograms>,
}

impl From<EventFrame> for Prepared {
    fn from(event: EventFrame) -> Self {
        let data = raw(&event.data);
        Self { kind: event.kind, at: event.at, data, histograms: event.histograms }
    }
}

fn raw(data: &Value) -> Box<RawValue> {
    to_raw_value(data).unwrap_or_default()
}

/// A subscriber's place in one topic.
#[derive(Clone)]
struct Seat {
    wire: Wire,
    outbox: SessionOutbox,
    /// Of this attachment: where its unsent statistics are replaced. An earlier seat's are left alone, because
    /// they lie before the snapshot of this one.
    slot: u64,
}

impl Seat {
    fn new(subscriber: &Subscriber, slot: u64) -> Self {
        Self { wire: subscriber.wire, outbox: subscriber.outbox.clone(), slot }
    }

    fn hand_over(&self, frame: &Arc<Frame>) -> Result<(), PushError> {
        self.outbox.push(Outgoing::Frame(Arc::clone(frame), self.wire))
    }

    fn hand_over_latest(&self, frame: &Arc<Frame>) -> Result<(), PushError> {
        self.outbox.push_latest(self.slot, Outgoing::Frame(Arc::clone(frame), self.wire))
    }
}

struct State {
    seq: u64,
    history: History,
    seats: HashMap<SubscriberId, Seat>,
    last_at: Option<Timestamp>,
    /// Nothing more is expected.
    ended: bool,
    /// No longer in the hub's map: whoever still holds it must look again.
    gone: bool,
}

impl State {
    /// The number of frames that take a client from `seen` to now; none if it was never there.
    fn missed(&self, seen: u64, is_latest_value: bool) -> Option<u64> {
        let missed = self.seq.checked_sub(seen)?;
        Some(if is_latest_value { missed.min(1) } else { missed })
    }

    fn leave(&mut self, floor: &AtomicU64) {
        self.gone = true;
        floor.fetch_max(self.seq + 1, Ordering::AcqRel);
    }
}

/// A frame's number, and what became of it.
pub(super) struct Published {
    pub(super) seq: u64,
    pub(super) handed_over: u64,
    pub(super) refused: u64,
}

pub(super) struct Channel {
    topic: Topic,
    epoch: u64,
    state: Mutex<State>,
    pub(super) planted: Planted,
}

impl Channel {
    /// A channel whose next frame comes after `start`.
    pub(super) fn new(topic: Topic, start: Position, limits: HistoryLimits) -> Self {
        let limits = if topic.is_latest_value() { HistoryLimits::NEWEST } else { limits };
        let state = State {
            seq: start.seq,
            history: History::new(limits),
            seats: HashMap::new(),
            last_at: None,
            ended: false,
            gone: false,
        };
        Self { topic, epoch: start.epoch, state: Mutex::new(state), planted: Planted::default() }
    }

    /// Numbers the event and gives it to everyone; who does not keep up loses its seat. `None` if gone.
    pub(super) fn publish(&self, event: &Prepared) -> Option<Published> {
        let mut state = self.lock();
        if state.gone {
            return None;
        }
        state.seq += 1;
        let kind = FrameKind::Event(event.kind.clone());
        let histograms = event.histograms.clone();
        let frame = self.frame(state.seq, kind, event.at, &event.data, histograms);
        let before = state.seats.len();
        if self.topic.is_latest_value() {
            state.seats.retain(|_, seat| seat.hand_over_latest(&frame).is_ok());
        } else {
            state.seats.retain(|_, seat| seat.hand_over(&frame).is_ok());
        }
        state.history.keep(frame);
        state.last_at = Some(event.at);
        let count = |seats: usize| u64::try_from(seats).unwrap_or(u64::MAX);
        let handed_over = count(state.seats.len());
        Some(Published { seq: state.seq, handed_over, refused: count(before) - handed_over })
    }

    /// Replays what came after `seen` and goes live; `None` if that cannot be done without a gap.
    pub(super) fn attach(&self, subscriber: &Subscriber, slot: u64, seen: u64) -> Option<Attach> {
        let seat = Seat::new(subscriber, slot);
        let state = self.lock();
        if state.gone {
            return None;
        }
        let state = self.planted.gap(Bug::LiveEarly, &self.state, state, |state| {
            state.seats.insert(subscriber.id, seat.clone());
        });
        if self.replay(&state, &seat, seen)?.is_err() {
            return Some(Attach::Closed);
        }
        let reached = self.position(state.seq);
        let mut state = self.planted.gap(Bug::LiveLate, &self.state, state, |_| ());
        state.seats.insert(subscriber.id, seat);
        Some(Attach::Recovered(reached))
    }

    /// `None` if the history does not reach back, or what was missed would overflow a healthy outbox:
    /// a snapshot is better than being cut off and coming back for the same again.
    fn replay(&self, state: &State, seat: &Seat, seen: u64) -> Option<Result<(), PushError>> {
        let missed = state.missed(seen, self.topic.is_latest_value())?;
        let missed = state.history.newest(missed)?;
        let subscribed =
            self.frame(seen, FrameKind::Subscribed, Timestamp::default(), RawValue::NULL, None);
        let mut all = std::iter::once(&subscribed).chain(missed);
        let room = seat.outbox.room();
        let bytes: usize = all.clone().map(|frame| frame.encoded(seat.wire).len()).sum();
        if bytes > room.bytes || all.clone().count() > room.frames {
            return None;
        }
        Some(all.try_for_each(|frame| seat.hand_over(frame)))
    }

    /// Queues the snapshot and goes live. `None` if gone.
    pub(super) fn attach_with_snapshot(
        &self,
        subscriber: &Subscriber,
        slot: u64,
        snapshot: &Snapshot,
    ) -> Option<Result<Position, PushError>> {
        let seat = Seat::new(subscriber, slot);
        let data = raw(&snapshot.data);
        let mut state = self.lock();
        if state.gone {
            return None;
        }
        let kind = FrameKind::Snapshot { reset: snapshot.reset };
        let histograms = snapshot.histograms.clone();
        let frame = self.frame(state.seq, kind, snapshot.at, &data, histograms);
        if let Err(refused) = seat.hand_over(&frame) {
            state.seats.remove(&subscriber.id);
            return Some(Err(refused));
        }
        state.seats.insert(subscriber.id, seat);
        Some(Ok(frame.position()))
    }

    pub(super) fn detach(&self, subscriber: SubscriberId) -> bool {
        self.lock().seats.remove(&subscriber).is_some()
    }

    pub(super) fn retire(&self) {
        self.lock().ended = true;
    }

    /// The frame with that number, if it is still remembered.
    pub(super) fn remembered(&self, seq: u64) -> Option<Arc<Frame>> {
        let state = self.lock();
        let count = state.seq.checked_sub(seq)? + 1;
        state.history.newest(count)?.next().cloned()
    }

    pub(super) fn subscribers(&self) -> usize {
        self.lock().seats.len()
    }

    /// Whether the channel leaves now because it was retired and nobody listens.
    pub(super) fn end_if_over(&self, floor: &AtomicU64) -> bool {
        let mut state = self.lock();
        let is_over = state.ended && state.seats.is_empty() && !state.gone;
        if is_over {
            state.leave(floor);
        }
        is_over
    }

    /// Whether the channel leaves now because nobody listens and nothing happened since `before`.
    /// Called with a part of the hub's map locked, so it does not wait for a fan-out: a busy channel is not idle.
    pub(super) fn end_if_idle(&self, before: Timestamp, floor: &AtomicU64) -> bool {
        let Ok(mut state) = self.state.try_lock() else { return false };
        state.seats.retain(|_, seat| !seat.outbox.is_closed());
        let is_idle = state.seats.is_empty() && state.last_at.is_none_or(|at| at < before);
        if is_idle {
            state.leave(floor);
        }
        is_idle
    }

    fn frame(
        &self,
        seq: u64,
        kind: FrameKind,
        at: Timestamp,
        data: &RawValue,
        histograms: Option<Histograms>,
    ) -> Arc<Frame> {
        let frame = Frame::new(self.topic, self.position(seq), kind, at, data);
        Arc::new(frame.with_histograms(histograms))
    }

    fn position(&self, seq: u64) -> Position {
        Position { epoch: self.epoch, seq }
    }

    /// No critical section here can leave the state half done, so a poisoned one is used as it stands.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
