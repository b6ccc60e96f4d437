//! Hearing what the actors answered to a drive: what a ticket has become, who is free again, what was refused.
//!
//! Invariant: an unknown outcome ends the replay, because the store could not be held to it.

use actors::AskError;
use domain::QueueId;
use futures_util::{FutureExt, StreamExt};

use super::Drive;
use crate::replay::ReplayError;
use crate::replay::heard::{Heard, What, stamped};
use crate::replay::row::{Ending, Visit};

impl Drive<'_> {
    /// Waits for answers until `enough`, or until nothing is under way.
    pub(super) async fn hear_until(
        &mut self,
        enough: impl Fn(&Self) -> bool,
    ) -> Result<(), ReplayError> {
        while !enough(self) {
            match self.under_way.next().await {
                Some(heard) => self.hear(heard)?,
                None => break,
            }
        }
        Ok(())
    }

    pub(super) async fn hear_all(&mut self) -> Result<(), ReplayError> {
        self.hear_until(|_| false).await
    }

    pub(super) fn hear_what_is_there(&mut self) -> Result<(), ReplayError> {
        while let Some(Some(heard)) = self.under_way.next().now_or_never() {
            self.hear(heard)?;
        }
        Ok(())
    }

    fn hear(&mut self, heard: Heard) -> Result<(), ReplayError> {
        let Heard { row, what, at, answer } = heard;
        if what == What::End
            && let Some((Visit { ending: Ending::Called { server, .. }, .. }, _)) = self.visit(row)
        {
            let server = *server;
            self.servers[server].is_ending = false;
        }
        match answer {
            Ok(done) => {
                self.remarks.late += usize::from(stamped(what, &done.ticket) != Some(at));
                match what {
                    What::Issue => self.tickets.issued(row, &done.ticket),
                    What::Start | What::End | What::WalkOut => self.tickets.tell(&done.ticket),
                }
                Ok(())
            }
            Err(error) => self.refused(error),
        }
    }

    /// A refusal is worth a remark; an unknown outcome would make the comparison with the store worthless.
    pub(super) fn refused(&mut self, error: AskError) -> Result<(), ReplayError> {
        if error == AskError::OutcomeUnknown {
            return Err(ReplayError::OutcomeUnknown);
        }
        self.remarks.refused += 1;
        self.remarks.first_refusal.get_or_insert_with(|| error.to_string());
        Ok(())
    }

    pub(super) fn visit(&self, row: usize) -> Option<(&Visit, QueueId)> {
        let visit = self.log.visits.get(row)?;
        Some((visit, *self.branch.queues.get(visit.queue)?))
    }
}
