//! The samples' part of the store.
//!
//! Reads borrow a reader; writing and thinning are jobs.
//! Invariant: as for every job, a write that was begun is finished.

use async_trait::async_trait;
use domain::{QueueId, TenantId, Timestamp};

use super::{Backend, SqlStore, only_store};
use crate::error::StoreError;
use crate::rows::{QueueSampleRow, SampleSpan};
use crate::store::{PAGE_ROWS_MAX, SampleStore};
use crate::{read, save};

#[async_trait]
impl<B: Backend> SampleStore for SqlStore<B> {
    async fn save_queue_samples(
        &self,
        tenant: TenantId,
        samples: Vec<QueueSampleRow>,
    ) -> Result<(), StoreError> {
        self.save(save::sample::SaveSamples { tenant, samples }).await.map_err(only_store)
    }

    async fn queue_samples(
        &self,
        tenant: TenantId,
        queue: QueueId,
        span: SampleSpan,
        limit: u32,
    ) -> Result<Vec<QueueSampleRow>, StoreError> {
        // One more than a page, so that the caller sees whether there is another.
        let limit = limit.min(PAGE_ROWS_MAX + 1);
        let mut reader = self.of(tenant).await?;
        read::sample::page(&mut reader.connection(), tenant, queue, span, limit).await
    }

    async fn oldest_sample(
        &self,
        tenant: TenantId,
        from: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        read::sample::oldest(&mut self.of(tenant).await?.connection(), tenant, from).await
    }

    async fn thin_samples(
        &self,
        tenant: TenantId,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        self.save(save::sample::Thin { tenant, from, to, limit }).await.map_err(only_store)
    }
}
