//! The daily reports' part of the store.
//!
//! Reads borrow a reader; the one write is a job.
//! Invariant: as for every job, a write that was begun is finished.

use async_trait::async_trait;
use domain::{LocalDay, SiteId, TenantId};

use super::{Backend, SqlStore, only_store};
use crate::error::StoreError;
use crate::rows::DailyReportRow;
use crate::store::DailyReportStore;
use crate::{read, save};

#[async_trait]
impl<B: Backend> DailyReportStore for SqlStore<B> {
    async fn save_daily_report(&self, row: DailyReportRow) -> Result<bool, StoreError> {
        self.save(save::daily::SaveDailyReport(row)).await.map_err(only_store)
    }

    async fn daily_report(
        &self,
        tenant: TenantId,
        site: SiteId,
        day: Option<LocalDay>,
    ) -> Result<Option<DailyReportRow>, StoreError> {
        read::daily::one(&mut self.of(tenant).await?.connection(), tenant, site, day).await
    }
}
