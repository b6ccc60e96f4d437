//! Legs counted by day: what is marked, what a counting takes away, and that it says what the legs say.
//!
//! A counting here is what the program's own does: marks first, then legs, then rows and marks in one transaction.
//! Always true: whatever happens in between, once no mark is left the rows are those of a counting from the beginning.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::{AgentId, LocalDay, Secs, TicketId, Timestamp, Zone};
use persistence::testing::TestDatabase;
use persistence::{
    Batch, Count, DayCount, DurationSum, LegRow, Measure, Part, RollUpRow, Settled, Store,
    count_day,
};
use uuid::Uuid;

use crate::world::{World, at};

const DAY: i64 = 86_400;
const FAR: Timestamp = Timestamp(i64::MAX);

fn zone() -> Zone {
    "Europe/Paris".parse().unwrap()
}

/// Numbers that look like chance and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn secs(&mut self, limit: u64) -> u32 {
        u32::try_from(self.below(limit)).unwrap()
    }
}

/// Some leg or other.
fn leg_of(world: &World, dice: &mut Dice, ticket: TicketId) -> LegRow {
    let arrived = at(i64::from(dice.secs(3 * 86_400)));
    let (wait, walk, service) = (dice.secs(4_000), dice.secs(90), dice.secs(2_500));
    let called = arrived.after(Secs(wait));
    let started = called.after(Secs(walk));
    let ended = started.after(Secs(service));
    let leg = world.leg(ticket, 1);
    let class = ["normal", "senior", "vip"][usize::try_from(dice.below(3)).unwrap()];
    let leg = LegRow { class: class.into(), out_of_order: dice.below(20) == 0, ..leg };
    if dice.below(8) == 0 {
        return LegRow {
            outcome: "walked_out".into(),
            agent: None,
            arrived_at: (dice.below(4) > 0).then_some(arrived),
            first_called_at: None,
            last_called_at: None,
            started_at: None,
            ended_at: called,
            wait: None,
            walk: None,
            service_time: None,
            held: Secs(0),
            stay: Secs(wait),
            ..leg
        };
    }
    LegRow {
        agent: Some(AgentId(Uuid::from_u128(u128::from(1 + dice.below(5))))),
        arrived_at: Some(arrived),
        first_called_at: Some(called),
        last_called_at: Some(called),
        started_at: Some(started),
        ended_at: ended,
        held: Secs(0),
        wait: Some(Secs(wait)),
        walk: Some(Secs(walk)),
        service_time: Some(Secs(service)),
        stay: Secs(wait + walk + service),
        ..leg
    }
}

async fn keep(store: &dyn Store, legs: Vec<LegRow>) {
    store.append(&Batch { legs, ..Batch::default() }).await.unwrap();
}

async fn counted(store: &dyn Store, world: &World, day: LocalDay) -> DayCount {
    let (from, to) = (zone().begin_of(day), zone().begin_of(day.plus(1)));
    let legs = store.legs_of_queue(world.tenant, world.queue, from, to).await.unwrap();
    count_day(day, &legs, &zone())
}

/// One step of a roller; false when a mark was set anew meanwhile. `stop_early` is a crash before anything is kept.
async fn step(store: &dyn Store, world: &World, stop_early: bool) -> bool {
    let seen = store.due_roll_ups(world.tenant, 16).await.unwrap();
    let hours = seen.iter().flat_map(|mark| [mark.hour_at, mark.hour_at.after(Secs(3_599))]);
    let days: BTreeSet<LocalDay> = hours.map(|hour| zone().day_of(hour)).collect();
    let mut all = Vec::new();
    for day in days {
        all.push(counted(store, world, day).await);
    }
    if stop_early {
        return true;
    }
    store.save_roll_ups(world.tenant, world.queue, all, Settled::Seen(seen)).await.unwrap()
}

async fn settled(store: &dyn Store, world: &World) {
    while !store.due_roll_ups(world.tenant, 1).await.unwrap().is_empty() {
        step(store, world, false).await;
    }
}

