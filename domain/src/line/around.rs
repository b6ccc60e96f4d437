//! The line around one ticket: who is ahead, who of its class, how many others, and how long the oldest has waited.
//!
//! Ranks come from the ordered groups, so a look costs O(groups × log n + people held behind).
//! Invariant: people of the class ahead are among the people ahead.

use super::order::Entry;
use super::{Line, Place};
use crate::class::ClassKey;
use crate::id::TicketId;
use crate::time::Timestamp;

/// What surrounds one ticket of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around {
    pub ahead: usize,
    /// Of its class among these; people held behind are not among them while they stand there.
    pub ahead_of_class: usize,
    pub others: usize,
    /// The earliest reference time among the others.
    pub oldest: Option<Timestamp>,
}

impl Line {
    /// None when the ticket is not in the line.
    pub fn around(&self, ticket: TicketId, now: Timestamp) -> Option<Around> {
        let ahead = self.ahead_of(ticket, now)?;
        Some(Around {
            ahead,
            ahead_of_class: self.ahead_of_class(ticket)?.min(ahead),
            others: self.len() - 1,
            oldest: self.oldest_but(Some(ticket)),
        })
    }

    /// What would surround somebody of this class who joined last.
    pub fn around_newcomer(&self, class: &ClassKey) -> Around {
        let standing = self.rules.index_of(class);
        let of_class = self.groups.iter().filter(|group| group.standing == standing);
        let people =
            of_class.map(|group| group.order.len() + group.first.by_seq.len() + group.behind).sum();
        Around {
            ahead: self.len(),
            ahead_of_class: people,
            others: self.len(),
            oldest: self.oldest_but(None),
        }
    }

    /// The tickets in line, the oldest ids first.
    pub fn oldest_tickets(&self) -> impl Iterator<Item = TicketId> + '_ {
        self.spots.keys().copied()
    }

    fn ahead_of_class(&self, ticket: TicketId) -> Option<usize> {
        let spot = self.spots.get(&ticket)?;
        let (entry, standing) = (self.entry_of(ticket, spot), self.groups[spot.group].standing);
        let of_class = self.groups.iter().filter(|group| group.standing == standing);
        Some(match spot.place {
            Place::First { seq } => {
                let own = (seq, entry.0, entry.1);
                of_class.map(|group| group.first.by_seq.count_while(|other| *other < own)).sum()
            }
            Place::InOrder | Place::Behind { .. } => of_class
                .map(|group| {
                    group.first.by_seq.len() + group.order.count_while(|other| *other < entry)
                })
                .sum(),
        })
    }

    fn oldest_but(&self, ticket: Option<TicketId>) -> Option<Timestamp> {
        let is_other = |(_, other): &Entry| Some(*other) != ticket;
        let heads = self.groups.iter().flat_map(|group| {
            let two = [group.order.get(0), group.order.get(1)];
            let placed = [group.first.by_age.get(0), group.first.by_age.get(1)];
            two.into_iter().chain(placed).flatten()
        });
        let held = self.held.iter().map(|((_, other), held)| (held.reference, *other));
        heads.chain(held).filter(is_other).map(|(reference, _)| reference).min()
    }
}
