//! Told examples: small lines whose calls and reasons anybody can work out by hand.
//!
//! Minutes are counted from one morning; tickets are numbered by arrival.
//! Invariant: the reasons are those that agents and reports will read.

use domain::{
    Choice, Class, ClassKey, Line, Place, Policy, Reason, Secs, SkillSet, Timestamp, Waiter,
};

use super::trace::{START, classes, id, sla};

fn minute(minutes: u32) -> Timestamp {
    START.after(Secs::minutes(minutes))
}

fn waiter(number: usize, class: &str, arrived: u32) -> Waiter {
    let (class, needs) = (ClassKey::new(class), SkillSet::default());
    Waiter { ticket: id(number), class, needs, arrived_at: minute(arrived), slot: None }
}

fn line(policy: &Policy, waiters: Vec<Waiter>) -> Line {
    let mut line = Line::new(policy, &classes());
    waiters.into_iter().for_each(|waiter| line.insert(waiter, Place::InOrder));
    line
}

fn best(line: &Line, at: u32) -> Choice {
    line.best(&SkillSet::default(), minute(at)).expect("somebody waits")
}

fn called_in_turn(mut line: Line, at: u32) -> Vec<usize> {
    let mut called = Vec::new();
    while let Some(choice) = line.best(&SkillSet::default(), minute(at)) {
        line.took(choice.turn);
        line.remove(choice.ticket);
        called.push(usize::try_from(choice.ticket.0.as_u128() - 1).expect("tickets are numbered"));
    }
    called
}

#[test]
fn three_classes_take_turns_by_weight_and_pass_over_the_absent() {
    // Weights: urgent 3, senior 2, normal 1; no urgent one is left after the third turn.
    let classes = ["normal", "normal", "senior", "senior", "senior", "urgent"];
    let waiters =
        classes.into_iter().enumerate().map(|(number, class)| waiter(number, class, 0)).collect();
    assert_eq!(called_in_turn(line(&Policy::Ratio, waiters), 1), [5, 2, 3, 0, 4, 1]);
}

#[test]
fn the_turn_counter_stands_still_while_one_class_waits() {
    let line = line(&Policy::Ratio, vec![waiter(0, "normal", 0), waiter(1, "normal", 1)]);
    let choice = best(&line, 2);
    assert_eq!((choice.turn, choice.reason), (0, Reason::FirstInLine { waited: Secs::minutes(2) }));
}

#[test]
fn strict_priority_says_when_it_passes_over_somebody() {
    let mut line = line(&Policy::Priority, vec![waiter(0, "normal", 0), waiter(1, "senior", 1)]);
    assert_eq!(best(&line, 2).reason, Reason::ClassBefore { class: ClassKey::new("senior") });
    line.remove(id(1));
    assert_eq!(best(&line, 2).reason, Reason::FirstInLine { waited: Secs::minutes(2) });
}

#[test]
fn sla_names_target_lateness_and_bound() {
    let alone = line(&sla(1, 2.0), vec![waiter(0, "normal", 0)]);
    let (waited, target) = (Secs::minutes, Secs::minutes(5));
    assert_eq!(best(&alone, 5).reason, Reason::Deadline { waited: waited(5), target });
    assert_eq!(best(&alone, 6).reason, Reason::OverTarget { waited: waited(6), target });
    assert_eq!(best(&alone, 20).reason, Reason::HardBound { waited: waited(20) });
    assert!(best(&alone, 20).urgency.hard_bound && !best(&alone, 19).urgency.hard_bound);
    assert_eq!(best(&alone, 6).urgency.lateness_permille, 1_200);
}

#[test]
fn a_booked_time_counts_from_the_slot_and_is_named_when_it_has_come() {
    let booked = Waiter { slot: Some(minute(10)), ..waiter(0, "normal", 0) };
    let line = line(
        &Policy::Appointment { order: Box::new(Policy::Fifo) },
        vec![booked, waiter(1, "normal", 5)],
    );
    assert_eq!(called_in_turn(line.clone(), 12), [1, 0]);
    let mut alone = line;
    alone.remove(id(1));
    assert_eq!(best(&alone, 4).reason, Reason::FirstInLine { waited: Secs(0) });
    assert_eq!(best(&alone, 12).reason, Reason::Appointment { slot: minute(10) });
    assert_eq!(alone.longest_wait(minute(12)), Secs::minutes(2));
}

#[test]
fn without_a_policy_for_slots_a_slot_means_nothing() {
    let booked = Waiter { slot: Some(minute(10)), ..waiter(0, "normal", 0) };
    let line = line(&Policy::Fifo, vec![booked, waiter(1, "normal", 5)]);
    assert_eq!(best(&line, 12).reason, Reason::FirstInLine { waited: Secs::minutes(12) });
}

#[test]
fn who_missed_the_call_comes_back_behind_three_people_with_the_old_arrival() {
    let mut line = line(&Policy::Fifo, (1..6).map(|number| waiter(number, "normal", 1)).collect());
    let behind = line.behind(3);
    line.insert(waiter(0, "normal", 0), behind);
    assert_eq!(behind, Place::Behind { calls: 3 });
    assert_eq!(line.place_of(id(0)), Some(behind));
    assert_eq!(line.ahead_of(id(0), minute(2)), Some(3));
    assert_eq!(line.ahead_of(id(4), minute(2)), Some(4));
    assert_eq!(called_in_turn(line, 2), [1, 2, 3, 0, 4, 5]);
}

#[test]
fn who_is_held_behind_and_leaves_is_gone() {
    let mut line = line(&Policy::Fifo, vec![waiter(1, "normal", 1)]);
    let (behind, late) = (line.behind(3), waiter(0, "normal", 0));
    line.insert(late.clone(), behind);
    assert_eq!(line.remove(id(0)), Some(late));
    assert_eq!(called_in_turn(line, 2), [1]);
}

#[test]
fn placed_first_says_so_and_yields_to_the_hard_bound_only() {
    let mut line = line(&sla(1, 2.0), vec![waiter(0, "normal", 0)]);
    let first = line.first();
    line.insert(waiter(1, "normal", 15), first);
    assert_eq!((best(&line, 19).ticket, best(&line, 19).reason), (id(1), Reason::PlacedFirst));
    assert_eq!(best(&line, 20).ticket, id(0));
    assert_eq!(line.first(), Place::First { seq: 1 });
}

#[test]
fn an_unknown_class_is_treated_as_the_default_one_and_given_back_as_it_came() {
    let mut line = line(&Policy::Priority, vec![waiter(0, "retired", 0), waiter(1, "normal", 1)]);
    assert_eq!(best(&line, 2).ticket, id(0));
    assert_eq!(line.remove(id(0)).map(|waiter| waiter.class), Some(ClassKey::new("retired")));
}

#[test]
fn equal_deadlines_go_to_the_higher_rank_and_equal_ranks_to_the_older_ticket() {
    let classes =
        [Class::new("normal", 0, Secs::minutes(5)), Class::new("senior", 1, Secs::minutes(2))];
    let mut line = Line::new(&Policy::Deadline, &classes);
    for waiter in [waiter(2, "senior", 3), waiter(1, "senior", 3), waiter(0, "normal", 0)] {
        line.insert(waiter, Place::InOrder);
    }
    assert_eq!(called_in_turn(line, 4), [1, 2, 0]);
}
