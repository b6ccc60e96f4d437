//! From a pick to what people read: the reason and the urgency of a choice.
//!
//! Waits are counted from the reference time, so that somebody who came before a booked slot has not waited yet.
//! Invariant: the reason follows from the pick and the moment alone; the same journal gives the same words.

use std::cmp::Reverse;

use super::pick::{Picked, Why};
use super::{Choice, Line, Reason, Urgency};
use crate::time::Timestamp;

impl Line {
    pub(super) fn choice(&self, picked: &Picked, now: Timestamp) -> Choice {
        let (reference, ticket) = picked.candidate.entry;
        let spot = self.spots.get(&ticket);
        let slot = spot
            .and_then(|spot| spot.slot)
            .filter(|slot| self.rules.honours_slots() && *slot <= now);
        Choice {
            ticket,
            reason: self.reason(picked, slot, now),
            urgency: self.urgency(picked, spot.map_or(reference, |spot| spot.arrived_at), now),
            turn: picked.turn,
        }
    }

    fn reason(&self, picked: &Picked, slot: Option<Timestamp>, now: Timestamp) -> Reason {
        let standing = &self.rules.standings[picked.candidate.standing];
        let waited = now.since(picked.candidate.entry.0);
        let class = || standing.class.clone();
        match (picked.why, slot) {
            (Why::HardBound, _) => Reason::HardBound { waited },
            (Why::PlacedFirst, _) => Reason::PlacedFirst,
            (Why::Late, _) => Reason::OverTarget { waited, target: standing.target },
            (Why::Rank, _) => Reason::ClassBefore { class: class() },
            (Why::Turn, _) => Reason::Turn { class: class() },
            (Why::Accumulated, _) => Reason::Accumulated { waited, class: class() },
            (Why::OnTime | Why::Oldest, Some(slot)) => Reason::Appointment { slot },
            (Why::OnTime, None) => Reason::Deadline { waited, target: standing.target },
            (Why::Oldest, None) => Reason::FirstInLine { waited },
        }
    }

    fn urgency(&self, picked: &Picked, arrived_at: Timestamp, now: Timestamp) -> Urgency {
        let (reference, ticket) = picked.candidate.entry;
        let standing = &self.rules.standings[picked.candidate.standing];
        let permille =
            i128::from(now.micros_since(reference)) * 1_000 / i128::from(standing.target.micros());
        Urgency {
            hard_bound: self.rules.hard(reference, now),
            class_rank: standing.rank,
            lateness_permille: u64::try_from(permille).unwrap_or(u64::MAX),
            arrived_at: Reverse(arrived_at),
            ticket: Reverse(ticket),
        }
    }
}
