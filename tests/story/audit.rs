//! The audit at the end of every story: an independent reading of the journal, held against all that was made from it.
//!
//! Every queue and agent is folded from its first event and compared with the living actor, with its newest snapshot
//! and the events after it, and with the rows that lists and reports read.
//! Invariant: nothing here uses the actors' own recovery, so it can contradict them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use actors::{AgentBody, Engine, QueueBody};
use domain::{
    Agent, AgentId, AgentMemento, AgentProfile, Estimator, Event, Happened, Queue, QueueId,
    QueueMemento, State, TenantId, TicketId, agent_apply, apply,
};
use persistence::{Store, StoredEvent, StreamId, entry};
use serde::Deserialize;

/// The form of snapshots that this reader knows.
const FORMAT_MAX: u16 = 3;

/// What a queue's snapshot keeps, as far as it concerns the journal.
#[derive(Deserialize)]
struct Kept {
    queue: QueueMemento,
    numbers: Numbers,
}

#[derive(Deserialize)]
struct Numbers {
    estimator: Estimator,
}

/// A queue and what it has learnt.
type Known = (QueueMemento, Estimator);

/// The state of a living actor and the version of its stream; none of one that could not answer.
type Lived<M> = Option<(M, u64)>;

pub(crate) struct Audit {
    damaged: BTreeSet<QueueId>,
    queues: Vec<(TenantId, QueueId, Lived<Known>)>,
    agents: Vec<(TenantId, AgentId, Lived<AgentMemento>)>,
}

impl Audit {
    pub(crate) fn without(damaged: BTreeSet<QueueId>) -> Self {
        Self { damaged, queues: Vec::new(), agents: Vec::new() }
    }

    /// Makes the first person of a living queue vanish, as a fault would: the audit must find that out.
    pub(crate) fn forget_somebody(&mut self) {
        let lived = self.queues.iter_mut().filter_map(|(.., lived)| lived.as_mut());
        let mut tickets = lived.map(|((memento, _), _)| &mut memento.tickets);
        tickets.find(|tickets| !tickets.is_empty()).unwrap().clear();
    }

    /// Takes down how everything stands.
    pub(crate) async fn look_at_the_living(&mut self, engine: &Engine) {
        for info in engine.tenants() {
            let tenant = engine.tenant(&info.slug).unwrap();
            let directory = tenant.directory();
            for queue in directory.list::<QueueBody>().map(|queue| QueueId(queue.id)) {
                if !self.damaged.contains(&queue) {
                    self.queues.push((info.id, queue, tenant.audit_queue(queue).await));
                }
            }
            for agent in directory.list::<AgentBody>().map(|agent| AgentId(agent.id)) {
                self.agents.push((info.id, agent, tenant.audit_agent(agent).await));
            }
        }
    }

    /// Holds what is on disk against what lived, and its parts against each other.
    pub(crate) async fn look_at_the_store(&self, store: &dyn Store) {
        let mut whole = Whole::default();
        for (tenant, queue, lived) in &self.queues {
            let events = store.load_all_events(*tenant, (*queue).into()).await.unwrap();
            let at = |version| fold_queue(&events, version);
            if let Some((memento, version)) = lived {
                assert_eq!(
                    at(*version).as_ref(),
                    Some(memento),
                    "queue {queue}: live, and its journal"
                );
            }
            let folded = at(u64::MAX);
            assert_eq!(
                revived(store, *tenant, (*queue).into()).await,
                folded,
                "queue {queue}: snapshot and tail"
            );
            whole.take(*tenant, *queue, &events, folded.map(|(queue, _)| queue));
        }
        for (tenant, agent, lived) in &self.agents {
            let events = store.load_all_events(*tenant, (*agent).into()).await.unwrap();
            if let Some((memento, version)) = lived {
                assert_eq!(
                    fold_agent(&events, *version),
                    *memento,
                    "agent {agent}: live, and its journal"
                );
            }
        }
        whole.check(store).await;
    }
}

/// All queues together.
#[derive(Default)]
struct Whole {
    /// Each visit's state where it was last seen, unless it had gone on from there.
    stands: HashMap<TicketId, Vec<(TenantId, QueueId, &'static str)>>,
    /// Legs that have ended.
    legs: BTreeMap<TicketId, BTreeSet<u16>>,
    numbers: HashSet<(QueueId, String, String)>,
    hands: HashMap<AgentId, TicketId>,
    on_the_way: HashSet<TicketId>,
}

impl Whole {
    fn take(
        &mut self,
        tenant: TenantId,
        queue: QueueId,
        events: &[StoredEvent],
        folded: Option<QueueMemento>,
    ) {
        let mut walk = Walk::new(events);
        let mut last: HashMap<TicketId, &'static str> = HashMap::new();
        while let Some((happened, leg, state)) = walk.step() {
            if let Event::Issued { visit, .. } = &happened.event {
                let day = walk.queue.config().zone.day_of(happened.at).to_string();
                let number = (queue, day, visit.number.to_string());
                assert!(self.numbers.insert(number.clone()), "issued twice: {number:?}");
            }
            let Some(ticket) = happened.event.ticket() else { continue };
            if let (Some(_), Some(leg)) = (ended(&happened.event), leg) {
                self.legs.entry(ticket).or_default().insert(leg);
            }
            match (&happened.event, state) {
                (Event::Transferred { .. }, _) => drop(last.remove(&ticket)),
                (_, Some(state)) => drop(last.insert(ticket, state)),
                (_, None) => {}
            }
        }
        for (ticket, state) in last {
            self.stands.entry(ticket).or_default().push((tenant, queue, state));
        }
        let Some(folded) = folded else { return };
        self.on_the_way.extend(folded.outbound.iter().map(|leg| leg.visit.ticket));
        let queue = Queue::from_memento(folded);
        for ticket in queue.tickets() {
            if let Some(agent) = ticket.in_hand_of() {
                let other = self.hands.insert(agent, ticket.id());
                assert_eq!(other, None, "agent {agent} has two tickets in hand");
            }
        }
    }

