//! The last frames of a topic, for those who come back.
//!
//! A ring bounded by count and by bytes; who missed more than it holds is given a snapshot.
//!
//! Invariant: the frames kept are the newest ones, with no number missing between them.

use std::collections::VecDeque;
use std::collections::vec_deque::Iter;
use std::sync::Arc;

use super::frame::Frame;

/// A queue with 20 counters makes about one frame a second: four minutes of absence.
const FRAMES_MAX: usize = 256;
/// 256 frames of 600 bytes are 150 KiB. Other encodings of the same frames may triple it.
const BYTES_MAX: usize = 256 * 1024;

/// How much of one topic is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryLimits {
    /// Frames.
    pub frames_max: usize,
    /// Bytes of their JSON text.
    pub bytes_max: usize,
}

impl HistoryLimits {
    /// Just the newest frame, however large: all that a latest-value topic needs.
    pub(super) const NEWEST: Self = Self { frames_max: 1, bytes_max: usize::MAX };
}

impl Default for HistoryLimits {
    fn default() -> Self {
        Self { frames_max: FRAMES_MAX, bytes_max: BYTES_MAX }
    }
}

pub(super) struct History {
    limits: HistoryLimits,
    frames: VecDeque<Arc<Frame>>,
    bytes: usize,
}

impl History {
    pub(super) const fn new(limits: HistoryLimits) -> Self {
        Self { limits, frames: VecDeque::new(), bytes: 0 }
    }

    /// Remembers the next frame and forgets the oldest ones beyond the limits.
    pub(super) fn keep(&mut self, frame: Arc<Frame>) {
        self.bytes += frame.json().len();
        self.frames.push_back(frame);
        while self.frames.len() > self.limits.frames_max || self.bytes > self.limits.bytes_max {
            let Some(oldest) = self.frames.pop_front() else { break };
            self.bytes -= oldest.json().len();
        }
    }

    /// The newest `count` frames, oldest first; `None` if not all of them are here.
    pub(super) fn newest(&self, count: u64) -> Option<Iter<'_, Arc<Frame>>> {
        let first = self.frames.len().checked_sub(usize::try_from(count).ok()?)?;
        Some(self.frames.range(first..))
    }
}
