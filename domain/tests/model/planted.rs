//! Planted mistakes: for each thing that never happens, rules by which it does; the checks must say so.
//!
//! Every mistake is small, as real ones are, and is looked for by the same random walks as the honest queue.
//! Invariant: a check that misses its mistake fails here, so that a quiet check is known to be awake.

use std::collections::BTreeSet;

use domain::{
    Command, Event, Happened, Queue, QueueMemento, Refusal, State, Timestamp, apply, decide,
};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use crate::book::{Book, Slip};
use crate::draw;
use crate::state::View;
use crate::walk::{HONEST, Rules, Walk};

type Decision = Result<Vec<Event>, Refusal>;

const WALKS: usize = 200;
const STEPS: usize = 60;

/// Walks at random by these rules, looking after each step, until a look finds something.
fn each_walk<T>(
    rules: Rules,
    slip: Slip,
    mut look: impl FnMut(&Walk, &Book) -> Option<T>,
) -> Option<T> {
    let mut runner = TestRunner::deterministic();
    for _ in 0..WALKS {
        let setup = draw::setup().new_tree(&mut runner).unwrap().current();
        let (mut book, mut walk) = (Book::new(setup, slip), Walk::new(setup, rules));
        for _ in 0..STEPS {
            let step = draw::step(&book).new_tree(&mut runner).unwrap().current();
            book.step(step.jump_secs, &step.ask);
            walk.step(&step);
            let found = look(&walk, &book);
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

/// The first fault: of the checks, or of the comparison with a model that slips.
fn first_fault(rules: Rules, slip: Slip) -> Option<Vec<String>> {
    each_walk(rules, slip, |walk, book| {
        let compared = if slip == Slip::None { Vec::new() } else { walk.compare(book) };
        let faults = [walk.faults.clone(), compared].concat();
        (!faults.is_empty()).then_some(faults)
    })
}

#[track_caller]
fn caught(rules: Rules, rule: &str) {
    let faults = first_fault(rules, Slip::None).expect("the planted mistake was missed");
    assert!(
        faults.iter().any(|fault| fault.starts_with(rule)),
        "{rule} was not named in {faults:#?}"
    );
}

#[track_caller]
fn caught_by_the_model(slip: Slip) {
    let faults = first_fault(HONEST, slip).expect("the slip of the model was missed");
    assert!(faults.iter().any(|fault| fault.contains("the model says")), "{faults:#?}");
}

/// The same queue after a change of its memento.
fn changed(queue: &Queue, change: impl FnOnce(&mut QueueMemento)) -> Queue {
    let mut memento = queue.memento();
    change(&mut memento);
    Queue::from_memento(memento)
}

#[test]
fn honest_walks_have_no_fault() {
    assert_eq!(first_fault(HONEST, Slip::None), None);
}

#[test]
fn walks_reach_every_event_and_every_refusal_of_a_queue() {
    let (mut events, mut codes) = (BTreeSet::new(), BTreeSet::new());
    each_walk(HONEST, Slip::None, |walk, _| {
        events.extend(walk.log.iter().map(|happened| happened.event.name()));
        codes.extend(walk.answer.err());
        None::<()>
    });
    // Notes change nothing and are not walked; hours, versions and limits are told as stories or decided elsewhere.
    assert_eq!(events.len(), 28, "{events:?}");
    let expected = [
        "agent_busy",
        "already_in_queue",
        "class_not_allowed",
        "invalid_transition",
        "nobody_waiting",
        "not_assigned",
        "not_found",
        "queue_closed",
        "queue_full",
        "queue_paused",
        "quota_exceeded",
        "skill_missing",
        "ticket_ended",
        "too_few_calls",
        "too_soon",
    ];
    assert_eq!(codes, BTreeSet::from(expected));
}

#[test]
fn two_tickets_in_one_hand_are_caught() {
    /// Whom a second pair of hands of the same agent would call.
    fn greedy(queue: &Queue, command: &Command, now: Timestamp) -> Decision {
        let decision = decide(queue, command, now);
        let (Err(Refusal::AgentBusy { .. }), Command::CallNext { caller }) = (&decision, command)
        else {
            return decision;
        };
        let other =
            domain::Caller { agent: domain::AgentId(Uuid::from_u128(99)), ..caller.clone() };
        let mut events = decide(queue, &Command::CallNext { caller: other }, now)?;
        for event in &mut events {
            if let Event::Called { call, .. } = event {
                call.agent = caller.agent;
            }
        }
        Ok(events)
    }
    caught(Rules { decide: greedy, ..HONEST }, "two in hand");
}

#[test]
fn a_repeated_number_is_caught() {
    fn repeating(queue: &Queue, command: &Command, now: Timestamp) -> Decision {
        let Command::Issue(_) = command else { return decide(queue, command, now) };
        let behind = changed(queue, |memento| {
            if let Some(last) = memento.last_number.as_mut().filter(|last| last.value > 1) {
                last.value -= 1;
            }
        });
        decide(&behind, command, now)
    }
    caught(Rules { decide: repeating, ..HONEST }, "number repeated");
}

#[test]
fn a_join_past_the_capacity_is_caught() {
    fn boundless(queue: &Queue, command: &Command, now: Timestamp) -> Decision {
        match decide(queue, command, now) {
            Err(Refusal::QueueFull { .. }) => {
                decide(&changed(queue, |memento| memento.config.capacity = None), command, now)
            }
            decision => decision,
        }
    }
    caught(Rules { decide: boundless, ..HONEST }, "capacity passed");
}

#[test]
fn an_ended_ticket_that_is_called_is_caught() {
    fn undead(queue: &Queue, command: &Command, now: Timestamp) -> Decision {
        let decision = decide(queue, command, now);
        let (Err(Refusal::TicketEnded { .. }), Command::CallTicket { ticket, .. }) =
            (&decision, command)
        else {
            return decision;
        };
        let risen = changed(queue, |memento| {
            let mut risen = Queue::from_memento(memento.clone());
            let ended =
                memento.tickets.iter_mut().find(|kept| kept.visit.ticket == *ticket).unwrap();
            apply(&mut risen, &Happened::new(now, admitted(&ended.visit, now)));
            *memento = risen.memento();
        });
        decide(&risen, command, now)
    }
    caught(Rules { decide: undead, ..HONEST }, "called after its end");
}

fn admitted(visit: &domain::Visit, now: Timestamp) -> Event {
    Event::Admitted {
        visit: visit.clone().into(),
        arrived_at: now,
        from: domain::QueueId(Uuid::nil()),
        place: domain::Place::InOrder,
        tags: Vec::new(),
    }
}

#[test]
fn a_call_without_the_skill_is_caught() {
    fn unskilled(queue: &Queue, command: &Command, now: Timestamp) -> Decision {
        let Command::CallNext { caller } = command else { return decide(queue, command, now) };
        let skills = vec!["cash".to_owned(), "credit".to_owned()].into();
        decide(
            queue,
            &Command::CallNext { caller: domain::Caller { skills, ..caller.clone() } },
            now,
        )
    }
    caught(Rules { decide: unskilled, ..HONEST }, "called by somebody who lacks a skill");
}

#[test]
fn a_no_show_after_one_call_is_caught() {
    fn hasty(queue: &Queue, command: &Command, now: Timestamp) -> Decision {
        let decision = decide(queue, command, now);
        match (&decision, command) {
            (Err(Refusal::TooFewCalls { .. }), Command::MarkNoShow { ticket, .. }) => {
                Ok(vec![Event::NoShow { ticket: *ticket }])
            }
            _ => decision,
        }
    }
    caught(Rules { decide: hasty, ..HONEST }, "no-show after too few calls");
}

#[test]
fn a_requeue_that_costs_the_arrival_time_is_caught() {
    fn forgetful(queue: &mut Queue, happened: &Happened) {
        apply(queue, happened);
        if let Event::Requeued { ticket, .. } = &happened.event {
            *queue = changed(queue, |memento| {
                let kept = memento.tickets.iter_mut().find(|kept| kept.visit.ticket == *ticket);
                kept.unwrap().arrived_at = Some(happened.at);
            });
        }
    }
    caught(Rules { apply: forgetful, ..HONEST }, "arrival lost");
}

#[test]
fn a_refusal_that_changes_something_is_caught() {
    fn touchy(queue: &mut Queue, at: Timestamp) {
        apply(queue, &Happened::new(at, Event::Paused));
    }
    caught(Rules { refuse: touchy, ..HONEST }, "changed by a refusal");
}

#[test]
fn an_event_that_is_journaled_but_not_applied_is_caught() {
    fn skipping(queue: &mut Queue, happened: &Happened) {
        if !matches!(happened.event, Event::PriorityChanged { .. }) {
            apply(queue, happened);
        }
    }
    caught(Rules { apply: skipping, ..HONEST }, "replay differs");
}

#[test]
fn a_state_that_the_snapshot_does_not_keep_is_caught() {
    fn forgetting(queue: &mut Queue, happened: &Happened) {
        // A count that only the living queue knows of.
        apply(queue, happened);
        if let Event::Offered { .. } = &happened.event {
            *queue = changed(queue, |memento| memento.counters.calls += 1);
        }
    }
    caught(Rules { apply: forgetting, ..HONEST }, "replay from the snapshot differs");
}

#[test]
fn a_tally_that_drifts_is_caught() {
    fn drifting(queue: &Queue) -> View {
        let mut view = View::of(queue);
        view.tally[5] = 0;
        view
    }
    caught(Rules { look: drifting, ..HONEST }, "wrong tally");
}

#[test]
fn a_line_that_keeps_somebody_who_was_called_is_caught() {
    fn keeping(queue: &Queue) -> View {
        let mut view = View::of(queue);
        let called =
            view.tickets.iter().find(|seen| seen.state == State::Called).map(|seen| seen.id);
        view.line.extend(called);
        view
    }
    caught(Rules { look: keeping, ..HONEST }, "wrong line");
}

#[test]
fn a_line_that_loses_somebody_who_waits_is_caught() {
    fn losing(queue: &Queue) -> View {
        let mut view = View::of(queue);
        view.line.pop_last();
        view
    }
    caught(Rules { look: losing, ..HONEST }, "wrong line");
}

#[test]
fn an_index_that_forgets_a_hand_is_caught() {
    fn blind(queue: &Queue) -> View {
        let mut view = View::of(queue);
        view.hands.clear();
        view
    }
    caught(Rules { look: blind, ..HONEST }, "wrong hands");
}

#[test]
fn a_negative_duration_is_caught() {
    let plain = |later: Timestamp, earlier: Timestamp| later.0 - earlier.0;
    caught(Rules { since: plain, ..HONEST }, "negative");
}

#[test]
fn a_model_that_calls_the_youngest_is_caught() {
    caught_by_the_model(Slip::YoungestFirst);
}

#[test]
fn a_model_that_forgets_the_ranks_is_caught() {
    caught_by_the_model(Slip::RankForgotten);
}

#[test]
fn a_model_that_requeues_to_the_end_is_caught() {
    caught_by_the_model(Slip::RequeuedToTheEnd);
}

#[test]
fn a_model_with_one_place_too_many_is_caught() {
    caught_by_the_model(Slip::CapacityOffByOne);
}
