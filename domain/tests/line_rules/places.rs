//! Places asked for by transfers and by the recall ladder.
//!
//! First means first, in the order of asking; behind means not before so many calls, unless nobody else is there.
//! Invariant: a place never makes anybody unreachable.

use domain::{Place, SkillSet};
use proptest::prelude::*;

use super::trace::{Played, any_policy, anywhere, fixed_order, trace};

/// (figure, ticket) of those held behind whom this agent could serve.
fn held(played: &Played, agent: &SkillSet) -> Vec<(u64, domain::TicketId)> {
    let figure = |place: Place| match place {
        Place::Behind { calls } if played.held(place) => Some(calls),
        Place::InOrder | Place::First { .. } | Place::Behind { .. } => None,
    };
    let eligible = played.waiting.iter().filter(|(waiter, _)| waiter.needs.met_by(agent));
    eligible.filter_map(|(waiter, place)| Some((figure(*place)?, waiter.ticket))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn who_is_held_behind_is_called_only_when_nobody_else_is_eligible(
        policy in any_policy(), steps in trace(anywhere(), 200),
    ) {
        let mut played = Played::new(&policy);
        for step in &steps {
            played.step(step, |before, agent, choice| {
                let Some(choice) = choice else { return };
                if before.held(before.find(choice.ticket).1) {
                    let held = held(before, agent);
                    let eligible = before.waiting.iter().filter(|(waiter, _)| waiter.needs.met_by(agent));
                    assert_eq!(held.len(), eligible.count(), "somebody else was eligible");
                    assert_eq!(held.iter().min().map(|(_, ticket)| *ticket), Some(choice.ticket));
                }
            });
        }
    }

    #[test]
    fn who_is_placed_first_goes_first_in_the_order_of_asking(
        policy in fixed_order(), steps in trace(anywhere(), 200),
    ) {
        let mut played = Played::new(&policy);
        for step in &steps {
            played.step(step, |before, agent, choice| {
                let eligible = before.waiting.iter().filter(|(waiter, _)| waiter.needs.met_by(agent));
                let first = eligible.filter_map(|(waiter, place)| match place {
                    Place::First { seq } => Some((*seq, waiter.ticket)),
                    Place::InOrder | Place::Behind { .. } => None,
                });
                if let Some((_, ticket)) = first.min() {
                    assert_eq!(choice.map(|choice| choice.ticket), Some(ticket));
                }
            });
        }
    }
}
