//! The pick: which of the people offered is called, and why. This is where a policy decides.
//!
//! The line offers the heads of its groups one by one; the pick keeps the least of each kind and decides at the end.
//! Invariant: with anybody offered somebody is picked, and the result does not depend on the order of offers.

use super::order::{Bands, Entry, Key, Order, Rules};
use super::round::Round;
use crate::time::Timestamp;

/// Somebody who could be called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) group: usize,
    /// Index of the class in the rules.
    pub(super) standing: usize,
    pub(super) entry: Entry,
    pub(super) lane: Lane,
}

/// On what ground somebody is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    InOrder,
    /// Placed first, with this `seq`.
    First(u64),
    /// Placed first, the oldest of these: only the hard bound asks for it.
    FirstByAge,
}

/// Why somebody was picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    HardBound,
    PlacedFirst,
    Late,
    OnTime,
    /// By arrival, with no other ground.
    Oldest,
    /// By class rank, before somebody older.
    Rank,
    Accumulated,
    Turn,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Picked {
    pub(super) candidate: Candidate,
    pub(super) why: Why,
    /// The turn counter afterwards.
    pub(super) turn: u64,
}

pub(super) struct Pick<'a> {
    rules: &'a Rules,
    now: Timestamp,
    hard: Least,
    first: Least,
    late: Least,
    on_time: Least,
    plain: Least,
    oldest: Least,
    /// The least of each class: filled under `ratio` only.
    by_class: Vec<Least>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Least(Option<(Key, Candidate)>);

impl Least {
    fn offer(&mut self, key: Key, candidate: Candidate) {
        if self.0.is_none_or(|(least, _)| key < least) {
            self.0 = Some((key, candidate));
        }
    }

    fn get(self) -> Option<Candidate> {
        self.0.map(|(_, candidate)| candidate)
    }
}

impl<'a> Pick<'a> {
    pub(super) fn new(rules: &'a Rules, now: Timestamp) -> Self {
        let classes =
            if matches!(rules.order, Order::Ratio(_)) { rules.standings.len() } else { 0 };
        let none = Least::default();
        let by_class = vec![none; classes];
        Self {
            rules,
            now,
            hard: none,
            first: none,
            late: none,
            on_time: none,
            plain: none,
            oldest: none,
            by_class,
        }
    }

    pub(super) fn offer(&mut self, candidate: Candidate) {
        match candidate.lane {
            Lane::InOrder => self.offer_in_order(candidate),
            Lane::FirstByAge => self.offer_to_hard_bound(candidate),
            Lane::First(seq) => {
                let seq = Timestamp(i64::try_from(seq).unwrap_or(i64::MAX));
                self.first.offer(
                    self.rules.by_arrival(candidate.standing, (seq, candidate.entry.1)),
                    candidate,
                );
            }
        }
    }

    fn offer_in_order(&mut self, candidate: Candidate) {
        let Candidate { standing, entry, .. } = candidate;
        let (rules, now) = (self.rules, self.now);
        let key = rules.key(standing, entry, now);
        match rules.order {
            Order::Sla(_) => {
                self.offer_to_hard_bound(candidate);
                if rules.late(standing, entry.0, now) {
                    self.late.offer(rules.by_lateness(standing, entry, now), candidate);
                } else {
                    self.on_time.offer(key, candidate);
                }
            }
            Order::Priority => {
                self.plain.offer(key, candidate);
                self.oldest.offer(rules.by_arrival(standing, entry), candidate);
            }
            Order::Ratio(_) => self.by_class[standing].offer(key, candidate),
            Order::Fifo | Order::Deadline | Order::Accumulating => self.plain.offer(key, candidate),
        }
    }

    fn offer_to_hard_bound(&mut self, candidate: Candidate) {
        if self.rules.hard(candidate.entry.0, self.now) {
            self.hard.offer(self.rules.by_arrival(candidate.standing, candidate.entry), candidate);
        }
    }

    /// Who is called, given the turns taken so far. None when nobody was offered.
    pub(super) fn decide(&self, turn: u64) -> Option<Picked> {
        let before_all = [(self.hard, Why::HardBound), (self.first, Why::PlacedFirst)];
        let placed = before_all.iter().find_map(|(least, why)| Some((least.get()?, *why)));
        if let Some((candidate, why)) = placed {
            return Some(Picked { candidate, why, turn });
        }
        match &self.rules.order {
            Order::Sla(bands) => self.by_bands(bands, turn),
            Order::Ratio(round) => self.by_turn(round, turn),
            Order::Fifo | Order::Priority | Order::Deadline | Order::Accumulating => {
                let candidate = self.plain.get()?;
                Some(Picked { candidate, why: self.why_plain(&candidate), turn })
            }
        }
    }

    fn by_bands(&self, bands: &Bands, turn: u64) -> Option<Picked> {
        let on_time = self.on_time.get().map(|candidate| (candidate, Why::OnTime));
        let late = self.late.get().map(|candidate| (candidate, Why::Late));
        let (Some((late, _)), Some((on_time, _))) = (late, on_time) else {
            return late.or(on_time).map(|(candidate, why)| Picked { candidate, why, turn });
        };
        if self.rules.capped(late.standing, late.entry.0, self.now) {
            return Some(Picked { candidate: late, why: Why::Late, turn });
        }
        let turn = turn + 1;
        Some(if bands.late_turn(turn) {
            Picked { candidate: late, why: Why::Late, turn }
        } else {
            Picked { candidate: on_time, why: Why::OnTime, turn }
        })
    }

    fn by_turn(&self, round: &Round, turn: u64) -> Option<Picked> {
        let (class, after) = round.next(turn, |class| self.by_class[class].0.is_some())?;
        let why = if after == turn { Why::Oldest } else { Why::Turn };
        Some(Picked { candidate: self.by_class[class].get()?, why, turn: after })
    }

    fn why_plain(&self, candidate: &Candidate) -> Why {
        let oldest = self.oldest.get().is_none_or(|oldest| oldest.entry == candidate.entry);
        match self.rules.order {
            Order::Fifo | Order::Ratio(_) => Why::Oldest,
            Order::Priority if oldest => Why::Oldest,
            Order::Priority => Why::Rank,
            Order::Accumulating => Why::Accumulated,
            Order::Deadline | Order::Sla(_) => {
                let late = self.rules.late(candidate.standing, candidate.entry.0, self.now);
                if late { Why::Late } else { Why::OnTime }
            }
        }
    }
}
