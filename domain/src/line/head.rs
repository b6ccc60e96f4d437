//! The head of the line: who would be called one after the other, without calling anybody.
//!
//! Every group is opened as one or two runs of people in order; the pick of the policy chooses among the fronts
//! of the runs, and the run it chose moves on.
//! Invariant: the first person listed is the one `best` names for an agent with every skill.

use super::order::Entry;
use super::pick::{Candidate, Lane, Pick, Picked, Why};
use super::{Choice, Counters, Line};
use crate::id::TicketId;
use crate::time::Timestamp;

/// People listed at most: a screen shows fewer, and each costs a look at every group.
const HEAD_MAX: usize = 200;

/// People of one group who follow each other in the order.
struct Run {
    front: Candidate,
    /// Ranks in the group that come after the front.
    next: usize,
    end: usize,
}

struct Head<'a> {
    line: &'a Line,
    now: Timestamp,
    runs: Vec<Run>,
    /// Those held behind, soonest back last.
    held: Vec<(u64, Candidate)>,
}

impl Line {
    /// The head of the line as agents with every skill would call it now, with reasons: at most `limit` people,
    /// never more than 200. O(limit × groups × log n).
    pub fn in_order(&self, now: Timestamp, limit: usize) -> Vec<Choice> {
        let limit = limit.min(HEAD_MAX);
        let mut head = Head::new(self, now, limit);
        let mut counters = self.counters;
        let mut choices = Vec::new();
        while choices.len() < limit
            && let Some(picked) = head.next(counters)
        {
            counters = Counters { turn: picked.turn, calls: counters.calls + 1 };
            choices.push(self.choice(&picked, now));
        }
        choices
    }
}

impl<'a> Head<'a> {
    fn new(line: &'a Line, now: Timestamp, limit: usize) -> Self {
        let behind = |((figure, ticket), held): (&(u64, TicketId), &super::Held)| {
            (*figure, line.held_candidate(*ticket, held))
        };
        let mut held: Vec<_> = line.held.iter().take(limit).map(behind).collect();
        held.reverse();
        let mut head = Self { line, now, runs: Vec::new(), held };
        for at in 0..line.groups.len() {
            head.open_first(at, limit);
            head.open_order(at);
        }
        head
    }

    fn open_order(&mut self, at: usize) {
        let group = &self.line.groups[at];
        let late = |entry: &Entry| self.line.rules.late(group.standing, entry.0, self.now);
        let split = self.line.rules.bands().map_or(0, |_| group.order.count_while(late));
        for (start, end) in [(0, split), (split, group.order.len())] {
            if let Some(entry) = group.order.get(start).filter(|_| start < end) {
                let front =
                    Candidate { group: at, standing: group.standing, entry, lane: Lane::InOrder };
                self.runs.push(Run { front, next: start + 1, end });
            }
        }
    }

    /// Those placed first, each on its own: by `seq`, and once more if the hard bound may ask for them.
    fn open_first(&mut self, at: usize, limit: usize) {
        let group = &self.line.groups[at];
        let by_seq = (0..limit).map_while(|rank| group.first.by_seq.get(rank));
        let by_age = (0..limit).map_while(|rank| group.first.by_age.get(rank));
        let hard = by_age.take_while(|entry| self.line.rules.hard(entry.0, self.now));
        let lanes = by_seq
            .map(|(seq, reference, ticket)| ((reference, ticket), Lane::First(seq)))
            .chain(hard.map(|entry| (entry, Lane::FirstByAge)));
        self.runs.extend(lanes.map(|(entry, lane)| Run {
            front: Candidate { group: at, standing: group.standing, entry, lane },
            next: 0,
            end: 0,
        }));
    }

    fn next(&mut self, counters: Counters) -> Option<Picked> {
        while let Some((_, back)) = self.held.pop_if(|(figure, _)| *figure <= counters.calls) {
            self.runs.push(Run { front: back, next: 0, end: 0 });
        }
        let mut pick = Pick::new(&self.line.rules, self.now);
        self.runs.iter().for_each(|run| pick.offer(run.front));
        let Some(picked) = pick.decide(counters.turn) else {
            let (_, candidate) = self.held.pop()?;
            return Some(Picked { candidate, why: Why::Oldest, turn: counters.turn });
        };
        self.pass(picked.candidate.entry);
        Some(picked)
    }

    /// Moves on every run that has this person in front.
    fn pass(&mut self, entry: Entry) {
        let groups = &self.line.groups;
        self.runs.retain_mut(|run| {
            if run.front.entry != entry {
                return true;
            }
            let following =
                if run.next < run.end { groups[run.front.group].order.get(run.next) } else { None };
            run.next += 1;
            following.map(|entry| run.front.entry = entry).is_some()
        });
    }
}
