//! Calling: the agent asks its queues, claims the most urgent ticket, and has it in hand.
//!
//! With several queues the best candidates are compared by urgency, never by the name of a queue; the claim is
//! checked again by the queue itself, and a lost race goes on to the next.
//! Invariant: a call reaches a queue only while this agent has no ticket in hand anywhere.

use std::cmp::Reverse;

use domain::{AgentCommand, Caller, Command, InHand, QueueId, Refusal, TicketId};
use tokio::sync::oneshot;
use tokio::time::timeout;
use uuid::Uuid;

use super::Life;
use super::message::CallReply;
use crate::ask::{Ask, AskError, Done, give};
use crate::queue_actor::{Execute, QueueMessage, Reply};

impl Life {
    pub(super) async fn call_next(
        &mut self,
        queue: Option<QueueId>,
        ask: Ask,
        reply_to: CallReply,
    ) {
        if reply_to.is_closed() {
            return;
        }
        let answer = self.claim_best(queue, ask).await;
        self.after_call(answer, reply_to);
    }

    async fn claim_best(&mut self, queue: Option<QueueId>, ask: Ask) -> Result<Done, AskError> {
        let caller = self.caller()?;
        for queue in self.by_urgency(queue, &caller).await? {
            match self
                .ask_queue(queue, Command::CallNext { caller: caller.clone() }, ask.clone())
                .await
            {
                // Somebody else was quicker there.
                Err(AskError::Refused(Refusal::NobodyWaiting)) => {}
                answer => return answer,
            }
        }
        Err(Refusal::NobodyWaiting.into())
    }

    /// The queues to try, the one with the most urgent candidate first.
    async fn by_urgency(
        &self,
        queue: Option<QueueId>,
        caller: &Caller,
    ) -> Result<Vec<QueueId>, AskError> {
        let assigned = &self.agent.profile().queues;
        match queue {
            Some(queue) if assigned.contains(&queue) => return Ok(vec![queue]),
            Some(_) => return Err(Refusal::NotAssigned.into()),
            None if assigned.len() <= 1 => return Ok(assigned.clone()),
            None => {}
        }
        let mut asked = Vec::with_capacity(assigned.len());
        for queue in assigned {
            let (reply_to, answer) = oneshot::channel();
            self.tenant.tell_queue(
                *queue,
                QueueMessage::Candidate { skills: caller.skills.clone(), reply_to },
            );
            asked.push((*queue, answer));
        }
        let mut best = Vec::with_capacity(asked.len());
        for (queue, answer) in asked {
            // A queue that is being restarted has no candidate just now.
            if let Ok(Ok(Some(urgency))) =
                timeout(self.tenant.world.settings.answer_timeout, answer).await
            {
                best.push((Reverse(urgency), queue));
            }
        }
        best.sort_unstable();
        Ok(best.into_iter().map(|(_, queue)| queue).collect())
    }

    pub(super) async fn call_ticket(
        &mut self,
        queue: QueueId,
        ticket: TicketId,
        why: Option<String>,
        ask: Ask,
        reply_to: CallReply,
    ) {
        let answer = match self.assigned_caller(queue, &ask) {
            Ok(caller) => {
                self.ask_queue(queue, Command::CallTicket { ticket, caller, why }, ask).await
            }
            Err(error) => Err(error),
        };
        self.after_call(answer, reply_to);
    }

    pub(super) async fn resume(
        &mut self,
        queue: QueueId,
        ticket: TicketId,
        ask: Ask,
        reply_to: CallReply,
    ) {
        let answer = match self.assigned_caller(queue, &ask) {
            Ok(caller) => self.ask_queue(queue, Command::Resume { ticket, caller }, ask).await,
            Err(error) => Err(error),
        };
        self.after_call(answer, reply_to);
    }

    pub(super) fn after_call(&mut self, answer: Result<Done, AskError>, reply_to: CallReply) {
        if let Ok(done) = &answer {
            let hand = InHand {
                queue: QueueId(done.ticket.queue_id),
                ticket: TicketId(done.ticket.id),
                number: done.ticket.number.clone(),
            };
            self.missed = 0;
            self.do_own(&AgentCommand::Took(hand));
        }
        give(reply_to, answer);
    }

    /// Where people called for this agent are sent.
    pub(super) fn caller(&self) -> Result<Caller, AskError> {
        let counter = self.agent.ready()?;
        Ok(Caller { agent: self.id, counter, skills: self.agent.profile().skills.clone() })
    }

    fn assigned_caller(&self, queue: QueueId, ask: &Ask) -> Result<Caller, AskError> {
        if !ask.supervises && !self.agent.profile().queues.contains(&queue) {
            return Err(Refusal::NotAssigned.into());
        }
        self.caller()
    }

    /// Sends a command to a queue and waits for its commit. A queue never waits for us, so this cannot lock up.
    pub(super) async fn ask_queue(
        &self,
        queue: QueueId,
        command: Command,
        ask: Ask,
    ) -> Result<Done, AskError> {
        let (port, answer) = oneshot::channel();
        let execute = Execute {
            command,
            ask,
            private: None,
            reply_to: Reply::Ticket(port),
            permits: Vec::new(),
        };
        self.tenant.tell_queue(queue, QueueMessage::Execute(Box::new(execute)));
        match timeout(self.tenant.world.settings.answer_timeout, answer).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) | Err(_) => Err(AskError::OutcomeUnknown),
        }
    }
}

/// The id of a queue in a view.
pub(super) const fn queue_id(id: Uuid) -> QueueId {
    QueueId(id)
}
