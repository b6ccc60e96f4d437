//! The agent actor: presence, counter, offers, and the rule of one ticket in hand across all queues.
//!
//! It asks its queues for their best candidate and claims the most urgent; while it waits for a queue's answer
//! its other messages wait too, so ten parallel asks are ten asks in a row. A queue never waits for an agent.
//! Invariant: who has a ticket in hand is the queues' truth; after any restart the two are reconciled from it.

mod calling;
mod commit;
mod message;
mod offers;
mod recovery;
mod show;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use domain::{Agent, AgentCommand, AgentId};
use ractor::{Actor, ActorProcessingErr, ActorRef};

use crate::counts::ActorKind;
use crate::world::TenantWorld;

pub(crate) use message::AgentMessage;

/// What starts one agent actor.
#[derive(Clone)]
pub(crate) struct Arguments {
    pub(crate) tenant: Arc<TenantWorld>,
    pub(crate) agent: AgentId,
}

pub(crate) struct AgentActor;

pub(crate) struct State {
    tenant: Arc<TenantWorld>,
    id: AgentId,
    myself: ActorRef<AgentMessage>,
    /// None until the stream has been loaded.
    life: Option<Life>,
}

/// A loaded agent.
pub(crate) struct Life {
    tenant: Arc<TenantWorld>,
    id: AgentId,
    myself: ActorRef<AgentMessage>,
    agent: Agent,
    version: u64,
    durable: Arc<AtomicU64>,
    snapshot_at: u64,
    offer: Option<offers::Standing>,
    /// Offers missed in a row.
    missed: u8,
    /// Idle anew since then: who declined goes behind the others.
    declined_at: Option<domain::Timestamp>,
}

impl Actor for AgentActor {
    type Msg = AgentMessage;
    type State = State;
    type Arguments = Arguments;

    async fn pre_start(
        &self,
        myself: ActorRef<AgentMessage>,
        arguments: Arguments,
    ) -> Result<State, ActorProcessingErr> {
        myself.cast(AgentMessage::Load)?;
        let Arguments { tenant, agent } = arguments;
        Ok(State { tenant, id: agent, myself, life: None })
    }

    async fn handle(
        &self,
        _: ActorRef<AgentMessage>,
        message: AgentMessage,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        state.tenant.world.counts.handled(ActorKind::Agent, message.is_own());
        let Some(life) = state.life.as_mut() else {
            state.life = Some(state.load().await?);
            if let Some(life) = state.life.as_mut() {
                life.awake().await;
            }
            return Ok(());
        };
        life.hear(message).await
    }
}

impl Life {
    async fn hear(&mut self, message: AgentMessage) -> Result<(), ActorProcessingErr> {
        match message {
            AgentMessage::Load => {}
            AgentMessage::Duty { command, ask, reply_to } => {
                self.duty(&command, &ask, reply_to).await
            }
            AgentMessage::CallNext { queue, ask, reply_to } => {
                self.call_next(queue, ask, reply_to).await
            }
            AgentMessage::CallTicket { queue, ticket, why, ask, reply_to } => {
                self.call_ticket(queue, ticket, why, ask, reply_to).await;
            }
            AgentMessage::Resume { queue, ticket, ask, reply_to } => {
                self.resume(queue, ticket, ask, reply_to).await;
            }
            AgentMessage::Offered { queue, offer } => self.offered(queue, offer).await,
            AgentMessage::AcceptOffer { offer, ask, reply_to } => {
                self.accept(offer, ask, reply_to).await
            }
            AgentMessage::RejectOffer { offer, reply_to } => self.reject(offer, reply_to),
            AgentMessage::OfferTimeout { offer } => self.offer_timed_out(offer),
            AgentMessage::OfferFell { offer } => self.offer_fell(offer),
            AgentMessage::Took(hand) => self.do_own(&AgentCommand::Took(hand)),
            AgentMessage::Released { ticket } => self.do_own(&AgentCommand::Released { ticket }),
            AgentMessage::Configure(profile) => self.configure(*profile),
            AgentMessage::LoseCounter { counter } => {
                self.do_own(&AgentCommand::LoseCounter { counter })
            }
            AgentMessage::QueueIsBack { queue } => self.queue_is_back(queue).await,
            AgentMessage::Frame(frame) => self.publish(*frame),
            AgentMessage::View { reply_to } => self.show(reply_to).await,
            AgentMessage::Subscribe { subscriber, since, reply_to } => {
                self.subscribe(subscriber, since, reply_to).await;
            }
            AgentMessage::Wake => self.do_own(&AgentCommand::Tick),
            AgentMessage::Snapshot { reply_to } => self.write_snapshot(reply_to),
            AgentMessage::Lost => return Err("the outcome of an append is unknown".into()),
            #[cfg(feature = "faults")]
            AgentMessage::Audit { reply_to } => {
                let kept = (Box::new(self.agent.memento().clone()), self.version);
                self.when_durable(move || crate::ask::give(reply_to, kept));
            }
            #[cfg(feature = "faults")]
            AgentMessage::Die => panic!("told to die by a test"),
        }
        Ok(())
    }
}
