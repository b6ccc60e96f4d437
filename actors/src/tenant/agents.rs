//! Agents: their day, calling the next, offers.
//!
//! Everything that gives an agent a ticket goes through the agent's actor, which allows one at a time.
//! Invariant: nobody waiting is an answer (`None`), not an error.

use domain::{AgentCommand, AgentId, OfferId, QueueId, Refusal};
use tokio::sync::oneshot;

use super::{AgentDuty, Tenant};
use crate::admission::Permit;
use crate::agent_actor::AgentMessage;
use crate::ask::{Ask, AskError, Done};
use crate::counts::ActorKind;
use crate::views::AgentView;

impl Tenant {
    /// One agent, live.
    ///
    /// # Errors
    /// `NotFound` for an unknown agent.
    pub async fn agent(&self, agent: AgentId) -> Result<AgentView, AskError> {
        self.ask_agent(agent, |reply_to| AgentMessage::View { reply_to }).await?
    }

    /// A change of an agent's day; the answer shows the agent after it.
    ///
    /// # Errors
    /// `agent_busy` with a ticket in hand, `agent_not_available` off duty; `Invalid` for an unknown counter.
    pub async fn duty(
        &self,
        agent: AgentId,
        duty: AgentDuty,
        ask: Ask,
    ) -> Result<AgentView, AskError> {
        let command = match duty {
            AgentDuty::SignIn { counter } => {
                AgentCommand::SignIn { counter: self.known_counter(counter)? }
            }
            AgentDuty::SignOut => AgentCommand::SignOut,
            AgentDuty::Available => AgentCommand::BeAvailable,
            AgentDuty::Break { reason } => AgentCommand::TakeBreak { reason },
            AgentDuty::TakeCounter { counter } => {
                self.known_counter(Some(counter))?;
                AgentCommand::TakeCounter { counter }
            }
        };
        self.ask_agent(agent, |reply_to| AgentMessage::Duty { command, ask, reply_to }).await?
    }

    fn known_counter(
        &self,
        counter: Option<domain::CounterId>,
    ) -> Result<Option<domain::CounterId>, AskError> {
        match counter {
            Some(id) if self.directory().counter(id).is_none() => {
                let remedy = "give the id of an existing counter".to_owned();
                Err(AskError::Invalid { field: "counter_id".to_owned(), remedy })
            }
            Some(_) | None => Ok(counter),
        }
    }

    /// Calls the most urgent person of the agent's queues, or of one of them. None when nobody waits.
    ///
    /// # Errors
    /// `agent_busy` with a ticket in hand; `not_assigned` for a queue of others.
    pub async fn call_next(
        &self,
        agent: AgentId,
        queue: Option<QueueId>,
        ask: Ask,
    ) -> Result<Option<Done>, AskError> {
        if queue.is_some_and(|queue| self.directory().queue(queue).is_none()) {
            return Err(AskError::NotFound);
        }
        match self
            .ask_agent(agent, |reply_to| AgentMessage::CallNext { queue, ask, reply_to })
            .await?
        {
            Ok(done) => Ok(Some(done)),
            Err(AskError::Refused(Refusal::NobodyWaiting)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The agent takes the offered ticket.
    ///
    /// # Errors
    /// `NotFound` for an offer that no longer stands.
    pub async fn accept_offer(
        &self,
        agent: AgentId,
        offer: OfferId,
        ask: Ask,
    ) -> Result<Done, AskError> {
        self.ask_agent(agent, |reply_to| AgentMessage::AcceptOffer { offer, ask, reply_to }).await?
    }

    /// The ticket goes back to its place and is offered to the next agent.
    ///
    /// # Errors
    /// `NotFound` for an offer that no longer stands.
    pub async fn reject_offer(
        &self,
        agent: AgentId,
        offer: OfferId,
        _: Ask,
    ) -> Result<(), AskError> {
        self.ask_agent(agent, |reply_to| AgentMessage::RejectOffer { offer, reply_to }).await?
    }

    /// The agent to whom this offer stands.
    pub fn offered_to(&self, offer: OfferId) -> Option<AgentId> {
        self.world.offers.get(&offer).map(|agent| *agent)
    }

    pub(super) async fn ask_agent<T>(
        &self,
        agent: AgentId,
        message: impl FnOnce(oneshot::Sender<T>) -> AgentMessage,
    ) -> Result<T, AskError> {
        self.awake()?;
        if self.directory().agent(agent).is_none() {
            return Err(AskError::NotFound);
        }
        let _permit = Permit::take(
            &self.world.in_flight,
            self.world.world.settings.in_flight_per_tenant_max,
        )?;
        let actor = self.world.agents.get(&agent).map(|actor| actor.clone());
        let actor = actor.ok_or(AskError::Busy { retry_after_secs: 1, own_limit: false })?;
        let (reply_to, answer) = oneshot::channel();
        self.world.world.counts.sent(ActorKind::Agent);
        drop(actor.cast(message(reply_to)));
        self.wait(answer).await
    }
}
