//! Stories of the past as plans read it: arrivals by half-hour, single visits, and whose they are.
//!
//! Times are counted from a round half-hour. Always true: no answer holds another tenant's or another queue's visits.

use domain::{QueueId, Secs, SiteId, TicketId};
use persistence::testing::TestDatabase;
use persistence::{Batch, HistoryFilter, LegRow, Store};
use uuid::Uuid;

use super::world::{World, at};

/// 200 s before this begins a half-hour of UTC.
const ROUND: i64 = 1_600;

fn leg(world: &World, arrives: i64, class: &str) -> LegRow {
    LegRow {
        class: class.into(),
        arrived_at: Some(at(arrives)),
        first_called_at: Some(at(arrives + 60)),
        last_called_at: Some(at(arrives + 70)),
        ended_at: at(arrives + 200),
        held: Secs(5),
        ..world.leg(TicketId(Uuid::now_v7()), 1)
    }
}

fn all(world: &World) -> HistoryFilter {
    HistoryFilter {
        tenant: world.tenant,
        site: SiteId(world.queue.0),
        queue: None,
        from: at(ROUND),
        to: at(ROUND + 7_200),
    }
}

async fn keep(store: &dyn Store, legs: Vec<LegRow>) {
    store.append(&Batch { legs, ..Batch::default() }).await.unwrap();
}

pub(crate) async fn arrivals_are_counted_by_half_hour_and_class(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let begins = at(ROUND).0.div_euclid(1_800_000_000) * 1_800_000_000;
    let first = (begins - at(0).0) / 1_000_000;
    let never_came = LegRow { arrived_at: None, ..leg(&world, first, "normal") };
    let elsewhere = LegRow { site: SiteId(Uuid::now_v7()), ..leg(&world, first, "normal") };
    let other_queue = LegRow { queue: QueueId(Uuid::now_v7()), ..leg(&world, first, "normal") };
    let mut legs: Vec<LegRow> =
        [0, 10, 1_799, 1_800].map(|after| leg(&world, first + after, "normal")).to_vec();
    legs.extend([leg(&world, first + 1_801, "senior"), never_came, elsewhere, other_queue]);
    keep(&*store, legs).await;
    let filter = HistoryFilter { queue: Some(world.queue), from: at(first), ..all(&world) };
    let rows = store.arrivals(filter).await.unwrap();
    let found: Vec<(i64, &str, u32)> = rows
        .iter()
        .map(|row| ((row.half_hour.0 - begins) / 1_000_000, &*row.class, row.came))
        .collect();
    assert_eq!(found, [(0, "normal", 3), (1_800, "normal", 1), (1_800, "senior", 1)]);
    let site = HistoryFilter { queue: None, ..filter };
    let came: u32 = store.arrivals(site).await.unwrap().iter().map(|row| row.came).sum();
    assert_eq!(came, 6, "the other queue of the site counts too");
    let short = HistoryFilter { to: at(first + 1_800), ..filter };
    assert_eq!(store.arrivals(short).await.unwrap().len(), 1, "the end is not asked for");
    let foreign = HistoryFilter { tenant: World::new().tenant, ..filter };
    assert_eq!(store.arrivals(foreign).await.unwrap(), []);
}

pub(crate) async fn visits_tell_how_long_people_waited_and_counters_were_taken(
    database: TestDatabase,
) {
    let world = World::new();
    let store = database.open().await;
    let left = LegRow {
        first_called_at: None,
        last_called_at: None,
        ended_at: at(ROUND + 100 + 45),
        outcome: "walked_out".into(),
        ..leg(&world, ROUND + 100, "normal")
    };
    keep(&*store, vec![leg(&world, ROUND, "normal"), left]).await;
    let rows = store.history(all(&world), 10).await.unwrap();
    let found: Vec<_> = rows.iter().map(|row| (row.arrived_at, row.waited, row.taken)).collect();
    let expected = [(at(ROUND + 100), Secs(45), None), (at(ROUND), Secs(60), Some(Secs(125)))];
    assert_eq!(found, expected, "newest first");
    assert_eq!(store.history(all(&world), 1).await.unwrap().len(), 1);
    let foreign = HistoryFilter { tenant: World::new().tenant, ..all(&world) };
    assert_eq!(store.history(foreign, 10).await.unwrap(), []);
}
