//! Stories of tampering: whoever edits the journal behind the store's back is found at the first event concerned.
//!
//! Each kind of edit is tried at random places, with a fixed seed so that a failure can be repeated.
//! Always true: an untouched stream loads, so that what is found was put there.

use persistence::StoreError;
use persistence::testing::TestDatabase;

use super::world::{FORMAT_MAX, Raw, World};

const EVENTS: u64 = 40;

/// Edits that leave the row readable, each of another column.
const EDITS: [&str; 9] = [
    "kind = 'ticket.served'",
    "format = 2",
    "at = at + 1",
    "actor = 'somebody else'",
    "cause = 'another cause'",
    "payload = replace(payload, 'number', 'Number')",
    "version = version + 1000",
    "prev_hash = HASH",
    "hash = HASH",
];

/// A small generator of its own: the same places at each run.
fn places(count: usize) -> impl Iterator<Item = u64> {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % (EVENTS - 1) + 1
    })
    .take(count)
}

async fn damaged_at(database: &TestDatabase, world: World) -> Option<u64> {
    let store = database.open().await;
    let found = store.load_all_events(world.tenant, world.stream()).await;
    store.close().await;
    match found {
        Ok(_) => None,
        Err(StoreError::CorruptStream { tenant, stream, version, .. }) => {
            assert_eq!((tenant, stream), (world.tenant, world.stream()));
            Some(version)
        }
        Err(error) => panic!("{error:?}"),
    }
}

/// A world with a stream of `EVENTS` events.
async fn written(database: &TestDatabase) -> World {
    let world = World::new();
    let store = database.open().await;
    store.append(&world.events(1, EVENTS)).await.unwrap();
    store.close().await;
    assert_eq!(damaged_at(database, world).await, None);
    world
}

pub(crate) async fn a_changed_event_is_found_and_named(database: TestDatabase) {
    for (edit, version) in EDITS.iter().zip(places(EDITS.len())) {
        let world = written(&database).await;
        let raw = Raw { database: &database, world };
        let edit = edit.replace("HASH", &raw.blob(&"ab".repeat(32)));
        let changed = raw
            .change_and(&format!("update events set {edit}"), &format!(" and version = {version}"))
            .await;
        assert_eq!(changed, 1);
        assert_eq!(damaged_at(&database, world).await, Some(version), "{edit}");
    }
}

pub(crate) async fn a_deleted_event_is_found_and_named(database: TestDatabase) {
    for version in places(4) {
        let world = written(&database).await;
        let raw = Raw { database: &database, world };
        assert_eq!(
            raw.change_and("delete from events", &format!(" and version = {version}")).await,
            1
        );
        assert_eq!(damaged_at(&database, world).await, Some(version));
    }
}

pub(crate) async fn exchanged_events_are_found_and_named(database: TestDatabase) {
    for version in places(4) {
        let world = written(&database).await;
        let raw = Raw { database: &database, world };
        let next = version + 1;
        for (from, to) in [(version, 9_999), (next, version), (9_999, next)] {
            let set = format!("update events set version = {to}");
            assert_eq!(raw.change_and(&set, &format!(" and version = {from}")).await, 1);
        }
        assert_eq!(damaged_at(&database, world).await, Some(version));
    }
}

pub(crate) async fn an_event_that_cannot_be_read_is_named(database: TestDatabase) {
    let world = written(&database).await;
    let raw = Raw { database: &database, world };
    assert_eq!(raw.change_and("update events set format = -1", " and version = 17").await, 1);
    assert_eq!(damaged_at(&database, world).await, Some(17));
}

pub(crate) async fn a_tail_cut_behind_a_snapshot_is_found(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    world.append_with_snapshot(&store, 1, EVENTS).await;
    store.close().await;
    let raw = Raw { database: &database, world };
    assert_eq!(raw.change_and("delete from events", " and version > 30").await, EVENTS - 30);
    let store = database.open().await;
    let found = store.load_stream(world.tenant, world.stream(), FORMAT_MAX).await.unwrap_err();
    assert!(matches!(found, StoreError::CorruptStream { version: EVENTS, .. }), "{found}");
}
