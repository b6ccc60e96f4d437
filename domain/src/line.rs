//! The line: who is waiting in one queue, in the order of its policy.
//!
//! People who compete alike (same class, same skills asked for) form a group kept in order of their
//! reference time; a policy compares the heads of groups, so a choice costs O(groups × log n).
//! Invariant: the line is derived: the waiters, their places and two counters are enough to build it again.

mod ahead;
mod around;
mod choice;
mod group;
mod head;
mod order;
mod pick;
mod place;
mod ranked;
mod reason;
mod round;

pub use around::Around;
pub use choice::{Choice, Reason, Urgency};
pub use place::{Counters, Place, Waiter};

use std::collections::BTreeMap;

use group::Group;
use order::{Entry, Rules};
use pick::{Candidate, Lane, Pick, Picked, Why};

use crate::class::{Class, ClassKey};
use crate::id::TicketId;
use crate::policy::Policy;
use crate::skill::SkillSet;
use crate::time::{Secs, Timestamp};

/// Who is waiting in one queue, in the order of its policy.
#[derive(Debug, Clone)]
pub struct Line {
    rules: Rules,
    counters: Counters,
    groups: Vec<Group>,
    group_of: BTreeMap<(ClassKey, SkillSet), usize>,
    /// By ticket id. Ids are sorted by age, so those who join and those who are called stand at the two ends
    /// of this map; a hash map would miss the cache for each of them.
    spots: BTreeMap<TicketId, Spot>,
    /// Those held behind, by the figure of calls they wait for.
    held: BTreeMap<(u64, TicketId), Held>,
}

/// Where a ticket is found.
#[derive(Debug, Clone, Copy)]
struct Spot {
    group: usize,
    arrived_at: Timestamp,
    slot: Option<Timestamp>,
    place: Place,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    group: usize,
    reference: Timestamp,
}

impl Line {
    /// An empty line. A waiter of an unknown class is treated as one of the first class listed.
    pub fn new(policy: &Policy, classes: &[Class]) -> Self {
        Self {
            rules: Rules::new(policy, classes),
            counters: Counters::default(),
            groups: Vec::new(),
            group_of: BTreeMap::new(),
            spots: BTreeMap::new(),
            held: BTreeMap::new(),
        }
    }

    /// The same people with the same counters under another policy or other classes.
    pub fn reordered(&self, policy: &Policy, classes: &[Class]) -> Self {
        let mut line = Self::new(policy, classes);
        line.restore(self.counters);
        self.waiters().for_each(|(waiter, place)| line.insert(waiter, place));
        line
    }

    /// Lets somebody join. Who is already in the line stays where they are.
    pub fn insert(&mut self, waiter: Waiter, place: Place) {
        debug_assert!(
            !self.contains(waiter.ticket),
            "ticket {} joins the line twice",
            waiter.ticket
        );
        if self.contains(waiter.ticket) {
            return;
        }
        let group = self.group_for(waiter.class, waiter.needs);
        let reference = self.rules.reference(waiter.arrived_at, waiter.slot);
        self.put(group, (reference, waiter.ticket), place);
        let spot = Spot { group, arrived_at: waiter.arrived_at, slot: waiter.slot, place };
        self.spots.insert(waiter.ticket, spot);
    }

    /// Takes somebody out, from wherever they stand.
    pub fn remove(&mut self, ticket: TicketId) -> Option<Waiter> {
        let spot = self.spots.remove(&ticket)?;
        let entry = self.entry_of(ticket, &spot);
        let group = &mut self.groups[spot.group];
        match spot.place {
            Place::First { seq } => group.first.remove(seq, entry),
            Place::Behind { calls } if self.held.remove(&(calls, ticket)).is_some() => {
                group.behind -= 1
            }
            Place::InOrder | Place::Behind { .. } => {
                let found = group.order.remove(entry);
                debug_assert!(found, "ticket {ticket} has a spot but no place in its group");
            }
        }
        Some(self.waiter_at(ticket, &spot))
    }

    /// Whom an agent with these skills should call now. Changes nothing: follow with `took` and `remove`.
    pub fn best(&self, agent: &SkillSet, now: Timestamp) -> Option<Choice> {
        let mut pick = Pick::new(&self.rules, now);
        for (at, group) in self.groups.iter().enumerate() {
            if !group.is_empty() && group.needs.met_by(agent) {
                self.offer_heads(&mut pick, at, now);
            }
        }
        let picked = pick.decide(self.counters.turn).or_else(|| self.first_held(agent))?;
        Some(self.choice(&picked, now))
    }

