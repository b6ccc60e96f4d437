//! Stories of recovery: a usable snapshot and the events after it, whatever became of the other snapshots.
//!
//! Snapshots are damaged behind the store's back.
//! Always true: snapshot and tail together cover the whole stream.

use persistence::testing::TestDatabase;
use persistence::{Head, LoadedStream};

use super::world::{FORMAT_MAX, Raw, World};

async fn load(database: &TestDatabase, world: World) -> LoadedStream {
    let store = database.open().await;
    let loaded = store.load_stream(world.tenant, world.stream(), FORMAT_MAX).await.unwrap();
    store.close().await;
    loaded
}

/// Version of the snapshot used (0 for none), and of the first and last event of the tail.
fn shape(loaded: &LoadedStream) -> (u64, Option<u64>, u64) {
    let snapshot = loaded.snapshot.as_ref().map_or(0, |snapshot| snapshot.version);
    (snapshot, loaded.tail.first().map(|event| event.version), loaded.head.version)
}

/// Snapshots after 10 and after 20 of 25 events.
async fn written(database: &TestDatabase) -> World {
    let world = World::new();
    let store = database.open().await;
    world.append_with_snapshot(&store, 1, 10).await;
    world.append_with_snapshot(&store, 11, 20).await;
    store.append(&world.events(21, 25)).await.unwrap();
    store.close().await;
    world
}

async fn damage(database: &TestDatabase, world: World, version: u64) {
    let raw = Raw { database, world };
    let set = format!("update snapshots set state = {}", raw.blob("c000ff"));
    assert_eq!(raw.change_and(&set, &format!(" and version = {version}")).await, 1);
}

pub(crate) async fn recovery_is_the_newest_snapshot_and_the_tail(database: TestDatabase) {
    let world = written(&database).await;
    let loaded = load(&database, world).await;
    assert_eq!(shape(&loaded), (20, Some(21), 25));
    assert_eq!(loaded.snapshot.unwrap().state, world.snapshot(20).state);
    assert_eq!(loaded.tail.last().unwrap().hash, loaded.head.hash);
}

pub(crate) async fn a_damaged_snapshot_costs_a_longer_tail(database: TestDatabase) {
    let world = written(&database).await;
    damage(&database, world, 20).await;
    assert_eq!(shape(&load(&database, world).await), (10, Some(11), 25));
}

pub(crate) async fn two_damaged_snapshots_cost_the_whole_stream(database: TestDatabase) {
    let world = written(&database).await;
    damage(&database, world, 20).await;
    damage(&database, world, 10).await;
    assert_eq!(shape(&load(&database, world).await), (0, Some(1), 25));
}

pub(crate) async fn a_snapshot_from_the_future_is_passed_over(database: TestDatabase) {
    let world = written(&database).await;
    let store = database.open().await;
    let mut batch = world.events(26, 26);
    let mut snapshot = world.snapshot(26);
    snapshot.format = FORMAT_MAX + 1;
    batch.snapshots.push(snapshot);
    store.append(&batch).await.unwrap();
    store.close().await;
    assert_eq!(shape(&load(&database, world).await), (20, Some(21), 26));
}

pub(crate) async fn the_newest_two_snapshots_are_kept(database: TestDatabase) {
    let world = written(&database).await;
    let raw = Raw { database: &database, world };
    assert_eq!(raw.count("snapshots").await, 2);
    let store = database.open().await;
    world.append_with_snapshot(&store, 26, 30).await;
    store.close().await;
    assert_eq!(raw.count("snapshots").await, 2);
    assert_eq!(shape(&load(&database, world).await), (30, None, 30));
    damage(&database, world, 30).await;
    assert_eq!(shape(&load(&database, world).await), (20, Some(21), 30));
}

pub(crate) async fn a_stream_nobody_wrote_is_empty(database: TestDatabase) {
    let loaded = load(&database, World::new()).await;
    assert_eq!(loaded, LoadedStream::default());
    assert_eq!(loaded.head, Head { version: 0, hash: [0; 32] });
}
