//! What an event means to everybody else: rows for the read model, frames for the topics, effects.
//!
//! Computed from the ticket before and after the event, so that no rule is repeated here.
//! Invariant: each journaled event makes exactly one journal row, and at most one row of its ticket.

mod rows;
mod view;

use domain::{AgentId, Event, Happened, InHand, Ticket};
use serde_json::{Value, json};

use super::Life;
use super::effects::Effect;
use crate::ask::Ask;
use crate::tenant_actor::BoardChange;
use crate::topic_hub::{EventFrame, Topic};
use crate::views::{CallView, TicketView};

pub(crate) use view::ticket_view;

/// Everything that follows from the events of one command.
pub(super) struct Projection {
    pub(super) rows: persistence::Batch,
    pub(super) effects: Vec<Effect>,
    /// The view of a ticket that has left this queue.
    pub(super) left: Option<TicketView>,
    actor: std::sync::Arc<str>,
    cause: Option<String>,
}

impl Projection {
    pub(super) fn new(ask: &Ask) -> Self {
        Self {
            rows: persistence::Batch::default(),
            effects: Vec::new(),
            left: None,
            actor: std::sync::Arc::from(ask.who.to_string()),
            cause: ask.cause.clone(),
        }
    }
}

impl Life {
    pub(super) fn project(
        &self,
        earlier: Option<&Ticket>,
        happened: &Happened,
        out: &mut Projection,
    ) {
        let later = happened.event.ticket().and_then(|id| self.queue.ticket(id));
        if happened.event.is_journaled() {
            self.rows(earlier, later, happened, out);
        }
        self.hands(earlier, later, out);
        self.whereabouts(happened, out);
        if let Event::Transferred { outbound, .. } = &happened.event {
            out.left = earlier.map(|ticket| view::gone_on(self, ticket, outbound, happened.at));
            out.effects.push(Effect::HandOver(outbound.clone()));
            // Whoever asks for it now asks behind its arrival.
            out.effects.push(Effect::MovedTo { ticket: outbound.visit.ticket, queue: outbound.to });
        }
        self.frames(earlier, later, happened, out);
    }

    /// Who got the ticket in hand, and who has it no more.
    fn hands(&self, earlier: Option<&Ticket>, later: Option<&Ticket>, out: &mut Projection) {
        let before = earlier.and_then(Ticket::in_hand_of);
        let after = later.and_then(Ticket::in_hand_of);
        if before == after {
            return;
        }
        if let (Some(agent), Some(ticket)) = (before, earlier) {
            out.effects.push(Effect::Released { agent, ticket: ticket.id() });
        }
        if let (Some(agent), Some(ticket)) = (after, later) {
            let number = ticket.visit.number.to_string();
            out.effects.push(Effect::Took {
                agent,
                hand: InHand { queue: self.id, ticket: ticket.id(), number },
            });
        }
    }

    fn whereabouts(&self, happened: &Happened, out: &mut Projection) {
        let Some(ticket) = happened.event.ticket() else { return };
        let event = &happened.event;
        if matches!(event, Event::Issued { .. } | Event::Admitted { .. } | Event::Reinstated { .. })
        {
            out.effects.push(Effect::Here(ticket));
        }
        if event.outcome().is_some() {
            out.effects.push(Effect::Gone(ticket));
        }
    }

    fn frames(
        &self,
        earlier: Option<&Ticket>,
        later: Option<&Ticket>,
        happened: &Happened,
        out: &mut Projection,
    ) {
        if matches!(happened.event, Event::HandoverConfirmed { .. }) {
            return;
        }
        let Some(ticket) = later.or(earlier) else { return self.queue_frame(happened, out) };
        let agent =
            later.and_then(Ticket::in_hand_of).or_else(|| earlier.and_then(Ticket::in_hand_of));
        let hub = &self.tenant.world.hub;
        let topics = [Topic::Queue(self.id), Topic::Ticket(ticket.id())];
        let wanted: Vec<Topic> =
            topics.into_iter().filter(|topic| hub.is_wanted(self.tenant.id, *topic)).collect();
        if wanted.is_empty() && agent.is_none() {
            return;
        }
        let data = self.data(ticket, later.is_none(), happened);
        let frame = EventFrame::new(happened.event.name(), happened.at, data);
        out.effects.extend(
            wanted.into_iter().map(|topic| Effect::Publish { topic, frame: frame.clone() }),
        );
        if let Some(agent) = agent {
            self.to_agent_and_board(agent, ticket, happened, frame, out);
        }
    }

    fn to_agent_and_board(
        &self,
        agent: AgentId,
        ticket: &Ticket,
        happened: &Happened,
        frame: EventFrame,
        out: &mut Projection,
    ) {
        if !matches!(happened.event, Event::Announced { .. }) {
            let call = self.call_view(ticket).map(Box::new);
            let change = BoardChange::Ticket {
                site: self.queue.config().site,
                ticket: ticket.id(),
                call,
                frame: frame.clone(),
            };
            out.effects.push(Effect::Board(Box::new(change)));
        }
        out.effects.push(Effect::TellAgent { agent, frame });
    }

    /// A change of the queue itself.
    fn queue_frame(&self, happened: &Happened, out: &mut Projection) {
        let data = json!({ "queue_id": self.id, "state": self.queue.state().as_str() });
        let frame = EventFrame::new(happened.event.name(), happened.at, data);
        out.effects.push(Effect::Publish { topic: Topic::Queue(self.id), frame: frame.clone() });
        out.effects.push(Effect::Board(Box::new(BoardChange::Queue {
            site: self.queue.config().site,
            frame,
        })));
    }

    fn data(&self, ticket: &Ticket, has_left: bool, happened: &Happened) -> Value {
        let event = &happened.event;
        let calls =
            matches!(event, Event::Called { .. } | Event::Recalled { .. } | Event::Resumed { .. });
        if let Some(call) = calls.then(|| self.call_view(ticket)).flatten() {
            return serde_json::to_value(call).unwrap_or_default();
        }
        let state = if has_left { "transferred" } else { ticket.state().as_str() };
        let mut data = json!({ "ticket": self.board_ticket(ticket), "state": state });
        if matches!(event, Event::Announced { .. }) {
            data["ticket_id"] = json!(ticket.id());
            data["shown"] = json!(ticket.shown);
            data["heard"] = json!(ticket.heard);
        }
        if let Some(ahead) = self.queue.ahead_of(ticket.id(), happened.at) {
            data["position"] = json!(ahead + 1);
        }
        data
    }

    /// What displays show of a ticket that is being called.
    pub(super) fn call_view(&self, ticket: &Ticket) -> Option<CallView> {
        match &ticket.stage {
            domain::Stage::Called(call) => Some(view::call_view(self, ticket, call)),
            domain::Stage::Remote
            | domain::Stage::Waiting { .. }
            | domain::Stage::Offered { .. }
            | domain::Stage::Serving { .. }
            | domain::Stage::Held { .. }
            | domain::Stage::Ended { .. } => None,
        }
    }
}
