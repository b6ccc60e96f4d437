//! The roll-ups' part of the store.
//!
//! Reads borrow a reader; the one write is a job.
//! Invariant: as for every job, a write that was begun is finished.

use async_trait::async_trait;
use domain::{LocalDay, QueueId, SiteId, TenantId, Timestamp};
use uuid::Uuid;

use super::{Backend, SqlStore};
use crate::error::{SaveError, StoreError};
use crate::roll_up::{DayCount, DueRow, Part, RollUpRow, Settled};
use crate::rows::{LegRow, OpinionCount};
use crate::store::RollUpStore;
use crate::{read, save};

#[async_trait]
impl<B: Backend> RollUpStore for SqlStore<B> {
    async fn due_roll_ups(&self, tenant: TenantId, limit: u32) -> Result<Vec<DueRow>, StoreError> {
        read::roll_up::due(&mut self.of(tenant).await?.connection(), tenant, limit).await
    }

    async fn legs_of_queue(
        &self,
        tenant: TenantId,
        queue: QueueId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<LegRow>, StoreError> {
        let mut reader = self.of(tenant).await?;
        read::roll_up::legs(&mut reader.connection(), tenant, queue, (from, to)).await
    }

    async fn queues_with_legs(&self, tenant: TenantId) -> Result<Vec<QueueId>, StoreError> {
        read::roll_up::queues(&mut self.of(tenant).await?.connection(), tenant).await
    }

    async fn span_of_legs(
        &self,
        tenant: TenantId,
        queue: QueueId,
    ) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        read::roll_up::span(&mut self.of(tenant).await?.connection(), tenant, queue).await
    }

    async fn save_roll_ups(
        &self,
        tenant: TenantId,
        queue: QueueId,
        days: Vec<DayCount>,
        settled: Settled,
    ) -> Result<bool, StoreError> {
        let saved = self.save(save::roll_up::SaveRollUps { tenant, queue, days, settled }).await;
        match saved {
            Ok(()) => Ok(true),
            Err(SaveError::VersionConflict { .. } | SaveError::KeyTaken { .. }) => Ok(false),
            Err(SaveError::Store(error)) => Err(error),
        }
    }

    async fn roll_ups(
        &self,
        tenant: TenantId,
        part: Part,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<RollUpRow>, StoreError> {
        let mut reader = self.of(tenant).await?;
        read::roll_up::rows(&mut reader.connection(), tenant, part, (from, to)).await
    }

    async fn roll_ups_of_queue(
        &self,
        tenant: TenantId,
        queue: QueueId,
    ) -> Result<Vec<RollUpRow>, StoreError> {
        read::roll_up::of_queue(&mut self.of(tenant).await?.connection(), tenant, queue).await
    }

    async fn count_roll_ups(&self, tenant: TenantId) -> Result<u64, StoreError> {
        read::roll_up::count(&mut self.of(tenant).await?.connection(), tenant).await
    }

    async fn roll_up_stamps(
        &self,
        tenant: TenantId,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<(LocalDay, Uuid)>, StoreError> {
        read::roll_up::stamps(&mut self.of(tenant).await?.connection(), tenant, (from, to)).await
    }

    async fn legs_out_of_order(
        &self,
        tenant: TenantId,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<LegRow>, StoreError> {
        let mut reader = self.of(tenant).await?;
        read::roll_up::out_of_order(&mut reader.connection(), tenant, (from, to), limit).await
    }

    async fn count_opinions(
        &self,
        tenant: TenantId,
        sites: &[SiteId],
        (from, to): (Timestamp, Timestamp),
        every: i64,
    ) -> Result<Vec<OpinionCount>, StoreError> {
        let mut reader = self.of(tenant).await?;
        read::opinion::count(&mut reader.connection(), tenant, sites, (from, to), every).await
    }
}
