//! Keeping the report of a site's day, once.
//!
//! Invariant: a report that is there is never written over.

use async_trait::async_trait;

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::rows::DailyReportRow;
use crate::sql::Connection;

pub(crate) struct SaveDailyReport(pub(crate) DailyReportRow);

#[async_trait]
impl Job for SaveDailyReport {
    type Done = bool;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.0.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<bool, SaveError> {
        let row = self.0;
        let sql = "insert into daily_reports (tenant_id, site_id, day, made_at, body)
            values ($1, $2, $3, $4, $5) on conflict (tenant_id, site_id, day) do nothing";
        let values = vec![
            row.tenant.into(),
            row.site.into(),
            row.day.number().into(),
            row.made_at.into(),
            row.body.into(),
        ];
        Ok(connection.execute(sql, values).await.map_err(failed)? > 0)
    }
}
