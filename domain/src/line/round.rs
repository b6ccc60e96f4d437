//! The round of `ratio`: so many turns for each class, the higher rank first.
//!
//! The turn counter runs through the round for ever; turns of a class with nobody to call are passed over,
//! and while a single class waits the counter stands still.
//! Invariant: between any two passes over all classes, each gets exactly its weight in turns.

use std::cmp::Reverse;

use crate::class::Class;

#[derive(Debug, Clone)]
pub(super) struct Round {
    /// Classes in the order of their turns.
    seats: Vec<Seat>,
    turns: u64,
}

#[derive(Debug, Clone)]
struct Seat {
    class: usize,
    start: u64,
    weight: u64,
}

impl Seat {
    /// Turns of this seat among the first `turn` turns of a round of `turns`.
    fn had(&self, turn: u64, turns: u64) -> u64 {
        turn / turns * self.weight + (turn % turns).saturating_sub(self.start).min(self.weight)
    }
}

impl Round {
    pub(super) fn new(classes: &[Class]) -> Self {
        let mut order: Vec<usize> = (0..classes.len()).collect();
        order.sort_by_key(|class| Reverse(classes[*class].rank));
        let mut turns = 0;
        let mut seat = |class: usize| {
            let (start, weight) = (turns, u64::from(classes[class].weight.max(1)));
            turns += weight;
            Seat { class, start, weight }
        };
        let seats = order.into_iter().map(&mut seat).collect();
        Self { seats, turns }
    }

    /// The class whose turn comes next among those that wait, and the counter after that turn.
    /// None when nobody waits. The counter moves only when two classes or more wait.
    pub(super) fn next(&self, turn: u64, waits: impl Fn(usize) -> bool) -> Option<(usize, u64)> {
        let mut waiting = self.seats.iter().filter(|seat| waits(seat.class));
        let only = waiting.next()?;
        if waiting.next().is_none() {
            return Some((only.class, turn));
        }
        let at = turn % self.turns;
        let round = turn - at;
        let now = self.seats.iter().find(|seat| waits(seat.class) && at < seat.start + seat.weight);
        Some(match now {
            Some(seat) => (seat.class, round + at.max(seat.start) + 1),
            None => (only.class, round + self.turns + only.start + 1),
        })
    }

    /// People of other classes called before the one of `class` who has `before` of its own class ahead,
    /// when `waiting` of each class are there and `turn` turns have been taken.
    pub(super) fn others_before(
        &self,
        turn: u64,
        class: usize,
        before: u64,
        waiting: impl Fn(usize) -> usize,
    ) -> usize {
        let Some(own) = self.seats.iter().find(|seat| seat.class == class) else { return 0 };
        let nth = own.had(turn, self.turns) + before;
        let until = nth / own.weight * self.turns + own.start + nth % own.weight;
        let share = |seat: &Seat| {
            let turns = seat.had(until, self.turns).saturating_sub(seat.had(turn, self.turns));
            waiting(seat.class).min(usize::try_from(turns).unwrap_or(usize::MAX))
        };
        self.seats.iter().filter(|seat| seat.class != class).map(share).sum()
    }
}
