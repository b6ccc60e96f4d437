//! What a store keeps of how queues stood over time.
//!
//! Samples are written once, all of a tenant's queues together, and thinned when they are old.
//! Invariant: thinning leaves the last sample of every hour.

use async_trait::async_trait;
use domain::{QueueId, TenantId, Timestamp};

use crate::error::StoreError;
use crate::rows::{QueueSampleRow, SampleSpan};

/// Samples of queues.
#[async_trait]
pub trait SampleStore: Send + Sync {
    /// Keeps all of them in one transaction; a queue has one sample of an instant, and the first stays.
    async fn save_queue_samples(
        &self,
        tenant: TenantId,
        samples: Vec<QueueSampleRow>,
    ) -> Result<(), StoreError>;

    /// Samples of one queue, the newest first; at most `limit`.
    async fn queue_samples(
        &self,
        tenant: TenantId,
        queue: QueueId,
        span: SampleSpan,
        limit: u32,
    ) -> Result<Vec<QueueSampleRow>, StoreError>;

    /// When the oldest sample of a tenant at or after `from` was taken.
    async fn oldest_sample(
        &self,
        tenant: TenantId,
        from: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Leaves of each queue and hour between `from` and `to` the last sample only; deletes at most `limit` rows and
    /// answers how many. Both instants begin an hour.
    async fn thin_samples(
        &self,
        tenant: TenantId,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError>;
}
