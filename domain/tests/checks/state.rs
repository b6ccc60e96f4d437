//! What must be true of a queue at any moment, read from outside and counted the slow way.
//!
//! A view is plain data, so that a test can spoil it and see that the check notices.
//! Invariant: no check asks the index that it checks.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    AgentId, Happened, Queue, QueueConfig, QueueMemento, State, TicketId, Timestamp, apply,
};

/// A queue as anybody can see it.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) tickets: Vec<Seen>,
    /// Remote, waiting, offered, called, serving, held, ended.
    pub(crate) tally: [u32; 7],
    pub(crate) line: BTreeSet<TicketId>,
    pub(crate) line_len: usize,
    /// What the queue says each agent has in hand.
    pub(crate) hands: BTreeMap<AgentId, TicketId>,
}

#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) id: TicketId,
    pub(crate) state: State,
    pub(crate) hand: Option<AgentId>,
}

impl View {
    pub(crate) fn of(queue: &Queue) -> Self {
        let see = |ticket: &domain::Ticket| Seen {
            id: ticket.id(),
            state: ticket.state(),
            hand: ticket.in_hand_of(),
        };
        let tickets: Vec<Seen> = queue.tickets().map(see).collect();
        let agents = queue.tickets().filter_map(|ticket| ticket.call()).map(|call| call.agent);
        let hands =
            agents.filter_map(|agent| Some((agent, queue.in_hand_of(agent)?.id()))).collect();
        let tally = queue.tally();
        Self {
            line: tickets
                .iter()
                .map(|seen| seen.id)
                .filter(|id| queue.line().contains(*id))
                .collect(),
            tickets,
            tally: [
                tally.remote,
                tally.waiting,
                tally.offered,
                tally.called,
                tally.serving,
                tally.held,
                tally.ended,
            ],
            line_len: queue.line().len(),
            hands,
        }
    }

    /// Every rule this view breaks, in words.
    pub(crate) fn faults(&self) -> Vec<String> {
        [self.hand_faults(), self.tally_faults(), self.line_faults()].concat()
    }

    fn hand_faults(&self) -> Vec<String> {
        let mut held: BTreeMap<AgentId, Vec<TicketId>> = BTreeMap::new();
        for seen in &self.tickets {
            if let Some(agent) = seen.hand {
                held.entry(agent).or_default().push(seen.id);
            }
        }
        let mut faults = Vec::new();
        for (agent, tickets) in &held {
            if tickets.len() > 1 {
                faults.push(format!("two in hand: agent {agent} has {tickets:?}"));
            }
        }
        let found: BTreeMap<AgentId, TicketId> =
            held.iter().map(|(agent, tickets)| (*agent, tickets[0])).collect();
        if faults.is_empty() && found != self.hands {
            faults.push(format!("wrong hands: {found:?} said to be {:?}", self.hands));
        }
        faults
    }

    fn tally_faults(&self) -> Vec<String> {
        let mut counted = [0; 7];
        for seen in &self.tickets {
            counted[bucket(seen.state)] += 1;
        }
        let wrong = counted != self.tally;
        wrong
            .then(|| format!("wrong tally: {counted:?} said to be {:?}", self.tally))
            .into_iter()
            .collect()
    }

    fn line_faults(&self) -> Vec<String> {
        let waiting = self.tickets.iter().filter(|seen| seen.state == State::Waiting);
        let waiting: BTreeSet<TicketId> = waiting.map(|seen| seen.id).collect();
        let wrong = waiting != self.line || waiting.len() != self.line_len;
        let says =
            || format!("wrong line: {waiting:?} wait, {:?} of {} stand", self.line, self.line_len);
        wrong.then(says).into_iter().collect()
    }
}

fn bucket(state: State) -> usize {
    match state {
        State::Remote => 0,
        State::Waiting => 1,
        State::Offered => 2,
        State::Called => 3,
        State::Serving => 4,
        State::Held => 5,
        State::Served
        | State::NoShow
        | State::WalkedOut
        | State::Cancelled
        | State::Removed
        | State::Expired => 6,
    }
}

/// The queue that these events lead to. What is not journaled is left out, as after a restart.
pub(crate) fn fold(mut queue: Queue, log: &[Happened]) -> Queue {
    log.iter()
        .filter(|happened| happened.event.is_journaled())
        .for_each(|happened| apply(&mut queue, happened));
    queue
}

/// Whether the journal, whole or from a snapshot on, tells the same story as the living queue.
pub(crate) fn replay_faults(
    live: &Queue,
    first: &QueueConfig,
    log: &[Happened],
    snapshot: (usize, &QueueMemento),
) -> Vec<String> {
    let (at, memento) = snapshot;
    let whole = fold(Queue::new(first.clone()), log).memento();
    let tail = fold(Queue::from_memento(memento.clone()), &log[at..]).memento();
    let live = live.memento();
    let mut faults = Vec::new();
    if whole != live {
        faults.push(format!("replay differs: {whole:?} is not {live:?}"));
    }
    if tail != live {
        faults.push(format!("replay from the snapshot differs: {tail:?} is not {live:?}"));
    }
    faults
}

/// Whose arrival time was lost between two moments: only coming to the site may set one.
pub(crate) fn arrival_faults(before: &QueueMemento, after: &QueueMemento) -> Vec<String> {
    let arrived: BTreeMap<_, _> = before
        .tickets
        .iter()
        .map(|kept| ((kept.visit.ticket, kept.visit.leg), kept.arrived_at))
        .collect();
    let lost = after.tickets.iter().filter(|kept| {
        let earlier = arrived.get(&(kept.visit.ticket, kept.visit.leg)).copied().flatten();
        earlier.is_some() && earlier != kept.arrived_at
    });
    lost.map(|kept| format!("arrival lost: ticket {}", kept.visit.ticket)).collect()
}

/// How a duration is taken: the product's way, or one that a test planted.
pub(crate) type Since = fn(later: Timestamp, earlier: Timestamp) -> i64;

/// Wait, walk, service and stay of every ticket, in microseconds: none may be negative.
pub(crate) fn duration_faults(memento: &QueueMemento, now: Timestamp, since: Since) -> Vec<String> {
    let mut faults = Vec::new();
    for kept in &memento.tickets {
        let spans = [
            ("wait", kept.arrived_at.map(|arrived| (kept.first_called_at.unwrap_or(now), arrived))),
            ("walk", kept.started_at.zip(kept.last_called_at)),
            ("service", kept.started_at.map(|started| (now, started))),
            ("stay", Some((now, kept.visit.issued_at))),
        ];
        for (what, span) in spans {
            if span.is_some_and(|(later, earlier)| since(later, earlier) < 0) {
                faults.push(format!("negative {what}: ticket {}", kept.visit.ticket));
            }
        }
    }
    faults
}
