//! The frames that wait for one reader: a queue that knows its weight.
//!
//! A frame may have a slot; at most one unsent frame of a slot waits at a time, and a
//! newer one takes the older one's place. Plain data: whoever holds it has the lock.
//!
//! Invariant: `bytes` is the sum of the weights of `items`.

use std::collections::VecDeque;
use std::mem;

use crate::limits::{Limits, Load};
use crate::weigh::Weigh;

/// Room kept after a drain, in frames: enough for an ordinary burst without asking the
/// allocator again, and next to nothing on 100,000 idle connections.
const KEPT_FRAMES_MAX: usize = 4;

struct Item<F> {
    slot: Option<u64>,
    frame: F,
}

pub(crate) struct Backlog<F> {
    items: VecDeque<Item<F>>,
    bytes: usize,
}

impl<F: Weigh> Backlog<F> {
    /// Empty, and without any allocation.
    pub(crate) const fn new() -> Self {
        Self { items: VecDeque::new(), bytes: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn load(&self) -> Load {
        Load { bytes: self.bytes, frames: self.items.len() }
    }

    /// Where the unsent frame of `slot` waits. Statistics come once a second, so a walk will do.
    pub(crate) fn place_of(&self, slot: Option<u64>) -> Option<usize> {
        let slot = slot?;
        self.items.iter().position(|item| item.slot == Some(slot))
    }

    /// Whether `frame` may be put at `place`. An empty backlog takes any frame: one that never
    /// fits could never be sent, and its reader would come back for it for ever.
    pub(crate) fn fits(&self, frame: &F, place: Option<usize>, limits: Limits) -> bool {
        let replaced = place.and_then(|place| self.items.get(place));
        let others = Load {
            bytes: self.bytes - replaced.map_or(0, |item| item.frame.weight()),
            frames: self.items.len() - usize::from(replaced.is_some()),
        };
        others.frames == 0
            || others.frames < limits.frames_max
                && others.bytes.saturating_add(frame.weight()) <= limits.bytes_max
    }

    /// Puts `frame` in the place of an older one, or at the end; gives back the older one.
    pub(crate) fn put(&mut self, slot: Option<u64>, place: Option<usize>, frame: F) -> Option<F> {
        self.bytes += frame.weight();
        let item = Item { slot, frame };
        let Some(older) = place.and_then(|place| self.items.get_mut(place)) else {
            self.items.push_back(item);
            return None;
        };
        let older = mem::replace(older, item).frame;
        self.bytes -= older.weight();
        Some(older)
    }

    /// The mistake of [`Bug::BackwardsLatest`](crate::planted::Bug).
    pub(crate) fn put_first(&mut self, slot: Option<u64>, frame: F) {
        self.bytes += frame.weight();
        self.items.push_front(Item { slot, frame });
    }

    /// Moves every frame to the end of `into`. The weight stays: see [`Self::forget_weight`].
    pub(crate) fn move_to(&mut self, into: &mut Vec<F>) -> Load {
        let moved = self.load();
        into.reserve(moved.frames);
        into.extend(self.items.drain(..).map(|item| item.frame));
        self.items.shrink_to(KEPT_FRAMES_MAX);
        moved
    }

    /// The second half of taking: the frames are gone, and so is their weight.
    pub(crate) fn forget_weight(&mut self) {
        self.bytes = 0;
    }
}