/// Everything kept is what a counting from the beginning says.
async fn assert_sound(store: &dyn Store, world: &World) {
    let kept = store.roll_ups_of_queue(world.tenant, world.queue).await.unwrap();
    let (first, last) = store.span_of_legs(world.tenant, world.queue).await.unwrap().unwrap();
    let days = zone().day_of(first).number()..=zone().day_of(last).number();
    let mut all: Vec<RollUpRow> = Vec::new();
    for day in days {
        all.extend(counted(store, world, LocalDay::from_number(day)).await.rows);
    }
    let key = |row: &RollUpRow| (row.part, row.day, row.item.clone());
    all.sort_by_key(key);
    let mut kept = kept;
    kept.sort_by_key(key);
    assert_eq!(kept, all);
}

pub(crate) async fn a_leg_marks_its_hour_and_is_counted_once(database: TestDatabase) {
    let (world, other) = (World::new(), World::new());
    let store = database.open().await;
    let mut dice = Dice(1);
    let leg = leg_of(&world, &mut dice, TicketId(Uuid::now_v7()));
    keep(store.as_ref(), vec![leg.clone(), other.leg(TicketId(Uuid::now_v7()), 1)]).await;
    let due = store.due_roll_ups(world.tenant, 9).await.unwrap();
    let hour = leg.arrived_at.unwrap_or(leg.ended_at).0 / 3_600_000_000 * 3_600_000_000;
    assert_eq!(due.iter().map(|mark| mark.hour_at.0).collect::<Vec<_>>(), [hour]);
    assert!(step(store.as_ref(), &world, false).await);
    assert_eq!(store.due_roll_ups(world.tenant, 9).await.unwrap(), []);
    assert_sound(store.as_ref(), &world).await;
    let day = zone().day_of(Timestamp(hour));
    let rows = store.roll_ups(world.tenant, Part::Class, day, day).await.unwrap();
    assert_eq!(rows[0].figures.count(Count::Legs), 1);
    assert_eq!(store.roll_up_stamps(world.tenant, day, day).await.unwrap().len(), 1);
    assert_eq!(store.due_roll_ups(other.tenant, 9).await.unwrap().len(), 1, "of its own tenant");
    assert_eq!(store.queues_with_legs(world.tenant).await.unwrap(), [world.queue]);
    store.close().await;
}

pub(crate) async fn a_mark_set_while_somebody_counts_stays(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    keep(store.as_ref(), vec![world.leg(TicketId(Uuid::now_v7()), 1)]).await;
    let seen = store.due_roll_ups(world.tenant, 9).await.unwrap();
    let day = zone().day_of(at(0));
    let stale = counted(store.as_ref(), &world, day).await;
    keep(store.as_ref(), vec![world.leg(TicketId(Uuid::now_v7()), 1)]).await;
    let settled = Settled::Seen(seen);
    let saved = store.save_roll_ups(world.tenant, world.queue, vec![stale], settled).await;
    assert!(!saved.unwrap(), "the mark is not the one that was seen");
    assert_eq!(store.roll_ups_of_queue(world.tenant, world.queue).await.unwrap(), []);
    assert_eq!(store.due_roll_ups(world.tenant, 9).await.unwrap().len(), 1);
    self::settled(store.as_ref(), &world).await;
    assert_sound(store.as_ref(), &world).await;
    store.close().await;
}

pub(crate) async fn a_leg_that_ends_again_is_counted_where_it_is_now(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let leg = LegRow { arrived_at: None, ..world.leg(TicketId(Uuid::now_v7()), 1) };
    keep(store.as_ref(), vec![leg.clone()]).await;
    settled(store.as_ref(), &world).await;
    assert_sound(store.as_ref(), &world).await;
    let later = LegRow {
        arrived_at: Some(at(2 * DAY)),
        ended_at: at(2 * DAY + 600),
        outcome: "no_show".into(),
        ..leg
    };
    keep(store.as_ref(), vec![later]).await;
    assert_eq!(store.due_roll_ups(world.tenant, 9).await.unwrap().len(), 2, "where it was as well");
    settled(store.as_ref(), &world).await;
    assert_sound(store.as_ref(), &world).await;
    let rows = store.roll_ups_of_queue(world.tenant, world.queue).await.unwrap();
    let ended = rows.iter().filter(|row| row.part == Part::Class);
    let no_shows = ended.map(|row| row.figures.count(Count::NoShow)).collect::<Vec<_>>();
    assert_eq!(no_shows, [1]);
    store.close().await;
}

