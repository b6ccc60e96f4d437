//! What follows from events once they are durable: frames, words to other actors, the ticket's whereabouts.
//!
//! Effects are data made when the event is applied, and take place in the order of the commits.
//! Invariant: losing an effect with the process is harmless: recovery tells everybody again.

use domain::{AgentId, Arrival, Command, InHand, Outbound, QueueId, TicketId};

use super::message::{Execute, QueueMessage};
use crate::agent_actor::AgentMessage;
use crate::ask::Ask;
use crate::tenant_actor::{BoardChange, TenantMessage};
use crate::topic_hub::{EventFrame, Topic};
use crate::views::OfferView;
use crate::world::TenantWorld;

/// One thing to do after the commit.
pub(super) enum Effect {
    Publish {
        topic: Topic,
        frame: EventFrame,
    },
    /// To the agent's own topic, through the agent's actor.
    TellAgent {
        agent: AgentId,
        frame: EventFrame,
    },
    Took {
        agent: AgentId,
        hand: InHand,
    },
    Released {
        agent: AgentId,
        ticket: TicketId,
    },
    Board(Box<BoardChange>),
    /// The ticket lives in this queue.
    Here(TicketId),
    /// It is on its way to that queue.
    MovedTo {
        ticket: TicketId,
        queue: QueueId,
    },
    /// It has ended.
    Gone(TicketId),
    HandOver(Box<Outbound>),
    ConfirmHandover {
        to: QueueId,
        ticket: TicketId,
        leg: u16,
    },
    Offer {
        agent: AgentId,
        offer: Box<OfferView>,
    },
    OfferFell {
        agent: AgentId,
        offer: domain::OfferId,
    },
}

impl Effect {
    pub(super) fn take_place(self, tenant: &TenantWorld, queue: QueueId) {
        match self {
            Self::Publish { topic, frame } => {
                // Nobody listens: then nobody hears.
                let _ = tenant.world.hub.publish(tenant.id, topic, frame);
            }
            Self::TellAgent { agent, frame } => {
                tenant.tell_agent(agent, AgentMessage::Frame(Box::new(frame)))
            }
            Self::Took { agent, hand } => tenant.tell_agent(agent, AgentMessage::Took(hand)),
            Self::Released { agent, ticket } => {
                tenant.tell_agent(agent, AgentMessage::Released { ticket })
            }
            Self::Board(change) => tenant.tell_tenant(TenantMessage::Board(change)),
            Self::Here(ticket) => drop(tenant.tickets.insert(ticket, queue)),
            Self::MovedTo { ticket, queue } => drop(tenant.tickets.insert(ticket, queue)),
            Self::Gone(ticket) => drop(tenant.tickets.remove_if(&ticket, |_, at| *at == queue)),
            Self::HandOver(leg) => hand_over(tenant, queue, *leg),
            Self::ConfirmHandover { to, ticket, leg } => {
                execute(tenant, to, Command::ConfirmHandover { ticket, leg });
            }
            Self::Offer { agent, offer } => {
                tenant.tell_agent(agent, AgentMessage::Offered { queue, offer: *offer });
            }
            Self::OfferFell { agent, offer } => {
                tenant.tell_agent(agent, AgentMessage::OfferFell { offer })
            }
        }
    }
}

/// Gives a leg to its next queue, which confirms it; harmless when repeated.
pub(super) fn hand_over(tenant: &TenantWorld, from: QueueId, leg: Outbound) {
    let Outbound { visit, arrived_at, to, placement, tags } = leg;
    execute(
        tenant,
        to,
        Command::Admit(Box::new(Arrival { visit, arrived_at, from, placement, tags })),
    );
}

fn execute(tenant: &TenantWorld, queue: QueueId, command: Command) {
    tenant.tell_queue(queue, QueueMessage::Execute(Box::new(Execute::of(command, Ask::system()))));
}
