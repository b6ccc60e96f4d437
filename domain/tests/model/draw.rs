//! How random walks are drawn: which asks, how often, and how the clock jumps.
//!
//! Much of what is asked fits who stands where, so that walks go deep; the rest may be nonsense, and is refused.
//! Invariant: a ticket of this queue is issued under an id of its own.

use domain::{Placement, State};
use proptest::prelude::*;

use crate::book::{Book, Row};
use crate::world::{AGENTS, Ask, Come, FOREIGN, Join, SUPERVISOR, Setup, Step};

pub(crate) fn setup() -> impl Strategy<Value = Setup> + Clone {
    let capacity = prop_oneof![Just(None), (1..6u32).prop_map(Some)];
    let longest_wait = prop_oneof![3 => Just(None), 1 => Just(Some(900))];
    (any::<bool>(), capacity, any::<bool>(), longest_wait, 0..2u8).prop_map(
        |(priority, capacity, automatic, longest_wait, requeues_max)| Setup {
            priority,
            capacity,
            automatic,
            longest_wait,
            requeues_max,
        },
    )
}

/// Steps for a walk that has come as far as this book says.
pub(crate) fn step(book: &Book) -> BoxedStrategy<Step> {
    let jump_secs = prop_oneof![12 => 0..40, 3 => -90..0, 2 => 60..1_200, 1 => -90_000..90_000];
    (jump_secs, ask(book)).prop_map(|(jump_secs, ask)| Step { jump_secs, ask }).boxed()
}

fn ask(book: &Book) -> BoxedStrategy<Ask> {
    let issued = book.issued;
    prop_oneof![
        5 => joining(issued),
        8 => sensible(book),
        3 => at_work(issued),
        2 => leaving(issued),
        2 => upkeep(issued),
    ]
    .boxed()
}

/// What could well be granted, given who stands where, and a call of those who have gone:
/// without these a walk is mostly nonsense.
fn sensible(book: &Book) -> BoxedStrategy<Ask> {
    let mut asks: Vec<Ask> = book.rows.iter().flat_map(of_row).collect();
    asks.extend(book.outbound.iter().map(|(ticket, leg)| Ask::Confirm(*ticket, *leg)));
    asks.extend((0..AGENTS).map(Ask::CallNext));
    proptest::sample::select(asks).boxed()
}

fn of_row(row: &Row) -> Vec<Ask> {
    let (ticket, by) = (row.ticket, row.agent);
    match row.state {
        State::Remote => vec![Ask::CheckIn(ticket)],
        State::Waiting => vec![Ask::CallTicket(ticket, 0), Ask::Offer(0, 0), Ask::Offer(1, 1)],
        State::Offered => {
            vec![Ask::Accept(row.offer, ticket, by), Ask::Withdraw(row.offer, ticket)]
        }
        State::Called => vec![
            Ask::Start(ticket, by),
            Ask::Start(ticket, by),
            Ask::Recall(ticket, by),
            Ask::NoShow(ticket, by),
            Ask::Requeue(ticket, by),
            Ask::Hold(ticket, by, false),
        ],
        State::Serving => {
            vec![Ask::Finish(ticket, by), Ask::Hold(ticket, by, true), Ask::Transfer(ticket, by)]
        }
        State::Held => {
            vec![Ask::Resume(ticket, by), Ask::CallTicket(ticket, by), Ask::Requeue(ticket, by)]
        }
        State::Served
        | State::NoShow
        | State::WalkedOut
        | State::Cancelled
        | State::Removed
        | State::Expired => vec![Ask::Reinstate(ticket), Ask::CallTicket(ticket, 0)],
    }
}

/// Mostly those who joined last: they are the ones about whom something can still be asked.
fn ticket(issued: u16) -> BoxedStrategy<u16> {
    prop_oneof![8 => issued.saturating_sub(5)..=issued, 1 => 0..=issued, 2 => FOREIGN..FOREIGN + 3]
        .boxed()
}

