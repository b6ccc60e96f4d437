//! Figures as they stand, and as they stood: of a queue, a site, the whole tenant.
//!
//! A queue answers for itself; a site and the tenant are merged from what their queues have published.
//! Invariant: asking for a site or for the tenant wakes no queue.

use domain::{QueueId, SiteId};
use persistence::{QueueSampleRow, SampleSpan};
use tokio::sync::oneshot;

use super::Tenant;
use crate::ask::AskError;
use crate::queue_actor::QueueMessage;
use crate::tenant_actor::TenantMessage;
use crate::views::StatsView;

impl Tenant {
    /// Live figures of one queue.
    ///
    /// # Errors
    /// `NotFound` for an unknown queue.
    pub async fn stats(&self, queue: QueueId) -> Result<StatsView, AskError> {
        self.ask_queue(queue, |reply_to| QueueMessage::Stats { reply_to }).await
    }

    /// Live figures of one site, or of all queues of the tenant.
    ///
    /// # Errors
    /// While the program is stopping, or when the tenant does not answer.
    pub async fn merged_stats(&self, site: Option<SiteId>) -> Result<StatsView, AskError> {
        self.awake()?;
        let (reply_to, answer) = oneshot::channel();
        self.world.tell_tenant(TenantMessage::Stats { site, reply_to });
        self.wait(answer).await
    }

    /// How a queue stood, the newest first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn samples(
        &self,
        queue: QueueId,
        span: SampleSpan,
        limit: u32,
    ) -> Result<Vec<QueueSampleRow>, AskError> {
        let rows = self.world.world.store.queue_samples(self.world.id, queue, span, limit).await;
        rows.map_err(|error| {
            tracing::error!(%error, "samples of queue {queue} could not be read");
            AskError::OutcomeUnknown
        })
    }
}
