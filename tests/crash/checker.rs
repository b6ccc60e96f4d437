//! The checker: answers against the journal, in both directions.
//!
//! It knows only what clients wrote down and what the database holds. Each fault that it must find is planted once.
//! Invariant: no answer is missing from the journal, and no event is there that nobody asked for.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::clients::{Answer, Wish};
use crate::journal::Found;

/// Events that may be there although nobody was answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowance {
    /// One for each command under way.
    InFlight(usize),
    Nothing,
}

/// How often something is said of a ticket.
type Counts = BTreeMap<(&'static str, Uuid), usize>;

/// What an answered command must have left behind.
fn effect(answer: &Answer) -> Option<(&'static str, Uuid)> {
    let kind = match answer.wish {
        Wish::SignIn => return None,
        Wish::Issue { .. } => "ticket.issued",
        Wish::CallNext => "ticket.called",
        Wish::Start { .. } => "ticket.started",
        Wish::Finish { .. } => "ticket.served",
        Wish::Transfer { .. } => "ticket.transferred",
    };
    answer.ticket().map(|ticket| (kind, ticket))
}

fn promised(answers: &[Arc<Answer>]) -> Counts {
    let mut counts = Counts::new();
    for effect in answers.iter().filter_map(|answer| effect(answer)) {
        *counts.entry(effect).or_default() += 1;
    }
    counts
}

fn kept(found: &Found) -> Counts {
    let kinds =
        ["ticket.issued", "ticket.called", "ticket.started", "ticket.served", "ticket.transferred"];
    let mut counts = Counts::new();
    for entry in &found.entries {
        if let Some(kind) = kinds.into_iter().find(|kind| *kind == entry.kind) {
            *counts.entry((kind, entry.ticket)).or_default() += 1;
        }
    }
    counts
}

/// Everything that is wrong; empty when nothing is.
pub(crate) fn violations(
    answers: &[Arc<Answer>],
    found: &Found,
    allowance: Allowance,
) -> Vec<String> {
    let (promised, kept) = (promised(answers), kept(found));
    let mut wrong = Vec::new();
    for (effect, promises) in &promised {
        let there = kept.get(effect).copied().unwrap_or_default();
        if there < *promises {
            wrong.push(format!(
                "lost: {effect:?} was acknowledged {promises} times and is there {there} times"
            ));
        }
    }
    let unasked: Vec<_> = kept
        .iter()
        .filter(|(effect, there)| promised.get(effect).copied().unwrap_or_default() < **there)
        .collect();
    let extra: usize = unasked
        .iter()
        .map(|(effect, there)| *there - promised.get(effect).copied().unwrap_or_default())
        .sum();
    let allowed = match allowance {
        Allowance::InFlight(commands) => commands,
        Allowance::Nothing => 0,
    };
    if extra > allowed {
        wrong.push(format!(
            "doubled: {extra} events beyond the acknowledged ones, {allowed} allowed: {unasked:?}"
        ));
    }
    wrong.extend(numbers(found));
    wrong.extend(arrivals(found, allowance));
    wrong.extend(rows(answers, found));
    wrong
}

/// A number is one person's in one queue on one day.
fn numbers(found: &Found) -> Vec<String> {
    let mut given = HashSet::new();
    let drawn = found.entries.iter().filter_map(|entry| Some((entry.queue, entry.drawn.as_ref()?)));
    let twice = drawn.filter(|drawn| !given.insert(*drawn));
    twice.map(|drawn| format!("number given twice: {drawn:?}")).collect()
}

/// Who was sent on arrives, once.
fn arrivals(found: &Found, allowance: Allowance) -> Vec<String> {
    let of = |kind: &str, ticket: Uuid| {
        found.entries.iter().filter(|entry| entry.kind == kind && entry.ticket == ticket).count()
    };
    let tickets: HashSet<Uuid> = found
        .entries
        .iter()
        .filter(|entry| entry.kind == "ticket.transferred")
        .map(|entry| entry.ticket)
        .collect();
    let mut wrong = Vec::new();
    for ticket in tickets {
        let (sent, arrived) = (of("ticket.transferred", ticket), of("ticket.admitted", ticket));
        if arrived > sent || (allowance == Allowance::Nothing && arrived < sent) {
            wrong.push(format!(
                "ticket {ticket} was sent on {sent} times and arrived {arrived} times"
            ));
        }
    }
    wrong
}

/// Every acknowledged ticket is in the lists, with the number that was told.
fn rows(answers: &[Arc<Answer>], found: &Found) -> Vec<String> {
    let issued = answers.iter().filter(|answer| matches!(answer.wish, Wish::Issue { .. }));
    let mut wrong = Vec::new();
    for answer in issued {
        let Some(ticket) = answer.ticket() else { continue };
        let told = serde_json::from_str::<serde_json::Value>(&answer.text).unwrap_or_default();
        match found.rows.get(&ticket) {
            Some((_, number)) if told["number"] == number.as_str() => {}
            other => wrong.push(format!(
                "ticket {ticket} was told {}, its row says {other:?}",
                told["number"]
            )),
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::Answer;
    use crate::journal::Entry;

    /// Three tickets issued, the first called, started and served: answers, and the journal that fits them.
    fn honest() -> (Vec<Arc<Answer>>, Found) {
        let queue = Uuid::from_u128(1);
        let (mut answers, mut found) = (Vec::new(), Found::default());
        let mut happen = |wish: Wish, kind: &str, ticket: Uuid, drawn: Option<u128>| {
            let number = drawn.map(|value| format!("A{value:03}"));
            answers.push(Arc::new(Answer::planted(
                wish,
                ticket,
                number.as_deref().unwrap_or("A001"),
            )));
            let drawn = number.clone().map(|number| ("2026-03-02".to_owned(), number));
            found.entries.push(Entry { queue, kind: kind.to_owned(), ticket, drawn });
            if let Some(number) = number {
                found.rows.insert(ticket, ("waiting".to_owned(), number));
            }
        };
        for value in 1..=3 {
            happen(
                Wish::Issue { queue },
                "ticket.issued",
                Uuid::from_u128(10 + value),
                Some(value),
            );
        }
        let ticket = Uuid::from_u128(11);
        happen(Wish::CallNext, "ticket.called", ticket, None);
        happen(Wish::Start { ticket }, "ticket.started", ticket, None);
        happen(Wish::Finish { ticket }, "ticket.served", ticket, None);
        (answers, found)
    }

    fn complains(answers: &[Arc<Answer>], found: &Found, allowance: Allowance, word: &str) {
        let wrong = violations(answers, found, allowance);
        assert!(
            wrong.iter().any(|complaint| complaint.contains(word)),
            "{word} was not found: {wrong:?}"
        );
    }

    #[test]
    fn an_honest_journal_is_not_complained_about() {
        let (answers, found) = honest();
        assert_eq!(violations(&answers, &found, Allowance::Nothing), Vec::<String>::new());
        let under_way = &answers[..answers.len() - 1];
        assert_eq!(violations(under_way, &found, Allowance::InFlight(1)), Vec::<String>::new());
    }

    #[test]
    fn each_lost_acknowledgement_is_found() {
        let (answers, found) = honest();
        for lost in 0..found.entries.len() {
            let mut found = found.clone();
            found.entries.remove(lost);
            complains(&answers, &found, Allowance::InFlight(6), "lost");
        }
    }

    #[test]
    fn each_doubled_effect_is_found() {
        let (answers, found) = honest();
        for doubled in 0..found.entries.len() {
            let mut found = found.clone();
            let twice = found.entries[doubled].clone();
            found.entries.push(twice);
            complains(&answers, &found, Allowance::Nothing, "doubled");
        }
    }

    #[test]
    fn an_event_that_nobody_asked_for_is_found() {
        let (mut answers, found) = honest();
        answers.pop();
        complains(&answers, &found, Allowance::Nothing, "doubled");
        complains(&answers, &found, Allowance::InFlight(0), "doubled");
    }

    #[test]
    fn a_number_given_twice_is_found() {
        let (answers, mut found) = honest();
        found.entries[1].drawn = found.entries[0].drawn.clone();
        complains(&answers, &found, Allowance::InFlight(6), "number given twice");
    }

    #[test]
    fn a_missing_or_wrong_row_is_found() {
        let (answers, found) = honest();
        let mut without = found.clone();
        without.rows.remove(&Uuid::from_u128(12));
        complains(&answers, &without, Allowance::Nothing, "its row says None");
        let mut wrong = found;
        wrong.rows.insert(Uuid::from_u128(12), ("waiting".to_owned(), "A099".to_owned()));
        complains(&answers, &wrong, Allowance::Nothing, "A099");
    }

    #[test]
    fn who_was_sent_on_and_never_arrived_is_found() {
        let (mut answers, mut found) = honest();
        let (ticket, queue) = (Uuid::from_u128(12), Uuid::from_u128(1));
        answers.push(Arc::new(Answer::planted(
            Wish::Transfer { ticket, to: queue },
            ticket,
            "A002",
        )));
        found.entries.push(Entry {
            queue,
            kind: "ticket.transferred".to_owned(),
            ticket,
            drawn: None,
        });
        complains(&answers, &found, Allowance::Nothing, "arrived 0 times");
        assert_eq!(violations(&answers, &found, Allowance::InFlight(6)), Vec::<String>::new());
        for _ in 0..2 {
            found.entries.push(Entry {
                queue,
                kind: "ticket.admitted".to_owned(),
                ticket,
                drawn: None,
            });
        }
        complains(&answers, &found, Allowance::InFlight(6), "arrived 2 times");
    }
}
