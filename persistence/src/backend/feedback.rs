//! The opinions' part of the store.
//!
//! Reads borrow a reader; the one write is a job.
//! Invariant: as for every job, a write that was begun is finished.

use async_trait::async_trait;
use domain::{SiteId, TenantId, TicketId, Timestamp};

use super::{Backend, SqlStore, only_store};
use crate::error::StoreError;
use crate::rows::FeedbackRow;
use crate::store::{FeedbackStore, PAGE_ROWS_MAX};
use crate::{read, save};

#[async_trait]
impl<B: Backend> FeedbackStore for SqlStore<B> {
    async fn save_feedback(&self, row: FeedbackRow) -> Result<bool, StoreError> {
        self.save(save::feedback::SaveFeedback(row)).await.map_err(only_store)
    }

    async fn feedback_on(
        &self,
        tenant: TenantId,
        ticket: TicketId,
    ) -> Result<Option<FeedbackRow>, StoreError> {
        read::feedback::on(&mut self.of(tenant).await?.connection(), tenant, ticket).await
    }

    async fn feedback(
        &self,
        tenant: TenantId,
        site: Option<SiteId>,
        before: Option<(Timestamp, TicketId)>,
        limit: u32,
    ) -> Result<Vec<FeedbackRow>, StoreError> {
        // One more than a page, so that the caller sees whether there is another.
        let limit = limit.min(PAGE_ROWS_MAX + 1);
        let mut reader = self.of(tenant).await?;
        read::feedback::page(&mut reader.connection(), tenant, site, before, limit).await
    }
}
