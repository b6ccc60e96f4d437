//! Planted losses: each way in which a store could betray what was acknowledged is found.
//!
//! Invariant: the same rows without the planted fault pass.

use std::borrow::Cow;

use domain::{Secs, ServiceId, SiteId};
use uuid::Uuid;

use super::*;

fn row(ticket: u128, number: &str, state: &'static str) -> TicketRow {
    TicketRow {
        tenant: TenantId(Uuid::nil()),
        ticket: TicketId(Uuid::from_u128(ticket)),
        queue: QueueId(Uuid::nil()),
        site: SiteId(Uuid::nil()),
        service: ServiceId(Uuid::nil()),
        customer: None,
        agent: None,
        counter: None,
        number: number.to_owned(),
        class: "normal".into(),
        channel: Cow::Borrowed("staff"),
        language: None,
        state: Cow::Borrowed(state),
        outcome: None,
        leg: 1,
        calls: 1,
        requeues: 0,
        issued_at: Timestamp::from_secs(0),
        arrived_at: Some(Timestamp::from_secs(0)),
        first_called_at: None,
        last_called_at: None,
        started_at: None,
        ended_at: None,
        held: Secs(0),
        version: 1,
        tags: "[]".to_owned(),
    }
}

struct Kept {
    rows: Vec<TicketRow>,
    told: HashMap<TicketId, Told>,
    folded: Folded,
}

/// Two tickets, kept as told.
fn kept() -> Kept {
    let rows = vec![row(1, "A001", "served"), row(2, "A002", "waiting")];
    let state = |row: &TicketRow| if row.state == "served" { "served" } else { "waiting" };
    let told =
        rows.iter().map(|row| (row.ticket, Told { number: row.number.clone(), state: state(row) }));
    let states = rows.iter().map(|row| (row.ticket, state(row)));
    let folded = Folded { states: states.collect(), issued_again: Vec::new() };
    Kept { told: told.collect(), folded, rows }
}

/// How many are found lost and doubled.
fn found(kept: &Kept) -> (usize, usize) {
    let mut findings = Findings::default();
    findings.judge_rows(&kept.rows, &kept.told, &kept.folded);
    findings.miss(&kept.told);
    (findings.lost.len(), findings.doubled.len())
}

#[test]
fn what_is_kept_as_told_is_sound() {
    assert_eq!(found(&kept()), (0, 0));
}

#[test]
fn a_missing_row_is_a_lost_ticket() {
    let mut kept = kept();
    kept.rows.pop();
    assert_eq!(found(&kept), (1, 0));
}

#[test]
fn another_state_than_told_is_a_lost_ticket_in_the_row_and_in_the_journal() {
    let mut other_row = kept();
    other_row.rows[0].state = Cow::Borrowed("serving");
    assert_eq!(found(&other_row), (1, 0));
    let mut other_journal = kept();
    other_journal.folded.states.insert(other_journal.rows[0].ticket, "called");
    assert_eq!(found(&other_journal), (1, 0));
    let mut no_journal = kept();
    no_journal.folded.states.clear();
    assert_eq!(found(&no_journal), (2, 0));
}

#[test]
fn a_number_given_twice_on_a_day_is_a_doubled_ticket() {
    let mut kept = kept();
    kept.rows[1].number = "A001".to_owned();
    kept.told.insert(kept.rows[1].ticket, Told { number: "A001".to_owned(), state: "waiting" });
    assert_eq!(found(&kept), (0, 1));
    kept.rows[1].issued_at = Timestamp::from_secs(86_400);
    assert_eq!(found(&kept), (0, 0), "on another day it is given again");
}

#[test]
fn a_ticket_that_nobody_was_told_of_is_a_doubled_one() {
    let mut unknown = kept();
    unknown.rows.push(row(3, "A003", "waiting"));
    assert_eq!(found(&unknown), (0, 1));
    let mut again = kept();
    again.folded.issued_again.push(again.rows[0].ticket);
    assert_eq!(found(&again), (0, 1));
}
