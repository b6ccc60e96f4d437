//! `queue-stats`: the same figures for each queue.
//!
//! Invariant: the queues add up to the whole.

use std::collections::BTreeMap;

use domain::{QueueId, TenantId, Timestamp};
use persistence::RollUpRow;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::scope::Scope;
use super::summary::{Adding, Summary, target_of};
use super::waits::held;
use super::{Period, ReportError, ReportQuery, Reports};
use crate::resources::Directory;

/// How each queue did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QueueStats {
    pub period: Period,
    #[serde(flatten)]
    pub total: Summary,
    /// Queues in which somebody came, the oldest queue first.
    pub queues: Vec<QueueFigures>,
}

/// The figures of one queue.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QueueFigures {
    pub queue_id: Uuid,
    /// Null of a queue that was deleted.
    pub name: Option<String>,
    pub site_id: Uuid,
    pub service_id: Uuid,
    #[serde(flatten)]
    pub figures: Summary,
}

impl Reports {
    /// How each queue did.
    ///
    /// # Errors
    /// As [`Reports::wait_times`].
    pub async fn queue_stats(
        &self,
        tenant: TenantId,
        directory: &Directory,
        query: ReportQuery,
        now: Timestamp,
    ) -> Result<QueueStats, ReportError> {
        let scope = Scope::new(directory, query, now)?;
        let rows = self.rows(tenant, scope.part(), scope.range()).await?;
        let mut total = Adding::default();
        let mut queues: BTreeMap<QueueId, (Adding, &RollUpRow)> = BTreeMap::new();
        for row in held(&rows, &scope) {
            let target = target_of(directory, row);
            total.add(row, target);
            let queue = queues.entry(row.queue).or_insert_with(|| (Adding::default(), row));
            queue.0.add(row, target);
        }
        let queues = queues.into_iter().map(|(queue, (adding, row))| QueueFigures {
            queue_id: queue.0,
            name: directory.queue(queue).map(|kept| kept.body.name.clone()),
            site_id: row.site.0,
            service_id: row.service.0,
            figures: scope.shown(&adding),
        });
        Ok(QueueStats {
            period: scope.period,
            total: scope.shown(&total),
            queues: queues.collect(),
        })
    }
}
