//! A group: the people of one class who ask for the same skills, so that only their order tells them apart.
//!
//! Those in order and those placed first are kept apart; whoever stands behind is only counted here.
//! Invariant: an agent can serve either everybody in a group or nobody.

use super::order::Entry;
use super::ranked::Ranked;
use crate::class::ClassKey;
use crate::id::TicketId;
use crate::skill::SkillSet;
use crate::time::Timestamp;

#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) class: ClassKey,
    /// Index of the class in the rules.
    pub(super) standing: usize,
    pub(super) needs: SkillSet,
    /// By reference time.
    pub(super) order: Ranked<Entry>,
    pub(super) first: First,
    /// How many of this group are held behind.
    pub(super) behind: usize,
}

/// Those placed first: called by `seq`, but the hard bound asks for the oldest.
#[derive(Debug, Clone, Default)]
pub(super) struct First {
    pub(super) by_seq: Ranked<(u64, Timestamp, TicketId)>,
    pub(super) by_age: Ranked<Entry>,
}

impl Group {
    pub(super) fn new(class: ClassKey, standing: usize, needs: SkillSet) -> Self {
        Self {
            class,
            standing,
            needs,
            order: Ranked::default(),
            first: First::default(),
            behind: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty() && self.first.by_seq.is_empty() && self.behind == 0
    }
}

impl First {
    pub(super) fn insert(&mut self, seq: u64, (reference, ticket): Entry) {
        self.by_seq.insert((seq, reference, ticket));
        self.by_age.insert((reference, ticket));
    }

    pub(super) fn remove(&mut self, seq: u64, (reference, ticket): Entry) {
        self.by_seq.remove((seq, reference, ticket));
        self.by_age.remove((reference, ticket));
    }
}
