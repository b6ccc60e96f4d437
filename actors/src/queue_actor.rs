//! The queue actor: decides, applies at once, and answers after the commit.
//!
//! It is the only writer of its queue's stream. A command sees the result of the one before it without waiting
//! for the disk; replies, frames and effects are held by the journal writer until what they tell is durable.
//! Invariant: an append whose outcome is unknown ends this actor, and its successor starts from the journal.

mod commit;
mod effects;
mod lease;
mod message;
mod numbers;
mod offers;
mod project;
mod recovery;
mod stats;
mod told;
mod watch;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{AgentId, Command, OfferId, Queue, QueueId, Timestamp};
use persistence::StreamId;
use ractor::{Actor, ActorProcessingErr, ActorRef};

use crate::ask::Ask;
use crate::counts::ActorKind;
use crate::jobs::Sleeper;
use crate::quarantine::InHandMark;
use crate::world::TenantWorld;

pub(crate) use message::{AgentSeen, Execute, QueueMessage, Reply, Seen};
pub(crate) use project::ticket_view;

/// What starts one queue actor.
#[derive(Clone)]
pub(crate) struct Arguments {
    pub(crate) tenant: Arc<TenantWorld>,
    pub(crate) queue: QueueId,
    /// Read by the supervisor when this actor dies.
    pub(crate) mark: InHandMark,
}

pub(crate) struct QueueActor;

pub(crate) struct State {
    tenant: Arc<TenantWorld>,
    id: QueueId,
    myself: ActorRef<QueueMessage>,
    mark: InHandMark,
    /// None until the stream has been loaded.
    life: Option<Life>,
}

/// A loaded queue.
pub(crate) struct Life {
    tenant: Arc<TenantWorld>,
    id: QueueId,
    myself: ActorRef<QueueMessage>,
    mark: InHandMark,
    queue: Queue,
    numbers: numbers::Numbers,
    /// Version of the stream after everything applied.
    version: u64,
    /// Version of the stream that is known to be durable.
    durable: Arc<AtomicU64>,
    snapshot_at: u64,
    /// Agents on duty that are assigned to this queue.
    agents: HashMap<AgentId, AgentSeen>,
    offers: HashMap<OfferId, offers::Standing>,
    stats: stats::Publisher,
    told: told::Told,
    next_wake: Option<Timestamp>,
}

impl Actor for QueueActor {
    type Msg = QueueMessage;
    type State = State;
    type Arguments = Arguments;

    async fn pre_start(
        &self,
        myself: ActorRef<QueueMessage>,
        arguments: Arguments,
    ) -> Result<State, ActorProcessingErr> {
        // Loading is the first message, so that the supervisor does not wait for the disk.
        myself.cast(QueueMessage::Load)?;
        let Arguments { tenant, queue, mark } = arguments;
        Ok(State { tenant, id: queue, myself, mark, life: None })
    }

    async fn handle(
        &self,
        _: ActorRef<QueueMessage>,
        message: QueueMessage,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        state.tenant.world.counts.handled(ActorKind::Queue, message.is_own());
        let Some(life) = state.life.as_mut() else {
            state.life = Some(state.load().await?);
            state.life.iter_mut().for_each(Life::awake);
            return Ok(());
        };
        match message {
            QueueMessage::Load => {}
            QueueMessage::Execute(execute) => life.execute(*execute),
            QueueMessage::Ticket { ticket, reply_to } => life.show_ticket(ticket, reply_to),
            QueueMessage::View { head, reply_to } => life.show(head, reply_to),
            QueueMessage::Stats { reply_to } => life.show_stats(reply_to),
            QueueMessage::Candidate { skills, reply_to } => life.candidate(&skills, reply_to),
            QueueMessage::InHandOf { agent, reply_to } => life.in_hand_of(agent, reply_to),
            QueueMessage::MayAdmit { reply_to } => life.may_admit(reply_to),
            QueueMessage::Subscribe { topic, subscriber, since, reply_to } => {
                life.subscribe(topic, subscriber, since, reply_to);
            }
            QueueMessage::Seen(seen) => life.agent_seen(seen),
            QueueMessage::StatsTick => life.stats_tick(),
            QueueMessage::Board => {
                life.tell_board();
                life.tell_figures_anew();
            }
            QueueMessage::Wake => life.wake(),
            QueueMessage::Snapshot { reply_to } => life.write_snapshot(reply_to),
            QueueMessage::Lost => return Err("the outcome of an append is unknown".into()),
            #[cfg(feature = "faults")]
            QueueMessage::Audit { reply_to } => life.show_memento(reply_to),
            #[cfg(feature = "faults")]
            QueueMessage::Die => panic!("told to die by a test"),
        }
        Ok(())
    }
}

impl Life {
    /// True when everything applied is durable.
    fn is_durable(&self) -> bool {
        self.durable.load(Ordering::Acquire) >= self.version
    }

    fn now(&self) -> Timestamp {
        self.tenant.world.clock.now()
    }

    fn stream(&self) -> StreamId {
        self.id.into()
    }

    /// Carries out a command of the program itself, without a reply.
    fn execute_own(&mut self, command: Command) {
        self.execute(Execute::of(command, Ask::system()));
    }

    /// First things after loading: what was due meanwhile, what others must be told.
    fn awake(&mut self) {
        self.execute_own(Command::Tick);
        self.tell_board();
        self.tell_agents();
        self.offer_legs_again();
        self.stats_changed();
        self.schedule();
    }

    fn wake(&mut self) {
        self.next_wake = None;
        self.execute_own(Command::Tick);
        self.drop_stale_offers();
        self.offer_legs_again();
        self.schedule();
    }

    /// Tells the jobs when to wake this queue next, if that has changed.
    fn schedule(&mut self) {
        let now = self.now();
        let due = self.queue.next_due(now);
        let offer = self.offers.values().map(|standing| standing.falls_at).min();
        let legs = self.queue.outbound().next().map(|_| now.after(domain::Secs(1)));
        let slide = self.windows_change_at(now);
        let next = [due, offer, legs, slide].into_iter().flatten().min();
        if next != self.next_wake {
            self.next_wake = next;
            self.tenant.world.jobs.wake_at(Sleeper::Queue(self.tenant.id, self.id), next);
        }
    }
}
