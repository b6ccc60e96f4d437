//! How a queue stood at one instant, for reports over days.
//!
//! The service level is kept as its two counts, so that samples can be summed up.
//! Invariant: all figures of a row are of the same instant.

use domain::{QueueId, Secs, Timestamp};

/// One sample of one queue. Windows are the 15 minutes before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSampleRow {
    pub queue: QueueId,
    pub at: Timestamp,
    pub waiting: u32,
    pub longest_wait: Secs,
    /// None when nobody was called.
    pub wait_p50: Option<Secs>,
    pub wait_p90: Option<Secs>,
    pub wait_p95: Option<Secs>,
    pub agents_available: u32,
    pub agents_busy: u32,
    pub agents_on_break: u32,
    /// First calls.
    pub called: u32,
    /// First calls within the target.
    pub called_in_time: u32,
    pub served: u32,
    /// Left before a call.
    pub abandoned: u32,
    /// 0 to 100.
    pub health: Option<u8>,
}

/// Which samples to read: from `from` until just before `to`, where given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SampleSpan {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}
