//! Decide, apply, append: the agent's own events, and what follows from them.
//!
//! Queues are told of every change at once; the agent's topic and the counter map after the commit.
//! Invariant: each event makes exactly one journal row.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::{
    AgentCommand, AgentEvent, AgentProfile, Presence, Timestamp, agent_apply, agent_decide,
};
use persistence::{Batch, NewEvent};
use serde_json::{Value, json};

use super::Life;
use super::message::{AgentMessage, AgentReply};
use crate::ask::{Ask, AskError, give};
use crate::jobs::Sleeper;
use crate::journal_writer::{Append, Commit};
use crate::topic_hub::{EventFrame, Topic};
use crate::world::TenantWorld;

impl Life {
    pub(super) fn now(&self) -> Timestamp {
        self.tenant.world.clock.now()
    }

    /// A command of somebody outside; the answer shows the agent after it.
    pub(super) async fn duty(&mut self, command: &AgentCommand, ask: &Ask, reply_to: AgentReply) {
        if !reply_to.is_closed() {
            match self.execute(command, ask) {
                Ok(()) => self.show(reply_to).await,
                Err(refusal) => self.when_durable(move || give(reply_to, Err(refusal))),
            }
        }
    }

    /// A fact from a queue, or the program's own doing. Facts are never refused.
    pub(super) fn do_own(&mut self, command: &AgentCommand) {
        if let Err(refusal) = self.execute(command, &Ask::system()) {
            tracing::warn!(agent.id = %self.id, %refusal, "agent {} could not be brought up to date", self.id);
        }
    }

    pub(super) fn execute(&mut self, command: &AgentCommand, ask: &Ask) -> Result<(), AskError> {
        let now = self.now();
        let events = agent_decide(&self.agent, command, now)?;
        if !events.is_empty() {
            self.happen(events, ask, now);
        }
        Ok(())
    }

    pub(super) fn configure(&mut self, profile: AgentProfile) {
        let before = self.agent.profile().queues.clone();
        self.do_own(&AgentCommand::Configure(profile));
        for queue in before.iter().filter(|queue| !self.agent.profile().queues.contains(queue)) {
            self.tell_queue(*queue, None);
        }
        self.tell_queues();
    }

    fn happen(&mut self, events: Vec<AgentEvent>, ask: &Ask, now: Timestamp) {
        let before = self.version;
        let actor: Arc<str> = Arc::from(ask.who.to_string());
        let mut rows = Batch::default();
        for event in &events {
            agent_apply(&mut self.agent, event, now);
            self.version += 1;
            rows.events.push(self.row(event, &actor, ask.cause.clone(), now));
        }
        self.snapshot_if_due(&mut rows, now);
        let frames: Vec<EventFrame> = events.iter().map(|event| self.frame(event, now)).collect();
        self.append(before, rows, events, frames);
        self.tell_queues();
        let wake = match self.agent.presence() {
            Presence::WrapUp { until } => Some(*until),
            Presence::Offline
            | Presence::Available { .. }
            | Presence::Busy
            | Presence::OnBreak { .. } => None,
        };
        self.tenant.world.jobs.wake_at(Sleeper::Agent(self.tenant.id, self.id), wake);
    }

    fn row(
        &self,
        event: &AgentEvent,
        actor: &Arc<str>,
        cause: Option<String>,
        at: Timestamp,
    ) -> NewEvent {
        let stored = persistence::entry::store_agent_event(event);
        NewEvent {
            tenant: self.tenant.id,
            stream: self.id.into(),
            version: self.version,
            kind: stored.kind,
            format: stored.format,
            at,
            actor: Arc::clone(actor),
            cause,
            payload: stored.payload,
        }
    }

    fn append(&self, before: u64, rows: Batch, events: Vec<AgentEvent>, frames: Vec<EventFrame>) {
        let (tenant, id, myself) = (Arc::clone(&self.tenant), self.id, self.myself.clone());
        let (durable, version) = (Arc::clone(&self.durable), self.version);
        let release = Box::new(move |commit| match commit {
            Commit::Kept { .. } => {
                events.iter().for_each(|event| sit_down(&tenant, id, event));
                for frame in frames {
                    tenant.world.hub.publish(tenant.id, Topic::Agent(id), frame);
                }
                // Only now: whoever sees it durable has its frames behind them.
                durable.fetch_max(version, Ordering::AcqRel);
            }
            Commit::Unknown => {
                // It may be dead already.
                let _ = myself.cast(AgentMessage::Lost);
            }
        });
        let continues = Some((self.id.into(), before));
        self.tenant.world.journal.append(Append { continues, rows, key: None, release });
    }

    fn frame(&self, event: &AgentEvent, at: Timestamp) -> EventFrame {
        let counter = self.agent.counter().map(|counter| counter.to_string());
        let mut data = json!({
            "agent_id": self.id,
            "presence": self.agent.presence().name(),
            "counter_id": counter,
        });
        detail(event, &mut data);
        EventFrame::new(event.name(), at, data)
    }

    /// Runs `read` when everything this actor has applied so far is durable.
    pub(super) fn when_durable(&self, read: impl FnOnce() + Send + 'static) {
        if self.durable.load(Ordering::Acquire) >= self.version {
            return read();
        }
        let release = Box::new(move |commit| match commit {
            Commit::Kept { .. } => read(),
            Commit::Unknown => {}
        });
        self.tenant.world.journal.append(Append {
            continues: None,
            rows: Batch::default(),
            key: None,
            release,
        });
    }

    /// For this agent's own topic only.
    pub(super) fn publish(&self, frame: EventFrame) {
        self.tenant.world.hub.publish(self.tenant.id, Topic::Agent(self.id), frame);
    }
}

fn detail(event: &AgentEvent, data: &mut Value) {
    match event {
        AgentEvent::OnBreak { reason } => data["reason"] = json!(reason),
        AgentEvent::BreakWanted { reason } => data["break_wanted"] = json!(reason),
        AgentEvent::WrapUp { until } => data["until"] = json!(until.to_string()),
        AgentEvent::Busy(hand) => {
            data["ticket_id"] = json!(hand.ticket);
            data["number"] = json!(hand.number);
        }
        AgentEvent::Available
        | AgentEvent::Offline
        | AgentEvent::Released
        | AgentEvent::CounterTaken { .. }
        | AgentEvent::CounterLeft
        | AgentEvent::Configured(_) => {}
    }
}

/// Who takes a counter takes it from whoever sat there.
fn sit_down(tenant: &TenantWorld, agent: domain::AgentId, event: &AgentEvent) {
    match event {
        AgentEvent::CounterTaken { counter } => {
            let before = tenant.counters.insert(*counter, agent);
            if let Some(other) = before.filter(|other| *other != agent) {
                tenant.tell_agent(other, AgentMessage::LoseCounter { counter: *counter });
            }
        }
        AgentEvent::CounterLeft => tenant.counters.retain(|_, sitter| *sitter != agent),
        AgentEvent::Available
        | AgentEvent::Busy(_)
        | AgentEvent::WrapUp { .. }
        | AgentEvent::OnBreak { .. }
        | AgentEvent::Offline
        | AgentEvent::Released
        | AgentEvent::BreakWanted { .. }
        | AgentEvent::Configured(_) => {}
    }
}
