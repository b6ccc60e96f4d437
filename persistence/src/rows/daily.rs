//! The report of one site's day, as it was made when the site closed.
//!
//! Invariant: a report that was made is never made again.

use domain::{LocalDay, SiteId, TenantId, Timestamp};

/// One report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyReportRow {
    pub tenant: TenantId,
    pub site: SiteId,
    pub day: LocalDay,
    pub made_at: Timestamp,
    /// JSON text.
    pub body: String,
}