/// Legs end, are reinstated and end again while rollers count, race each other and crash.
pub(crate) async fn whatever_happens_the_rows_are_those_of_the_legs(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let writing = AtomicBool::new(true);
    let write = async {
        let mut dice = Dice(7);
        let mut tickets: Vec<TicketId> = Vec::new();
        for _ in 0..150 {
            let ticket = match tickets.get(usize::try_from(dice.below(60)).unwrap()) {
                Some(known) => *known,
                None => TicketId(Uuid::now_v7()),
            };
            tickets.push(ticket);
            keep(store.as_ref(), vec![leg_of(&world, &mut dice, ticket)]).await;
        }
        writing.store(false, Ordering::SeqCst);
    };
    let roll = async |seed| {
        let mut dice = Dice(seed);
        while writing.load(Ordering::SeqCst) {
            step(store.as_ref(), &world, dice.below(5) == 0).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(write, roll(11), roll(12));
    settled(store.as_ref(), &world).await;
    assert_sound(store.as_ref(), &world).await;
    store.close().await;
}

/// The value at a share of sorted ones, as SQL's percentile_disc has it.
fn exact(sorted: &[u32], share: (usize, usize)) -> u32 {
    sorted[(sorted.len() * share.0).div_ceil(share.1).max(1) - 1]
}

pub(crate) async fn percentiles_of_100000_legs_are_right_to_two_digits(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let mut dice = Dice(42);
    let mut waits = Vec::new();
    let mut walked_out = 0;
    for _ in 0..50 {
        let legs: Vec<LegRow> =
            (0..2_000).map(|_| leg_of(&world, &mut dice, TicketId(Uuid::now_v7()))).collect();
        waits.extend(legs.iter().filter_map(|leg| leg.wait).map(|wait| wait.0));
        walked_out +=
            u64::try_from(legs.iter().filter(|leg| leg.outcome == "walked_out").count()).unwrap();
        keep(store.as_ref(), legs).await;
    }
    settled(store.as_ref(), &world).await;
    let rows = store.roll_ups(
        world.tenant,
        Part::Class,
        zone().day_of(at(-DAY)),
        zone().day_of(at(5 * DAY)),
    );
    let rows = rows.await.unwrap();
    let count = |count| rows.iter().map(|row| row.figures.count(count)).sum::<u64>();
    assert_eq!((count(Count::Legs), count(Count::WalkedOut)), (100_000, walked_out));
    let mut sum = DurationSum::default();
    rows.iter().for_each(|row| sum.add(&row.figures.spread(Measure::Wait).cells));
    waits.sort_unstable();
    let whole: u64 = waits.iter().map(|wait| u64::from(*wait)).sum();
    assert_eq!(sum.count(), u64::try_from(waits.len()).unwrap());
    assert_eq!(rows.iter().map(|row| row.figures.spread(Measure::Wait).sum).sum::<u64>(), whole);
    for (share, told) in [((1, 2), 0.5), ((9, 10), 0.9), ((95, 100), 0.95), ((99, 100), 0.99)] {
        let (found, exact) = (sum.quantile(told).unwrap().0, exact(&waits, share));
        let apart = f64::from(found.abs_diff(exact));
        assert!(apart <= f64::from(exact) * 0.01 + 1.0, "{told}: {found}, exactly {exact}");
    }
    let all = store.legs_of_queue(world.tenant, world.queue, Timestamp(0), FAR).await.unwrap();
    assert_eq!(all.len(), 100_000);
    store.close().await;
}
