//! What can be said to an agent actor.
//!
//! Commands come from the agent's own app or a supervisor; facts come from queues.
//! Invariant: facts are harmless when repeated.

use domain::{AgentCommand, AgentProfile, CounterId, InHand, OfferId, QueueId, TicketId};
use tokio::sync::oneshot;

use crate::ask::{Ask, AskError, Done};
use crate::topic_hub::{EventFrame, Position, Subscriber};
use crate::views::{AgentView, OfferView};

pub(crate) type AgentReply = oneshot::Sender<Result<AgentView, AskError>>;
pub(crate) type CallReply = oneshot::Sender<Result<Done, AskError>>;

pub(crate) enum AgentMessage {
    Load,
    Duty {
        command: AgentCommand,
        ask: Ask,
        reply_to: AgentReply,
    },
    CallNext {
        queue: Option<QueueId>,
        ask: Ask,
        reply_to: CallReply,
    },
    CallTicket {
        queue: QueueId,
        ticket: TicketId,
        why: Option<String>,
        ask: Ask,
        reply_to: CallReply,
    },
    Resume {
        queue: QueueId,
        ticket: TicketId,
        ask: Ask,
        reply_to: CallReply,
    },
    Offered {
        queue: QueueId,
        offer: OfferView,
    },
    AcceptOffer {
        offer: OfferId,
        ask: Ask,
        reply_to: CallReply,
    },
    RejectOffer {
        offer: OfferId,
        reply_to: oneshot::Sender<Result<(), AskError>>,
    },
    /// From this actor's own timer.
    OfferTimeout {
        offer: OfferId,
    },
    /// The ticket of the offer has left.
    OfferFell {
        offer: OfferId,
    },
    Took(InHand),
    Released {
        ticket: TicketId,
    },
    Configure(Box<AgentProfile>),
    LoseCounter {
        counter: CounterId,
    },
    /// A queue was (re)started and knows no agents yet.
    QueueIsBack {
        queue: QueueId,
    },
    /// A frame of the ticket in hand, for this agent's topic.
    Frame(Box<EventFrame>),
    View {
        reply_to: AgentReply,
    },
    Subscribe {
        subscriber: Subscriber,
        since: Option<Position>,
        reply_to: oneshot::Sender<Result<(), AskError>>,
    },
    Wake,
    Snapshot {
        reply_to: oneshot::Sender<()>,
    },
    /// An append of this actor has an unknown outcome.
    Lost,
    /// Everything durable about the agent, with the version of its stream that it stands for.
    #[cfg(feature = "faults")]
    Audit {
        reply_to: oneshot::Sender<(Box<domain::AgentMemento>, u64)>,
    },
    #[cfg(feature = "faults")]
    Die,
}

impl AgentMessage {
    /// From the actor itself or its own timers.
    pub(super) const fn is_own(&self) -> bool {
        matches!(self, Self::Load | Self::OfferTimeout { .. } | Self::Lost)
    }
}
