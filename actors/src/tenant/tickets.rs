//! Tickets: joining, every command on one, looking one up, lists.
//!
//! The registry knows the queue of a live ticket; an ended one is found through its row.
//! Invariant: an unknown and a foreign ticket give the same answer.

use std::sync::Arc;

use domain::{AgentId, Command, CustomerId, Handler, Issue, QueueId, Refusal, State, TicketId};
use persistence::{LegRow, NewCustomer, TicketFilter, TicketPage, TicketPrivateRow, TicketRow};
use tokio::sync::oneshot;

use super::rows::row_view;
use super::{Join, Tenant, TicketOrder};
use crate::agent_actor::AgentMessage;
use crate::ask::{Ask, AskError, Done};
use crate::queue_actor::{Execute, QueueMessage, Reply};
use crate::resources::room;
use crate::views::{At, LegView, ReasonView, TicketView};

/// Who handles the ticket. Whoever neither serves nor supervises – a program with an agent's rights – has no hands for
/// what is done at a counter.
fn handler(order: &TicketOrder, agent: Option<AgentId>, ask: &Ask) -> Result<Handler, AskError> {
    let is_at_counter = matches!(
        order,
        TicketOrder::Recall
            | TicketOrder::Start
            | TicketOrder::Hold { .. }
            | TicketOrder::Finish { .. }
            | TicketOrder::NoShow
            | TicketOrder::Requeue
            | TicketOrder::Transfer { .. }
    );
    match agent {
        _ if ask.supervises => Ok(Handler::Supervisor),
        Some(agent) => Ok(Handler::Agent(agent)),
        None if is_at_counter => Err(Refusal::NotAssigned.into()),
        None => Ok(Handler::Supervisor),
    }
}

impl Tenant {
    /// Takes a ticket.
    ///
    /// # Errors
    /// The refusal of the queue; `NotFound` for an unknown queue.
    pub async fn issue(&self, join: Join, ask: Ask) -> Result<Done, AskError> {
        let waiting_max = self.world.directory().standing.limits.waiting_max;
        room("waiting", self.world.tickets.len(), waiting_max)?;
        let ticket = TicketId(self.world.world.clock.new_id());
        let customer = self.customer_of(&join).await?;
        let private = private_row(self.world.id, ticket, &join);
        let issue = Issue {
            ticket,
            channel: join.channel,
            class: join.class,
            self_service: join.self_service,
            customer,
            language: join.language.map(Arc::from),
            needs: join.skills,
            slot: join.slot,
            remote: join.remote,
            tags: join.tags,
        };
        let done = self.execute(join.queue, Command::Issue(Box::new(issue)), private, ask).await?;
        self.world.issued.one();
        Ok(done)
    }

    async fn customer_of(&self, join: &Join) -> Result<Option<CustomerId>, AskError> {
        if let Some(customer) = join.customer {
            return self.known_customer(customer).await.map(Some);
        }
        if join.phone.is_none() && join.email.is_none() {
            return Ok(None);
        }
        let customer = NewCustomer {
            tenant: self.world.id,
            customer: CustomerId(self.world.world.clock.new_id()),
            phone: join.phone.clone(),
            email: join.email.clone(),
            name: join.name.clone(),
            language: join.language.clone(),
            at: self.world.world.clock.now(),
        };
        let found = self.world.world.store.find_or_create_customer(customer).await;
        found.map(Some).map_err(|_| AskError::OutcomeUnknown)
    }

    /// `customer`, if this tenant has one of that id: one that is erased, another's or nobody's is not.
    async fn known_customer(&self, customer: CustomerId) -> Result<CustomerId, AskError> {
        match self.customer(customer).await {
            Ok(_) => Ok(customer),
            Err(AskError::NotFound) => Err(AskError::Invalid {
                field: "customer_id".to_owned(),
                remedy: "give the id of a customer, as GET /customers lists them".to_owned(),
            }),
            Err(error) => Err(error),
        }
    }

