//! Random traces and the plain list they are played on beside the line.
//!
//! Three classes, two skills, every kind of place; an agent has none, one or both skills.
//! Invariant: the plain list holds exactly the people of the line, with the places they asked for.

use domain::{
    Choice, Class, ClassKey, Counters, Line, Place, Policy, Secs, SkillSet, SlaSettings, TicketId,
    Timestamp, Waiter,
};
use proptest::prelude::*;

pub(crate) const HALF_MINUTE: i64 = 30_000_000;
pub(crate) const START: Timestamp = Timestamp::from_secs(1_000_000);

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Join {
        class: usize,
        needs: u8,
        slot: Option<i64>,
        place: Where,
    },
    /// The one at this position of the plain list, modulo its length.
    Leave(usize),
    Call {
        skills: u8,
    },
    /// So many half minutes pass.
    Pass(i64),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Where {
    InOrder,
    First,
    Behind(u32),
}

pub(crate) fn classes() -> Vec<Class> {
    let senior = Class { weight: 2, ..Class::new("senior", 1, Secs::minutes(2)) };
    let urgent =
        Class { weight: 3, slope: Some(0.02), ..Class::new("urgent", 2, Secs::minutes(1)) };
    vec![Class::new("normal", 0, Secs::minutes(5)), senior, urgent]
}

/// The default hard bound of these classes: four times the longest target.
pub(crate) const HARD_BOUND: Secs = Secs::minutes(20);

pub(crate) fn id(number: usize) -> TicketId {
    TicketId(uuid::Uuid::from_u128(number as u128 + 1))
}

pub(crate) fn skills(mask: u8) -> SkillSet {
    let names =
        ["cash", "passports"].into_iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0);
    names.map(|(_, name)| name.to_owned()).collect::<Vec<_>>().into()
}

pub(crate) fn every_skill() -> SkillSet {
    skills(3)
}

pub(crate) fn sla(between: u32, cap: f64) -> Policy {
    Policy::Sla(SlaSettings {
        on_time_between_late: between,
        late_ratio_cap: cap,
        hard_bound: None,
    })
}

/// Policies whose order does not depend on earlier calls.
pub(crate) fn fixed_order() -> impl Strategy<Value = Policy> {
    let plain = prop::sample::select(vec![
        Policy::Fifo,
        Policy::Priority,
        Policy::Deadline,
        Policy::Accumulating,
    ]);
    with_appointments(plain.boxed())
}

pub(crate) fn any_sla() -> impl Strategy<Value = Policy> {
    (0..4u32, prop::sample::select(vec![1.0, 1.5, 2.0, 3.0]))
        .prop_map(|(between, cap)| sla(between, cap))
}

pub(crate) fn any_policy() -> impl Strategy<Value = Policy> {
    let ratio = with_appointments(Just(Policy::Ratio).boxed());
    prop_oneof![2 => fixed_order().boxed(), 1 => any_sla().boxed(), 1 => ratio.boxed()]
}

fn with_appointments(plain: BoxedStrategy<Policy>) -> impl Strategy<Value = Policy> {
    (plain, any::<bool>()).prop_map(|(order, slots)| {
        if slots { Policy::Appointment { order: Box::new(order) } } else { order }
    })
}

pub(crate) fn in_order() -> BoxedStrategy<Where> {
    Just(Where::InOrder).boxed()
}

pub(crate) fn in_order_or_first() -> BoxedStrategy<Where> {
    prop_oneof![6 => Just(Where::InOrder), 1 => Just(Where::First)].boxed()
}

pub(crate) fn anywhere() -> BoxedStrategy<Where> {
    prop_oneof![6 => Just(Where::InOrder), 1 => Just(Where::First), 1 => (1..6u32).prop_map(Where::Behind)].boxed()
}

pub(crate) fn trace(
    places: BoxedStrategy<Where>,
    steps: usize,
) -> impl Strategy<Value = Vec<Step>> {
    let slot = prop_oneof![3 => Just(None), 1 => (-8..20i64).prop_map(Some)];
    let join = (0..3usize, 0..4u8, slot, places)
        .prop_map(|(class, needs, slot, place)| Step::Join { class, needs, slot, place });
    let step = prop_oneof![
        5 => join,
        1 => any::<usize>().prop_map(Step::Leave),
        3 => (0..4u8).prop_map(|skills| Step::Call { skills }),
        3 => (0..8i64).prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 1..steps)
}

