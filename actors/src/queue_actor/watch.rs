//! Looking at a queue: views, figures, candidates, and subscriptions with a snapshot at the right moment.
//!
//! What somebody outside may see is held until it is durable; what only another actor asks is not.
//! Invariant: a snapshot and the frames after it leave no gap and repeat nothing.

use std::sync::Arc;

use domain::{
    AgentId, InHand, QueueState, Refusal, ServiceId, SkillSet, TicketId, Urgency, health,
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::Life;
use super::effects::Effect;
use crate::ask::{AskError, give};
use crate::tenant_actor::BoardChange;
use crate::topic_hub::{Attach, Position, Snapshot, Subscriber, Topic};
use crate::views::{At, HeadEntry, QueueView, StatsView, TicketView};

/// People shown at the head of the line.
const HEAD_MAX: usize = 20;

impl Life {
    pub(super) fn show_ticket(
        &self,
        ticket: TicketId,
        reply_to: oneshot::Sender<Option<TicketView>>,
    ) {
        let view = self.view_of(ticket, self.now());
        self.when_durable(move || give(reply_to, view));
    }

    pub(super) fn show(&self, head: bool, reply_to: oneshot::Sender<QueueView>) {
        let view = self.view(head);
        self.when_durable(move || give(reply_to, view));
    }

    #[cfg(feature = "faults")]
    pub(super) fn show_memento(
        &self,
        reply_to: oneshot::Sender<(Box<domain::QueueMemento>, Box<domain::Estimator>, u64)>,
    ) {
        let learnt = Box::new(self.numbers.estimator.clone());
        let kept = (Box::new(self.queue.memento()), learnt, self.version);
        self.when_durable(move || give(reply_to, kept));
    }

    pub(super) fn show_stats(&self, reply_to: oneshot::Sender<StatsView>) {
        let figures = self.figures().view;
        self.when_durable(move || give(reply_to, figures));
    }

    pub(super) fn candidate(&self, skills: &SkillSet, reply_to: oneshot::Sender<Option<Urgency>>) {
        let best = self.queue.line().best(skills, self.now());
        give(reply_to, best.map(|choice| choice.urgency));
    }

    pub(super) fn in_hand_of(&self, agent: AgentId, reply_to: oneshot::Sender<Option<InHand>>) {
        let hand = self.queue.in_hand_of(agent).map(|ticket| InHand {
            queue: self.id,
            ticket: ticket.id(),
            number: ticket.visit.number.to_string(),
        });
        self.when_durable(move || give(reply_to, hand));
    }

    /// A paused queue takes no newcomers, but it takes those whom a colleague sends.
    pub(super) fn may_admit(&self, reply_to: oneshot::Sender<Result<ServiceId, Refusal>>) {
        let answer = match self.queue.state() {
            QueueState::Closed => Err(Refusal::QueueClosed),
            _ if self.queue.is_full() => {
                Err(Refusal::QueueFull { capacity: self.queue.config().capacity.unwrap_or(0) })
            }
            QueueState::Open | QueueState::Paused | QueueState::Closing => {
                Ok(self.queue.config().service)
            }
        };
        give(reply_to, answer);
    }

    pub(super) fn view(&self, head: bool) -> QueueView {
        let directory = self.tenant.directory();
        let body = directory.queue(self.id);
        let tally = self.queue.tally();
        let (config, now) = (self.queue.config(), self.now());
        QueueView {
            id: self.id.0,
            name: body.map(|queue| queue.body.name.clone()).unwrap_or_default(),
            site_id: config.site.0,
            service_id: config.service.0,
            prefix: config.numbering.prefix.to_string(),
            state: self.queue.state().as_str(),
            full: self.queue.is_full(),
            in_opening_hours: config.hours.is_open(now, &config.zone),
            policy: config.policy.kind(),
            classes: body.map(|queue| queue.body.classes.clone()).unwrap_or_default(),
            waiting: tally.waiting + tally.offered,
            called: tally.called,
            serving: tally.serving,
            held: tally.held,
            longest_wait_seconds: self.queue.longest_wait(now).0,
            agents: self.agent_counts(),
            estimate: self.estimate_newcomer(now).map(Into::into),
            health: Some(health(&self.vitals()).into()),
            version: body.map_or(0, |queue| queue.version),
            head: if head { self.head() } else { Vec::new() },
        }
    }

    fn head(&self) -> Vec<HeadEntry> {
        let line = self.queue.line().in_order(self.now(), HEAD_MAX);
        let entries = line.into_iter().enumerate().filter_map(|(index, choice)| {
            let ticket = self.queue.ticket(choice.ticket)?;
            Some(HeadEntry {
                id: choice.ticket.0,
                number: ticket.visit.number.to_string(),
                class: ticket.visit.class.to_string(),
                state: ticket.state().as_str(),
                arrived_at: ticket.arrived_at.map(At),
                position: u32::try_from(index + 1).unwrap_or(u32::MAX),
                reason: (&choice.reason).into(),
            })
        });
        entries.collect()
    }

    pub(super) fn subscribe(
        &mut self,
        topic: Topic,
        subscriber: Subscriber,
        since: Option<Position>,
        reply_to: oneshot::Sender<Result<(), AskError>>,
    ) {
        let Some(mut snapshot) = self.snapshot_of(topic) else {
            return give(reply_to, Err(AskError::NotFound));
        };
        snapshot.reset =
            match self.tenant.world.hub.attach(self.tenant.id, topic, &subscriber, since) {
                Attach::NeedsSnapshot { reset } => reset,
                Attach::Recovered(_) | Attach::Closed => return give(reply_to, Ok(())),
            };
        let tenant = Arc::clone(&self.tenant);
        self.when_durable(move || {
            // A subscriber that left meanwhile is simply not attached.
            let _ = tenant.world.hub.attach_with_snapshot(tenant.id, topic, &subscriber, snapshot);
            give(reply_to, Ok(()));
        });
    }

    fn snapshot_of(&mut self, topic: Topic) -> Option<Snapshot> {
        let at = self.now();
        let plain = |data: Value| Some(Snapshot { at, reset: false, data, histograms: None });
        match topic {
            Topic::Queue(_) => serde_json::to_value(self.view(true)).ok().and_then(plain),
            Topic::StatsQueue(_) => {
                let figures = self.figures();
                self.has_shown(&figures);
                Some(figures.snapshot(at))
            }
            Topic::Ticket(ticket) => {
                serde_json::to_value(self.view_of(ticket, at)?).ok().and_then(plain)
            }
            Topic::Site(_)
            | Topic::Agent(_)
            | Topic::StatsSite(_)
            | Topic::StatsTenant
            | Topic::Alerts
            | Topic::Devices => None,
        }
    }

    /// Tells the tenant actor all that is being called here, and the state of the queue.
    pub(super) fn tell_board(&self) {
        let site = self.queue.config().site;
        let calls: Vec<_> =
            self.queue.tickets().filter_map(|ticket| self.call_view(ticket)).collect();
        let state = json!({ "queue_id": self.id, "state": self.queue.state().as_str() });
        let change = BoardChange::Whole { site, queue: self.id, calls, state };
        let (tenant, id) = (Arc::clone(&self.tenant), self.id);
        self.when_durable(move || Effect::Board(Box::new(change)).take_place(&tenant, id));
    }
}