    /// Gives an order about one ticket. `agent` acts: for `Call` and `Resume` the ticket comes into that agent's hand;
    /// none means a supervisor without an agent of their own.
    ///
    /// # Errors
    /// The refusal of the queue or agent; `NotFound` for an unknown ticket.
    pub async fn order(
        &self,
        ticket: TicketId,
        order: TicketOrder,
        agent: Option<AgentId>,
        ask: Ask,
    ) -> Result<Done, AskError> {
        let queue = self.home_of(ticket).await?;
        self.may_touch(queue, agent, &ask)?;
        let by = handler(&order, agent, &ask)?;
        let command = match order {
            TicketOrder::Call { why } => {
                return self.call_chosen(queue, ticket, why, agent, ask).await;
            }
            TicketOrder::Resume => return self.resume(queue, ticket, agent, ask).await,
            TicketOrder::Note { text } => return self.note(queue, ticket, &text, ask).await,
            TicketOrder::Transfer { to, placement } => {
                let service = self.may_admit(to, queue).await?;
                Command::Transfer { ticket, by, to, service, placement }
            }
            TicketOrder::CheckIn => Command::CheckIn { ticket },
            TicketOrder::Recall => Command::Recall { ticket, by },
            TicketOrder::Start => Command::Start { ticket, by },
            TicketOrder::Hold { why, pool } => Command::Hold { ticket, by, why, pool },
            TicketOrder::Finish { outcomes } => Command::Finish { ticket, by, outcomes },
            TicketOrder::NoShow => Command::MarkNoShow { ticket, by },
            TicketOrder::Requeue => Command::Requeue { ticket, by },
            TicketOrder::Delay { people } => Command::Delay { ticket, people },
            TicketOrder::Cancel => Command::Cancel { ticket },
            TicketOrder::Remove { why } => Command::Remove { ticket, why },
            TicketOrder::WalkOut => Command::WalkOut { ticket },
            TicketOrder::Reinstate => Command::Reinstate { ticket },
            TicketOrder::Tag { tags } => Command::Tag { ticket, tags },
            TicketOrder::SetPriority { class } => Command::SetPriority { ticket, class },
        };
        let answer = self.execute(queue, command, None, ask).await;
        self.telling(ticket, answer).await
    }

    /// A queue forgets ended tickets after a while; their row still says how they ended.
    async fn telling(
        &self,
        ticket: TicketId,
        answer: Result<Done, AskError>,
    ) -> Result<Done, AskError> {
        if !matches!(answer, Err(AskError::Refused(Refusal::NotFound))) {
            return answer;
        }
        let row = self.row(ticket).await?.ok_or(AskError::NotFound)?;
        match ended_as(&row) {
            Some(state) => Err(Refusal::TicketEnded { state }.into()),
            None => Err(AskError::NotFound),
        }
    }

    /// Agents act only on queues they are assigned to.
    fn may_touch(&self, queue: QueueId, agent: Option<AgentId>, ask: &Ask) -> Result<(), AskError> {
        let Some(agent) = agent.filter(|_| !ask.supervises) else { return Ok(()) };
        let directory = self.directory();
        let assigned =
            directory.agent(agent).is_some_and(|kept| kept.body.queues.contains(&queue.0));
        if assigned { Ok(()) } else { Err(Refusal::NotAssigned.into()) }
    }

    async fn call_chosen(
        &self,
        queue: QueueId,
        ticket: TicketId,
        why: Option<String>,
        agent: Option<AgentId>,
        ask: Ask,
    ) -> Result<Done, AskError> {
        let agent = agent
            .ok_or(Refusal::AgentNotAvailable { why: "only an agent with a counter can call" })?;
        let answer = self
            .ask_agent(agent, |reply_to| AgentMessage::CallTicket {
                queue,
                ticket,
                why,
                ask,
                reply_to,
            })
            .await?;
        self.telling(ticket, answer).await
    }

    async fn resume(
        &self,
        queue: QueueId,
        ticket: TicketId,
        agent: Option<AgentId>,
        ask: Ask,
    ) -> Result<Done, AskError> {
        let agent = agent
            .ok_or(Refusal::AgentNotAvailable { why: "only an agent with a counter can resume" })?;
        let answer = self
            .ask_agent(agent, |reply_to| AgentMessage::Resume { queue, ticket, ask, reply_to })
            .await?;
        self.telling(ticket, answer).await
    }

    /// The text is kept in the ticket's private row, in the transaction of the event that says so.
    async fn note(
        &self,
        queue: QueueId,
        ticket: TicketId,
        text: &str,
        ask: Ask,
    ) -> Result<Done, AskError> {
        let _one_at_a_time = self.notes().lock().await;
        let store = &self.world.world.store;
        let kept = store
            .ticket_private(self.world.id, ticket)
            .await
            .map_err(|_| AskError::OutcomeUnknown)?;
        let mut row = kept.unwrap_or_else(|| empty_private(self.world.id, ticket));
        let mut notes: Vec<serde_json::Value> =
            serde_json::from_str(&row.notes).unwrap_or_default();
        let at = At(self.world.world.clock.now());
        notes.push(serde_json::json!({ "at": at, "by": ask.who.to_string(), "text": text }));
        row.notes = serde_json::Value::from(notes).to_string();
        self.execute(queue, Command::Note { ticket }, Some(row), ask).await
    }

    /// Whether the target of a transfer takes people; a transfer on its way is never turned back.
    async fn may_admit(&self, to: QueueId, from: QueueId) -> Result<domain::ServiceId, AskError> {
        if to == from {
            return Err(Refusal::SameQueue.into());
        }
        let answer = self.ask_queue(to, |reply_to| QueueMessage::MayAdmit { reply_to }).await?;
        answer.map_err(AskError::Refused)
    }