    /// A call was made from this line; `choice_turn` is the `turn` of the choice
    /// (of `counters` for a call outside the order).
    pub fn took(&mut self, choice_turn: u64) {
        self.restore(Counters { turn: choice_turn, calls: self.counters.calls + 1 });
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Sets the counters, before or after the people are put back.
    pub fn restore(&mut self, counters: Counters) {
        self.counters = counters;
        while let Some(next) = self.held.first_entry().filter(|next| next.key().0 <= counters.calls)
        {
            let ((_, ticket), held) = next.remove_entry();
            let group = &mut self.groups[held.group];
            group.behind -= 1;
            group.order.insert((held.reference, ticket));
        }
    }

    /// The place behind that many people still to be called.
    pub fn behind(&self, people: u32) -> Place {
        Place::Behind { calls: self.counters.calls + u64::from(people) }
    }

    /// The place ahead of everybody in order, after those placed first before.
    pub fn first(&self) -> Place {
        let last = self.groups.iter().filter_map(|group| group.first.by_seq.last()).max();
        Place::First { seq: last.map_or(0, |(seq, ..)| seq + 1) }
    }

    pub fn len(&self) -> usize {
        self.spots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spots.is_empty()
    }

    pub fn contains(&self, ticket: TicketId) -> bool {
        self.spots.contains_key(&ticket)
    }

    /// The place asked for when the ticket joined.
    pub fn place_of(&self, ticket: TicketId) -> Option<Place> {
        self.spots.get(&ticket).map(|spot| spot.place)
    }

    /// Everybody waiting with the place asked for, by ticket id.
    pub fn waiters(&self) -> impl Iterator<Item = (Waiter, Place)> + '_ {
        self.spots.iter().map(|(ticket, spot)| (self.waiter_at(*ticket, spot), spot.place))
    }

    /// The longest time that counts as a wait here so far, in whole seconds; zero for an empty line.
    /// O(groups + people held behind).
    pub fn longest_wait(&self, now: Timestamp) -> Secs {
        let heads =
            self.groups.iter().flat_map(|group| [group.order.first(), group.first.by_age.first()]);
        let held = self.held.values().map(|held| held.reference);
        let oldest = heads.flatten().map(|(reference, _)| reference).chain(held).min();
        oldest.map_or(Secs(0), |oldest| now.since(oldest))
    }

    /// How many have waited for longer than the target of their class. O(people).
    pub fn late(&self, now: Timestamp) -> usize {
        let beyond = |spot: &&Spot| {
            let target = self.rules.standings[self.groups[spot.group].standing].target;
            now.since(self.rules.reference(spot.arrived_at, spot.slot)) > target
        };
        self.spots.values().filter(beyond).count()
    }

    /// Everybody who could be called first of one group: at most one on each ground.
    fn offer_heads(&self, pick: &mut Pick<'_>, at: usize, now: Timestamp) {
        let group = &self.groups[at];
        let candidate = |entry: Entry, lane: Lane| Candidate {
            group: at,
            standing: group.standing,
            entry,
            lane,
        };
        if let Some((seq, reference, ticket)) = group.first.by_seq.first() {
            pick.offer(candidate((reference, ticket), Lane::First(seq)));
        }
        if let Some(oldest) = group.first.by_age.first() {
            pick.offer(candidate(oldest, Lane::FirstByAge));
        }
        let Some(head) = group.order.first() else { return };
        pick.offer(candidate(head, Lane::InOrder));
        let late = |entry: &Entry| self.rules.late(group.standing, entry.0, now);
        if self.rules.bands().is_some()
            && late(&head)
            && let Some(on_time) = group.order.first_after(late)
        {
            pick.offer(candidate(on_time, Lane::InOrder));
        }
    }

    /// With nobody else eligible, those held behind are called after all: the smallest figure first.
    fn first_held(&self, agent: &SkillSet) -> Option<Picked> {
        let mut held =
            self.held.iter().map(|((_, ticket), held)| self.held_candidate(*ticket, held));
        let candidate = held.find(|candidate| self.groups[candidate.group].needs.met_by(agent))?;
        Some(Picked { candidate, why: Why::Oldest, turn: self.counters.turn })
    }

    fn held_candidate(&self, ticket: TicketId, held: &Held) -> Candidate {
        let standing = self.groups[held.group].standing;
        Candidate {
            group: held.group,
            standing,
            entry: (held.reference, ticket),
            lane: Lane::InOrder,
        }
    }

    fn put(&mut self, at: usize, entry: Entry, place: Place) {
        let group = &mut self.groups[at];
        match place {
            Place::First { seq } => group.first.insert(seq, entry),
            Place::Behind { calls } if calls > self.counters.calls => {
                group.behind += 1;
                self.held.insert((calls, entry.1), Held { group: at, reference: entry.0 });
            }
            Place::InOrder | Place::Behind { .. } => {
                group.order.insert(entry);
            }
        }
    }

    /// The group of these people; an empty one is given a new use before another is made, so that there are
    /// never more groups than were needed at one time.
    fn group_for(&mut self, class: ClassKey, needs: SkillSet) -> usize {
        let key = (class, needs);
        if let Some(at) = self.group_of.get(&key) {
            return *at;
        }
        let fresh = Group::new(key.0.clone(), self.rules.index_of(&key.0), key.1.clone());
        let at = self.groups.iter().position(Group::is_empty).unwrap_or(self.groups.len());
        if let Some(group) = self.groups.get_mut(at) {
            let old = std::mem::replace(group, fresh);
            self.group_of.remove(&(old.class, old.needs));
        } else {
            self.groups.push(fresh);
        }
        self.group_of.insert(key, at);
        at
    }

    fn entry_of(&self, ticket: TicketId, spot: &Spot) -> Entry {
        (self.rules.reference(spot.arrived_at, spot.slot), ticket)
    }

    fn waiter_at(&self, ticket: TicketId, spot: &Spot) -> Waiter {
        let group = &self.groups[spot.group];
        Waiter {
            ticket,
            class: group.class.clone(),
            needs: group.needs.clone(),
            arrived_at: spot.arrived_at,
            slot: spot.slot,
        }
    }
}
