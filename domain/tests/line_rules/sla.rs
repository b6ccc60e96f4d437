//! `sla` against its definition, read off the page: a plain list, every rule a scan over it.
//!
//! Times are half minutes and ratios are compared as fractions, so the two computations share nothing.
//! Invariant: same person, same turn counter, at every call of every trace.

use std::cmp::Reverse;

use domain::{Policy, SkillSet, TicketId, Waiter};
use proptest::prelude::*;

use super::trace::{HALF_MINUTE, HARD_BOUND, Played, any_sla, classes, in_order, trace};

struct Person {
    reference: i64,
    waited: i64,
    target: i64,
    rank: u8,
    ticket: TicketId,
}

fn person(played: &Played, waiter: &Waiter) -> Person {
    let class =
        classes().into_iter().find(|class| class.key == waiter.class).expect("a known class");
    let reference = played.reference(waiter);
    Person {
        reference: reference.0 / HALF_MINUTE,
        waited: played.now.micros_since(reference) / HALF_MINUTE,
        target: class.target.micros() / HALF_MINUTE,
        rank: class.rank,
        ticket: waiter.ticket,
    }
}

/// Whom the definition calls, and the counter afterwards.
fn by_definition(played: &Played, policy: &Policy, agent: &SkillSet) -> Option<(TicketId, u64)> {
    let Policy::Sla(settings) = policy else { return None };
    let turn = played.line.counters().turn;
    let eligible = played.waiting.iter().filter(|(waiter, _)| waiter.needs.met_by(agent));
    let people: Vec<Person> = eligible.map(|(waiter, _)| person(played, waiter)).collect();
    let bound = HARD_BOUND.micros() / HALF_MINUTE;
    let oldest = people.iter().filter(|person| person.waited >= bound);
    if let Some(oldest) =
        oldest.min_by_key(|person| (person.reference, Reverse(person.rank), person.ticket))
    {
        return Some((oldest.ticket, turn));
    }
    let (late, on_time): (Vec<_>, Vec<_>) =
        people.iter().partition(|person| person.waited > person.target);
    let most_late = late.into_iter().min_by(|a, b| {
        let ratios = (b.waited * a.target).cmp(&(a.waited * b.target));
        ratios.then(b.rank.cmp(&a.rank)).then(a.ticket.cmp(&b.ticket))
    });
    let soonest = on_time.into_iter().min_by_key(|person| {
        (person.reference + person.target, Reverse(person.rank), person.ticket)
    });
    match (most_late, soonest) {
        (Some(late), _) if late.waited as f64 / late.target as f64 >= settings.late_ratio_cap => {
            Some((late.ticket, turn))
        }
        (Some(late), Some(soonest)) => {
            let (k, turn) = (u64::from(settings.on_time_between_late), turn + 1);
            Some((
                if k > 0 && turn.is_multiple_of(k + 1) { late.ticket } else { soonest.ticket },
                turn,
            ))
        }
        (Some(only), None) | (None, Some(only)) => Some((only.ticket, turn)),
        (None, None) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn calls_are_those_of_the_definition(policy in any_sla(), steps in trace(in_order(), 200)) {
        let mut played = Played::new(&policy);
        for step in &steps {
            played.step(step, |before, agent, choice| {
                let ours = choice.map(|choice| (choice.ticket, choice.turn));
                assert_eq!(ours, by_definition(before, &policy, agent));
            });
        }
    }
}
