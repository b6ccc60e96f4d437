//! Opinions on visits: given once, after the visit has ended.
//!
//! They are no part of a queue's journal: nothing there depends on them.
//! Invariant: an opinion belongs to an ended ticket of this tenant, and is never changed.

use domain::{Refusal, SiteId, State, TicketId, Timestamp};
use persistence::FeedbackRow;

use super::Tenant;
use super::tickets::ended_as;
use crate::ask::AskError;

/// What somebody says of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// 1 to 5.
    pub csat: Option<u8>,
    /// 0 to 10.
    pub nps: Option<u8>,
    pub comment: Option<String>,
}

impl Tenant {
    /// Keeps an opinion on a visit.
    ///
    /// # Errors
    /// `invalid_transition` before its end, `Taken` after the first opinion, `NotFound` for an unknown ticket.
    pub async fn give_feedback(
        &self,
        ticket: TicketId,
        opinion: Opinion,
    ) -> Result<FeedbackRow, AskError> {
        let row = self.row(ticket).await?.ok_or(AskError::NotFound)?;
        if ended_as(&row).is_none() {
            let live = State::ALL.into_iter().find(|state| state.as_str() == row.state);
            let from = live.unwrap_or(State::Waiting);
            return Err(Refusal::InvalidTransition { from, command: "feedback" }.into());
        }
        let store = &self.world.world.store;
        let legs = store.legs(self.world.id, ticket).await;
        let legs = legs.map_err(|_| AskError::OutcomeUnknown)?;
        let feedback = FeedbackRow {
            tenant: self.world.id,
            ticket,
            site: row.site,
            queue: row.queue,
            service: row.service,
            agent: legs.last().and_then(|leg| leg.agent),
            csat: opinion.csat,
            nps: opinion.nps,
            comment: opinion.comment,
            at: self.world.world.clock.now(),
        };
        let kept = store.save_feedback(feedback.clone()).await;
        match kept.map_err(|_| AskError::OutcomeUnknown)? {
            true => Ok(feedback),
            false => Err(AskError::Taken { field: "feedback".to_owned(), value: row.number }),
        }
    }

    /// Whether somebody gave an opinion on the ticket.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn has_feedback(&self, ticket: TicketId) -> Result<bool, AskError> {
        let found = self.world.world.store.feedback_on(self.world.id, ticket).await;
        found.map(|found| found.is_some()).map_err(|_| AskError::OutcomeUnknown)
    }

    /// The newest opinions given before `before`, of one site or of all.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn feedback(
        &self,
        site: Option<SiteId>,
        before: Option<(Timestamp, TicketId)>,
        limit: u32,
    ) -> Result<Vec<FeedbackRow>, AskError> {
        let rows = self.world.world.store.feedback(self.world.id, site, before, limit).await;
        rows.map_err(|_| AskError::OutcomeUnknown)
    }
}
