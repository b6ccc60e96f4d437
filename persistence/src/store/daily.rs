//! What a store keeps of reports on days.
//!
//! Invariant: of two reports on one site's day the first stays.

use async_trait::async_trait;
use domain::{LocalDay, SiteId, TenantId};

use crate::error::StoreError;
use crate::rows::DailyReportRow;

/// Reports on the days of sites.
#[async_trait]
pub trait DailyReportStore: Send + Sync {
    /// Keeps a report; false when that day has one already.
    async fn save_daily_report(&self, row: DailyReportRow) -> Result<bool, StoreError>;

    /// The report on a day of a site; without a day the newest one.
    async fn daily_report(
        &self,
        tenant: TenantId,
        site: SiteId,
        day: Option<LocalDay>,
    ) -> Result<Option<DailyReportRow>, StoreError>;
}