/// The line and the plain list beside it.
pub(crate) struct Played {
    pub(crate) line: Line,
    pub(crate) waiting: Vec<(Waiter, Place)>,
    pub(crate) now: Timestamp,
    slots: bool,
    joined: usize,
}

impl Played {
    pub(crate) fn new(policy: &Policy) -> Self {
        let slots = matches!(policy, Policy::Sla(_) | Policy::Appointment { .. });
        Self {
            line: Line::new(policy, &classes()),
            waiting: Vec::new(),
            now: START,
            slots,
            joined: 0,
        }
    }

    pub(crate) fn play(policy: &Policy, steps: &[Step]) -> Self {
        let mut played = Self::new(policy);
        steps.iter().for_each(|step| played.step(step, |_, _, _| ()));
        played
    }

    /// Plays one step; `called` sees the state before a call, the agent and what the line chose.
    pub(crate) fn step(
        &mut self,
        step: &Step,
        mut called: impl FnMut(&Self, &SkillSet, Option<&Choice>),
    ) {
        match *step {
            Step::Join { class, needs, slot, place } => self.join(class, needs, slot, place),
            Step::Leave(_) if self.waiting.is_empty() => {}
            Step::Leave(at) => {
                let (waiter, _) = self.waiting.remove(at % self.waiting.len());
                assert_eq!(self.line.remove(waiter.ticket), Some(waiter));
            }
            Step::Call { skills: mask } => {
                let agent = skills(mask);
                let choice = self.line.best(&agent, self.now);
                called(self, &agent, choice.as_ref());
                if let Some(choice) = choice {
                    self.call(&choice);
                }
            }
            Step::Pass(half_minutes) => {
                self.now = Timestamp(self.now.0 + half_minutes * HALF_MINUTE)
            }
        }
    }

    pub(crate) fn call(&mut self, choice: &Choice) {
        self.line.took(choice.turn);
        assert!(self.line.remove(choice.ticket).is_some());
        self.waiting.retain(|(waiter, _)| waiter.ticket != choice.ticket);
    }

    /// The line built again from the people and the counters.
    pub(crate) fn rebuilt(&self, policy: &Policy, counters: Counters) -> Line {
        let mut line = Line::new(policy, &classes());
        self.waiting.iter().for_each(|(waiter, place)| line.insert(waiter.clone(), *place));
        line.restore(counters);
        line
    }

    pub(crate) fn find(&self, ticket: TicketId) -> &(Waiter, Place) {
        self.waiting
            .iter()
            .find(|(waiter, _)| waiter.ticket == ticket)
            .expect("the ticket is in the plain list")
    }

    pub(crate) fn reference(&self, waiter: &Waiter) -> Timestamp {
        waiter
            .slot
            .filter(|_| self.slots)
            .map_or(waiter.arrived_at, |slot| slot.max(waiter.arrived_at))
    }

    /// True for those held behind who must not be called yet.
    pub(crate) fn held(&self, place: Place) -> bool {
        match place {
            Place::Behind { calls } => calls > self.line.counters().calls,
            Place::InOrder | Place::First { .. } => false,
        }
    }

    fn join(&mut self, class: usize, needs: u8, slot: Option<i64>, place: Where) {
        let place = match place {
            Where::InOrder => Place::InOrder,
            Where::First => self.line.first(),
            Where::Behind(people) => self.line.behind(people),
        };
        // Ids do not follow the arrivals strictly: neighbours change places.
        let ticket = id(self.joined ^ 1);
        self.joined += 1;
        let class = ClassKey::new(["normal", "senior", "urgent"][class]);
        let slot = slot.map(|half_minutes| Timestamp(self.now.0 + half_minutes * HALF_MINUTE));
        let waiter = Waiter { ticket, class, needs: skills(needs), arrived_at: self.now, slot };
        self.line.insert(waiter.clone(), place);
        self.waiting.push((waiter, place));
    }
}
