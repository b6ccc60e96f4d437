//! The bound on overtaking under `sla`: nobody who has waited the hard bound sees a younger one called first.
//!
//! Whoever waits M is from then on preceded only by people with an earlier reference time, among those the same
//! agent can serve. Those held behind by the recall ladder count once their calls have gone by.
//! Invariant: the checker itself is checked: it must convict a line whose bound is switched off.

use domain::{Policy, Secs, SlaSettings, TicketId};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::trace::{HARD_BOUND, Played, Step, any_sla, anywhere, trace};

/// Somebody younger who was called although this one had waited the hard bound.
#[derive(Debug)]
struct Overtaken {
    called: TicketId,
    passed_over: TicketId,
}

fn overtaken(policy: &Policy, steps: &[Step]) -> Vec<Overtaken> {
    let mut found = Vec::new();
    let mut played = Played::new(policy);
    for step in steps {
        played.step(step, |before, agent, choice| {
            let Some(choice) = choice else { return };
            let (called, place) = before.find(choice.ticket);
            if before.held(*place) {
                return;
            }
            let called_since = before.reference(called);
            let passed_over = before.waiting.iter().filter(|(waiter, place)| {
                let since = before.reference(waiter);
                let bound_reached = before.now.micros_since(since) >= HARD_BOUND.micros();
                waiter.needs.met_by(agent)
                    && !before.held(*place)
                    && since < called_since
                    && bound_reached
            });
            found.extend(passed_over.map(|(waiter, _)| Overtaken {
                called: choice.ticket,
                passed_over: waiter.ticket,
            }));
        });
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nobody_who_waited_the_hard_bound_is_overtaken(policy in any_sla(), steps in trace(anywhere(), 200)) {
        let found = overtaken(&policy, &steps);
        prop_assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn the_checker_convicts_a_line_without_the_bound() {
    let unbounded =
        Policy::Sla(SlaSettings { hard_bound: Some(Secs(u32::MAX)), ..SlaSettings::default() });
    let outcome = TestRunner::deterministic().run(&trace(anywhere(), 200), |steps| {
        let found = overtaken(&unbounded, &steps);
        prop_assert!(found.is_empty(), "{} before {}", found[0].called, found[0].passed_over);
        Ok(())
    });
    assert!(outcome.is_err(), "a line without the bound went unnoticed");
}

#[test]
fn the_checker_convicts_strict_priority() {
    let outcome = TestRunner::deterministic().run(&trace(anywhere(), 200), |steps| {
        prop_assert!(overtaken(&Policy::Priority, &steps).is_empty());
        Ok(())
    });
    assert!(outcome.is_err(), "strict priority went unnoticed");
}
