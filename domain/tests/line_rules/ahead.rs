//! `ahead_of` against counting: the position in the full list of who would be called.
//!
//! Exact under every policy whose order does not depend on the late band; `sla` is counted by deadline.
//! Invariant: the person listed first has nobody ahead.

use domain::{Place, Policy};
use proptest::prelude::*;

use super::trace::{
    Played, Step, any_sla, anywhere, fixed_order, in_order, in_order_or_first, trace,
};

/// Every ticket for which `counts` holds has as many ahead as are listed before it.
fn check(policy: &Policy, steps: &[Step], counts: impl Fn(&Played, Place) -> bool) {
    let played = Played::play(policy, steps);
    for (at, choice) in played.line.in_order(played.now, 200).iter().enumerate() {
        let place = played.find(choice.ticket).1;
        if counts(&played, place) {
            let ahead = played.line.ahead_of(choice.ticket, played.now);
            assert_eq!(ahead, Some(at), "ticket {} at {place:?}", choice.ticket);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_number_ahead_is_the_number_called_before(policy in fixed_order(), steps in trace(in_order_or_first(), 150)) {
        check(&policy, &steps, |_, _| true);
    }

    #[test]
    fn those_who_return_in_time_are_counted(policy in fixed_order(), steps in trace(anywhere(), 150)) {
        check(&policy, &steps, |played, place| !played.held(place));
    }

    #[test]
    fn turns_of_other_classes_are_counted(steps in trace(in_order_or_first(), 150)) {
        check(&Policy::Ratio, &steps, |_, _| true);
    }

    #[test]
    fn under_sla_people_are_counted_by_deadline(policy in any_sla(), steps in trace(in_order(), 150)) {
        let played = Played::play(&policy, &steps);
        let by_deadline = Policy::Appointment { order: Box::new(Policy::Deadline) };
        let listed = played.rebuilt(&by_deadline, played.line.counters()).in_order(played.now, 200);
        for (at, choice) in listed.iter().enumerate() {
            prop_assert_eq!(played.line.ahead_of(choice.ticket, played.now), Some(at));
        }
    }
}
