//! Stories of ownership: one process at a time, and a clear sentence for the other one.
//!
//! Two stores in one process are as foreign to each other as two processes.
//! Always true: after `close` the database is free.

use persistence::testing::TestDatabase;
use persistence::{AppendError, Options, StoreError, migrate, open, open_reader};

use super::world::World;

pub(crate) async fn a_second_owner_is_refused_with_a_sentence(database: TestDatabase) {
    let store = database.open().await;
    let Err(refusal) = open(database.url(), &Options::default()).await else {
        panic!("two owners")
    };
    assert!(matches!(refusal, StoreError::InUse { .. }), "{refusal:?}");
    let sentence = refusal.to_string();
    assert!(sentence.contains("another smartqueue is running on it"), "{sentence}");
    assert!(sentence.contains("database"), "{sentence}");
    assert!(matches!(migrate(database.url()).await, Err(StoreError::InUse { .. })));
    // The first owner does not notice.
    store.append(&World::new().events(1, 1)).await.unwrap();
    store.close().await;
    database.open().await.close().await;
}

pub(crate) async fn a_closed_store_refuses_and_frees_the_database(database: TestDatabase) {
    let world = World::new();
    let old = database.open().await;
    old.append(&world.events(1, 1)).await.unwrap();
    old.close().await;
    assert!(matches!(old.append(&world.events(2, 2)).await, Err(AppendError::Unknown(_))));
    assert!(old.ping().await.is_err());
    let new = database.open().await;
    assert_eq!(new.load_all_events(world.tenant, world.stream()).await.unwrap().len(), 1);
    old.close().await;
    assert!(
        open(database.url(), &Options::default()).await.is_err(),
        "closing twice freed another's database"
    );
}

pub(crate) async fn a_store_answers_a_ping(database: TestDatabase) {
    database.open().await.ping().await.unwrap();
}

pub(crate) async fn migrating_twice_changes_nothing(database: TestDatabase) {
    let world = World::new();
    migrate(database.url()).await.unwrap();
    let store = database.open().await;
    store.append(&world.events(1, 1)).await.unwrap();
    store.close().await;
    migrate(database.url()).await.unwrap();
    let store = database.open().await;
    assert_eq!(store.load_all_events(world.tenant, world.stream()).await.unwrap().len(), 1);
}

pub(crate) async fn a_reader_looks_in_beside_the_owner(database: TestDatabase) {
    let store = database.open().await;
    let tenant = crate::configuration::tenant("acme");
    store.save_tenant(tenant.clone()).await.unwrap();
    let mut reader = open_reader(database.url()).await.unwrap();
    assert_eq!(reader.tenants().await.unwrap(), std::slice::from_ref(&tenant));
    assert!(reader.resources(tenant.tenant).await.unwrap().is_empty());
    reader.close().await;
    // The owner does not notice, and a reader needs none.
    store.append(&World::new().events(1, 1)).await.unwrap();
    store.close().await;
    let mut reader = open_reader(database.url()).await.unwrap();
    assert_eq!(reader.tenants().await.unwrap(), [tenant]);
    reader.close().await;
}