    async fn check(&self, store: &dyn Store) {
        for (ticket, places) in &self.stands {
            let [(tenant, queue, state)] = places.as_slice() else {
                panic!("ticket {ticket} stands in several queues: {places:?}");
            };
            let row =
                store.ticket(*tenant, *ticket).await.unwrap().expect("every ticket has its row");
            if !self.on_the_way.contains(ticket) {
                assert_eq!(
                    (row.queue, row.state.as_ref()),
                    (*queue, *state),
                    "the row of ticket {}",
                    row.number
                );
            }
            let legs = store.legs(*tenant, *ticket).await.unwrap();
            let rows: BTreeSet<u16> = legs.iter().map(|leg| leg.leg).collect();
            assert_eq!(rows.len(), legs.len(), "no leg twice");
            assert_eq!(
                rows,
                self.legs.get(ticket).cloned().unwrap_or_default(),
                "legs of ticket {}",
                row.number
            );
        }
    }
}

/// How a leg ends with this event, if it does.
fn ended(event: &Event) -> Option<&'static str> {
    if matches!(event, Event::Transferred { .. }) {
        return Some("transferred");
    }
    event.outcome().map(|outcome| State::from(outcome).as_str())
}

/// The events of a queue, one after another, with the state that each leaves behind.
struct Walk<'e> {
    queue: Queue,
    learnt: Estimator,
    events: std::slice::Iter<'e, StoredEvent>,
}

impl<'e> Walk<'e> {
    fn new(events: &'e [StoredEvent]) -> Self {
        let mut events = events.iter();
        let config = events.next().map(|first| {
            let Event::Configured(config) = happened(first).event else {
                panic!("a queue begins with {first:?}")
            };
            *config
        });
        let nothing =
            || domain::QueueConfig::new(uuid::Uuid::nil().into(), uuid::Uuid::nil().into());
        let config = config.unwrap_or_else(nothing);
        let learnt = Estimator::expecting(config.expected_service);
        Self { queue: Queue::new(config), learnt, events }
    }

    /// The next event, the leg its ticket was in before or after it, and the state of its ticket after it.
    fn step(&mut self) -> Option<(Happened, Option<u16>, Option<&'static str>)> {
        let happened = happened(self.events.next()?);
        let leg = |queue: &Queue| {
            let ticket = happened.event.ticket().and_then(|id| queue.ticket(id));
            ticket.map(|ticket| ticket.visit.leg)
        };
        let before = leg(&self.queue);
        live_through(&mut self.queue, &mut self.learnt, &happened);
        let after = leg(&self.queue);
        let stands = happened
            .event
            .ticket()
            .and_then(|id| self.queue.ticket(id))
            .map(|ticket| ticket.state());
        let state = ended(&happened.event)
            .filter(|_| !matches!(happened.event, Event::Transferred { .. }))
            .or_else(|| stands.map(State::as_str));
        Some((happened, before.or(after), state))
    }
}

fn happened(stored: &StoredEvent) -> Happened {
    entry::read_queue_fact(&stored.kind, stored.format, &stored.payload, stored.at).unwrap()
}

fn live_through(queue: &mut Queue, learnt: &mut Estimator, happened: &Happened) {
    let earlier = happened.event.ticket().and_then(|id| queue.ticket(id)).cloned();
    apply(queue, happened);
    learnt.learn(queue, earlier.as_ref(), happened);
}

/// The queue after its events up to `version`; none of a queue that has no event.
fn fold_queue(events: &[StoredEvent], version: u64) -> Option<Known> {
    let count = events.iter().take_while(|event| event.version <= version).count();
    let mut walk = Walk::new(&events[..count]);
    while walk.step().is_some() {}
    (count > 0).then(|| (walk.queue.memento(), walk.learnt))
}

fn fold_agent(events: &[StoredEvent], version: u64) -> AgentMemento {
    let mut agent = Agent::new(AgentProfile::default());
    for stored in events.iter().take_while(|event| event.version <= version) {
        let event = entry::read_agent_event(&stored.kind, stored.format, &stored.payload).unwrap();
        agent_apply(&mut agent, &event, stored.at);
    }
    agent.memento().clone()
}

/// The queue from its newest snapshot and the events after it.
async fn revived(store: &dyn Store, tenant: TenantId, stream: StreamId) -> Option<Known> {
    let loaded = store.load_stream(tenant, stream, FORMAT_MAX).await.unwrap();
    let Some(snapshot) = loaded.snapshot else { return fold_queue(&loaded.tail, u64::MAX) };
    let kept: Kept = rmp_serde::from_slice(&snapshot.state).unwrap();
    let (mut queue, mut learnt) = (Queue::from_memento(kept.queue), kept.numbers.estimator);
    for stored in &loaded.tail {
        live_through(&mut queue, &mut learnt, &happened(stored));
    }
    Some((queue.memento(), learnt))
}