    pub(super) async fn execute(
        &self,
        queue: QueueId,
        command: Command,
        private: Option<TicketPrivateRow>,
        ask: Ask,
    ) -> Result<Done, AskError> {
        let permits = self.permits(queue)?;
        let message = |port: oneshot::Sender<Result<Done, AskError>>| {
            let reply_to = Reply::Ticket(port);
            QueueMessage::Execute(Box::new(Execute { command, ask, private, reply_to, permits }))
        };
        self.ask_queue(queue, message).await?
    }

    /// One ticket, live or ended, with its finished legs.
    ///
    /// # Errors
    /// `NotFound` for an unknown ticket.
    pub async fn ticket(&self, ticket: TicketId) -> Result<TicketView, AskError> {
        let legs = self
            .world
            .world
            .store
            .legs(self.world.id, ticket)
            .await
            .map_err(|_| AskError::OutcomeUnknown)?;
        let legs: Vec<LegView> = legs.iter().map(leg_view).collect();
        if let Some(queue) = self.live_home_of(ticket).await? {
            let live =
                self.ask_queue(queue, |reply_to| QueueMessage::Ticket { ticket, reply_to }).await?;
            if let Some(view) = live {
                return Ok(TicketView { legs, ..view });
            }
        }
        let row = self.row(ticket).await?.ok_or(AskError::NotFound)?;
        Ok(TicketView { legs, ..row_view(&row, &self.directory()) })
    }

    /// One page of the list of tickets.
    ///
    /// # Errors
    /// `Invalid` for a cursor that is not of this list.
    pub async fn tickets(
        &self,
        filter: TicketFilter,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<TicketPage, AskError> {
        let page = self.world.world.store.tickets(self.world.id, &filter, limit, cursor).await;
        page.map_err(|error| {
            if matches!(error, persistence::StoreError::BadCursor) {
                let remedy = "give the next_cursor of the page before".to_owned();
                return AskError::Invalid { field: "cursor".to_owned(), remedy };
            }
            tracing::error!(%error, "a list of tickets could not be read");
            AskError::OutcomeUnknown
        })
    }

    /// The view of a row of the list.
    pub fn listed(&self, row: &TicketRow) -> TicketView {
        row_view(row, &self.directory())
    }

    /// The queue of a live ticket, without asking anybody.
    pub fn queue_of(&self, ticket: TicketId) -> Option<QueueId> {
        self.world.tickets.get(&ticket).map(|queue| *queue)
    }

    /// The queue of a ticket that has not ended, also while that queue is still loading; none of an ended one.
    pub(super) async fn live_home_of(&self, ticket: TicketId) -> Result<Option<QueueId>, AskError> {
        if let Some(queue) = self.queue_of(ticket) {
            return Ok(Some(queue));
        }
        let row = self.row(ticket).await?.ok_or(AskError::NotFound)?;
        let is_here = ended_as(&row).is_none() && self.directory().queue(row.queue).is_some();
        Ok(is_here.then_some(row.queue))
    }

    async fn home_of(&self, ticket: TicketId) -> Result<QueueId, AskError> {
        self.awake()?;
        if let Some(queue) = self.queue_of(ticket) {
            return Ok(queue);
        }
        self.row(ticket).await?.map(|row| row.queue).ok_or(AskError::NotFound)
    }

    pub(super) async fn row(&self, ticket: TicketId) -> Result<Option<TicketRow>, AskError> {
        self.world
            .world
            .store
            .ticket(self.world.id, ticket)
            .await
            .map_err(|_| AskError::OutcomeUnknown)
    }
}

fn private_row(
    tenant: domain::TenantId,
    ticket: TicketId,
    join: &Join,
) -> Option<TicketPrivateRow> {
    let anything = join.name.is_some() || join.phone.is_some() || join.email.is_some();
    anything.then(|| TicketPrivateRow {
        name: join.name.clone(),
        phone: join.phone.clone(),
        email: join.email.clone(),
        ..empty_private(tenant, ticket)
    })
}

fn empty_private(tenant: domain::TenantId, ticket: TicketId) -> TicketPrivateRow {
    TicketPrivateRow {
        tenant,
        ticket,
        name: None,
        phone: None,
        email: None,
        notes: "[]".to_owned(),
    }
}

pub(super) fn ended_as(row: &TicketRow) -> Option<State> {
    State::ALL.into_iter().find(|state| state.is_ended() && state.as_str() == row.state)
}

fn leg_view(row: &LegRow) -> LegView {
    let reason = row
        .reason
        .as_deref()
        .and_then(|reason| serde_json::from_str::<domain::Reason>(reason).ok());
    LegView {
        leg: row.leg,
        queue_id: row.queue.0,
        service_id: row.service.0,
        agent_id: row.agent.map(|agent| agent.0),
        outcome: row.outcome.to_string(),
        wait_seconds: row.wait.map(|wait| wait.0),
        walk_seconds: row.walk.map(|walk| walk.0),
        service_seconds: row.service_time.map(|service| service.0),
        stay_seconds: row.stay.0,
        reason: reason.as_ref().map(ReasonView::from),
        out_of_order: row.out_of_order,
        ended_at: At(row.ended_at),
    }
}
