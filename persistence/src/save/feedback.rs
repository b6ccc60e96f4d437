//! Keeping an opinion, once.
//!
//! The database itself says whether there was one before, so two at the same time are no race.
//! Invariant: an opinion that is there is never written over.

use async_trait::async_trait;

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::rows::FeedbackRow;
use crate::sql::{Connection, Value};

pub(crate) struct SaveFeedback(pub(crate) FeedbackRow);

#[async_trait]
impl Job for SaveFeedback {
    type Done = bool;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.0.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<bool, SaveError> {
        let row = self.0;
        let sql = "insert into feedback
            (tenant_id, ticket_id, site_id, queue_id, service_id, agent_id, csat, nps, comment, at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (tenant_id, ticket_id) do nothing";
        let values = vec![
            row.tenant.into(),
            row.ticket.into(),
            row.site.into(),
            row.queue.into(),
            Value::Id(Some(row.service.0)),
            Value::Id(row.agent.map(|agent| agent.0)),
            Value::Int(row.csat.map(i64::from)),
            Value::Int(row.nps.map(i64::from)),
            row.comment.into(),
            row.at.into(),
        ];
        Ok(connection.execute(sql, values).await.map_err(failed)? > 0)
    }
}