fn joining(issued: u16) -> BoxedStrategy<Ask> {
    let customer = prop_oneof![Just(None), (0..4u8).prop_map(Some)];
    let issue = (0..4u8, any::<bool>(), customer, 0..3u8, any::<bool>()).prop_map(
        move |(class, self_service, customer, needs, remote)| {
            Ask::Issue(Join {
                ticket: issued,
                class,
                self_service,
                customer,
                needs,
                remote: remote && needs == 0,
            })
        },
    );
    let placement = prop_oneof![
        Just(Placement::Keep),
        Just(Placement::First),
        (0..4u32).prop_map(Placement::Behind)
    ];
    let known = prop_oneof![FOREIGN..FOREIGN + 3, 0..issued.max(1)];
    let known = known.prop_map(move |ticket| if issued == 0 { FOREIGN } else { ticket });
    let admit = (known, 2..5u16, placement, 0..3u8, 0..900u16).prop_map(
        |(ticket, leg, placement, needs, came_secs_ago)| {
            Ask::Admit(Come { ticket, leg, placement, needs, came_secs_ago })
        },
    );
    prop_oneof![8 => issue, 2 => admit, 1 => ticket(issued).prop_map(Ask::CheckIn)].boxed()
}

fn at_work(issued: u16) -> BoxedStrategy<Ask> {
    let whose = move || (ticket(issued), 0..=SUPERVISOR);
    let which = move || (ticket(issued), 0..AGENTS);
    prop_oneof![
        6 => (0..AGENTS).prop_map(Ask::CallNext),
        2 => which().prop_map(|(ticket, agent)| Ask::CallTicket(ticket, agent)),
        3 => (0..AGENTS, 0..3u8).prop_map(|(agent, offer)| Ask::Offer(agent, offer)),
        2 => (0..3u8, which()).prop_map(|(offer, (ticket, agent))| Ask::Accept(offer, ticket, agent)),
        2 => (0..3u8, ticket(issued)).prop_map(|(offer, ticket)| Ask::Withdraw(offer, ticket)),
        4 => whose().prop_map(|(ticket, by)| Ask::Recall(ticket, by)),
        4 => whose().prop_map(|(ticket, by)| Ask::Start(ticket, by)),
        2 => (whose(), any::<bool>()).prop_map(|((ticket, by), pool)| Ask::Hold(ticket, by, pool)),
        2 => which().prop_map(|(ticket, agent)| Ask::Resume(ticket, agent)),
        3 => whose().prop_map(|(ticket, by)| Ask::Finish(ticket, by)),
        2 => whose().prop_map(|(ticket, by)| Ask::NoShow(ticket, by)),
        2 => whose().prop_map(|(ticket, by)| Ask::Requeue(ticket, by)),
        2 => whose().prop_map(|(ticket, by)| Ask::Transfer(ticket, by)),
    ]
    .boxed()
}

fn leaving(issued: u16) -> BoxedStrategy<Ask> {
    prop_oneof![
        1 => ticket(issued).prop_map(Ask::Cancel),
        1 => ticket(issued).prop_map(Ask::Remove),
        1 => ticket(issued).prop_map(Ask::WalkOut),
        2 => ticket(issued).prop_map(Ask::Reinstate),
        1 => (ticket(issued), 2..4u16).prop_map(|(ticket, leg)| Ask::Confirm(ticket, leg)),
    ]
    .boxed()
}

fn upkeep(issued: u16) -> BoxedStrategy<Ask> {
    prop_oneof![
        1 => (ticket(issued), any::<bool>()).prop_map(|(ticket, one)| Ask::Tag(ticket, one)),
        1 => (ticket(issued), 0..4u8).prop_map(|(ticket, class)| Ask::SetPriority(ticket, class)),
        1 => ticket(issued).prop_map(Ask::Announced),
        4 => Just(Ask::Open),
        1 => Just(Ask::Pause),
        1 => any::<bool>().prop_map(Ask::SetClosing),
        1 => any::<bool>().prop_map(Ask::Close),
        2 => setup().prop_map(Ask::Configure),
        4 => Just(Ask::Tick),
    ]
    .boxed()
}
