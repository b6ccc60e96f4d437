//! Promises of every policy: only the eligible, never idle, exact under removal, the same after a restart.
//!
//! Traces use every kind of place; the answers are compared with a plain list or with a line built afresh.
//! Invariant: listing the head of the line foretells what calling one by one will do.

use domain::{Choice, Policy, Timestamp};
use proptest::prelude::*;

use super::trace::{
    Played, any_policy, anywhere, classes, every_skill, fixed_order, in_order_or_first, trace,
};

fn tickets(choices: &[Choice]) -> Vec<domain::TicketId> {
    choices.iter().map(|choice| choice.ticket).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_free_agent_gets_somebody_eligible_whenever_there_is_one(
        policy in any_policy(), steps in trace(anywhere(), 150),
    ) {
        let mut played = Played::new(&policy);
        for step in &steps {
            played.step(step, |before, agent, choice| {
                let eligible = before.waiting.iter().any(|(waiter, _)| waiter.needs.met_by(agent));
                assert_eq!(choice.is_some(), eligible, "an agent never idles while an eligible ticket waits");
                assert!(choice.is_none_or(|choice| before.find(choice.ticket).0.needs.met_by(agent)));
            });
            assert_eq!(played.line.len(), played.waiting.len());
            assert_eq!(played.line.is_empty(), played.waiting.is_empty());
        }
    }

    #[test]
    fn the_listed_head_is_what_calling_one_by_one_gives(policy in any_policy(), steps in trace(anywhere(), 120)) {
        let mut played = Played::play(&policy, &steps);
        for listed in played.line.in_order(played.now, 200) {
            let called = played.line.best(&every_skill(), played.now).unwrap();
            prop_assert_eq!(&called, &listed);
            played.call(&called);
        }
        prop_assert!(played.line.is_empty());
    }

    #[test]
    fn a_short_list_is_the_beginning_of_a_long_one(
        policy in any_policy(), steps in trace(anywhere(), 120), limit in 0..30usize,
    ) {
        let played = Played::play(&policy, &steps);
        let mut long = played.line.in_order(played.now, 200);
        long.truncate(limit);
        prop_assert_eq!(played.line.in_order(played.now, limit), long);
    }

    #[test]
    fn who_leaves_from_the_middle_changes_nobody_elses_order(
        policy in fixed_order(), steps in trace(in_order_or_first(), 120), leaver in any::<prop::sample::Index>(),
    ) {
        let mut played = Played::play(&policy, &steps);
        let mut before = tickets(&played.line.in_order(played.now, 200));
        if !before.is_empty() {
            let gone = before.remove(leaver.index(before.len()));
            prop_assert_eq!(played.line.remove(gone).map(|waiter| waiter.ticket), Some(gone));
            prop_assert_eq!(played.line.remove(gone), None);
            prop_assert!(!played.line.contains(gone) && played.line.place_of(gone).is_none());
        }
        prop_assert_eq!(tickets(&played.line.in_order(played.now, 200)), before);
    }

    #[test]
    fn a_line_built_again_calls_the_same_people(policy in any_policy(), steps in trace(anywhere(), 150)) {
        let played = Played::play(&policy, &steps);
        let again = played.rebuilt(&policy, played.line.counters());
        prop_assert_eq!(again.in_order(played.now, 200), played.line.in_order(played.now, 200));
        prop_assert_eq!(again.counters(), played.line.counters());
        prop_assert_eq!(again.first(), played.line.first());
        prop_assert!(again.waiters().eq(played.line.waiters()));
    }

    #[test]
    fn a_line_given_another_policy_keeps_its_people(
        from in any_policy(), to in any_policy(), steps in trace(anywhere(), 120),
    ) {
        let played = Played::play(&from, &steps);
        let other = played.line.reordered(&to, &classes());
        let fresh = played.rebuilt(&to, played.line.counters());
        prop_assert_eq!(other.in_order(played.now, 200), fresh.in_order(played.now, 200));
    }

    #[test]
    fn the_longest_wait_is_that_of_the_oldest(policy in any_policy(), steps in trace(anywhere(), 120)) {
        let played = Played::play(&policy, &steps);
        let waits = played.waiting.iter().map(|(waiter, _)| played.now.since(played.reference(waiter)));
        prop_assert_eq!(played.line.longest_wait(played.now), waits.max().unwrap_or_default());
    }
}

#[test]
fn an_empty_line_has_nobody_to_call() {
    let played = Played::new(&Policy::default());
    assert_eq!(played.line.best(&every_skill(), Timestamp(0)), None);
    assert!(played.line.in_order(Timestamp(0), 10).is_empty());
}
