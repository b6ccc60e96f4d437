//! How much may wait for one reader, and how much does.
//!
//! Both are plain numbers, set once per connection from the configuration.
//!
//! Invariant: a backlog exceeds its limits only by one frame that is larger
//! than the limit all by itself.

/// Bytes that may wait: seconds of the busiest topic, so that only a reader that
/// has stopped reading ever gets here; 1,000 stopped readers hold 1 GiB.
const QUEUED_BYTES_MAX: usize = 1024 * 1024;
/// Frames that may wait. Ours are 200 to 600 bytes, so the bytes run out first;
/// this bounds the bookkeeping when frames are tiny.
const QUEUED_FRAMES_MAX: usize = 4096;

/// How much may wait for one reader before it counts as too slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes, as counted by [`Weigh`](crate::Weigh).
    pub bytes_max: usize,
    /// Frames, however small.
    pub frames_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes_max: QUEUED_BYTES_MAX, frames_max: QUEUED_FRAMES_MAX }
    }
}

/// What waits, or what would still fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Bytes, as counted by [`Weigh`](crate::Weigh).
    pub bytes: usize,
    /// Frames.
    pub frames: usize,
}
