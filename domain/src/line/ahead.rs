//! How many are ahead: the rank of one ticket in the policy's own order.
//!
//! Each group is cut in two by the ticket's key, so a rank costs O(groups × log n), plus one step for each person
//! held behind who returns before it.
//! Invariant: nothing here depends on who is asked for first, and nothing is changed.

use super::order::{Entry, Order};
use super::round::Round;
use super::{Line, Place};
use crate::id::TicketId;
use crate::time::Timestamp;

impl Line {
    /// How many people would be called before this one, were nobody to join or leave, time to stand still
    /// and every agent able to serve everybody. None when the ticket is not in the line.
    ///
    /// `sla` is counted by deadline; what its late band and hard bound will change is not foreseen.
    pub fn ahead_of(&self, ticket: TicketId, now: Timestamp) -> Option<usize> {
        let spot = self.spots.get(&ticket)?;
        let entry = self.entry_of(ticket, spot);
        let standing = self.groups[spot.group].standing;
        Some(match spot.place {
            Place::First { seq } => self.firsts_before((seq, entry.0, entry.1)),
            Place::Behind { calls } if self.held.contains_key(&(calls, ticket)) => {
                self.ahead_of_held(calls, standing, entry, now)
            }
            Place::InOrder | Place::Behind { .. } => self.ahead_in_order(standing, entry, now),
        })
    }

    fn ahead_in_order(&self, standing: usize, entry: Entry, now: Timestamp) -> usize {
        let before = self.firsts() + self.rank(standing, entry, now);
        self.with_returning(before, standing, entry, now)
    }

    /// Somebody held behind waits for the calls to come, as far as there is anybody to call.
    fn ahead_of_held(&self, figure: u64, standing: usize, entry: Entry, now: Timestamp) -> usize {
        let missing = usize::try_from(figure - self.counters.calls).unwrap_or(usize::MAX);
        let others = self.firsts()
            + self.groups.iter().map(|group| group.order.len()).sum::<usize>()
            + self.held.range(..(figure, entry.1)).count();
        self.ahead_in_order(standing, entry, now).max(missing.min(others))
    }

    fn rank(&self, standing: usize, entry: Entry, now: Timestamp) -> usize {
        match &self.rules.order {
            Order::Ratio(round) => self.rank_by_turns(round, standing, entry),
            Order::Fifo
            | Order::Priority
            | Order::Deadline
            | Order::Sla(_)
            | Order::Accumulating => {
                let own = self.rules.key(standing, entry, now);
                let before =
                    |class: usize| move |other: &Entry| self.rules.key(class, *other, now) < own;
                self.groups
                    .iter()
                    .map(|group| group.order.count_while(before(group.standing)))
                    .sum()
            }
        }
    }

    fn rank_by_turns(&self, round: &Round, standing: usize, entry: Entry) -> usize {
        let of = |class: usize| self.groups.iter().filter(move |group| group.standing == class);
        let own: usize =
            of(standing).map(|group| group.order.count_while(|other| *other < entry)).sum();
        let waiting = |class: usize| of(class).map(|group| group.order.len()).sum();
        own + round.others_before(self.counters.turn, standing, own as u64, waiting)
    }

    /// Adds those held behind who are back in time and stand before this one then.
    fn with_returning(
        &self,
        before: usize,
        standing: usize,
        entry: Entry,
        now: Timestamp,
    ) -> usize {
        let own = self.rules.key(standing, entry, now);
        let mut count = before;
        for ((figure, ticket), held) in &self.held {
            if figure - self.counters.calls > count as u64 {
                break;
            }
            let other = self.groups[held.group].standing;
            if self.rules.key(other, (held.reference, *ticket), now) < own {
                count += 1;
            }
        }
        count
    }

    fn firsts(&self) -> usize {
        self.groups.iter().map(|group| group.first.by_seq.len()).sum()
    }

    fn firsts_before(&self, own: (u64, Timestamp, TicketId)) -> usize {
        self.groups.iter().map(|group| group.first.by_seq.count_while(|other| *other < own)).sum()
    }
}
