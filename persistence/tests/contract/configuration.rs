//! Stories of configuration rows and customers: versions, keys, and requests that give up.
//!
//! A refused change is looked up afterwards: nothing of it may be there.
//! Always true: a save that answered Ok is read by the next load.

use std::task::{Context, Waker};

use domain::{CustomerId, TenantId};
use persistence::testing::TestDatabase;
use persistence::{NewCustomer, ResourceWrite, SaveError, TenantRow};
use uuid::Uuid;

use super::world::{World, at};

pub(crate) fn tenant(slug: &str) -> TenantRow {
    TenantRow {
        tenant: TenantId(Uuid::now_v7()),
        slug: slug.to_owned(),
        name: "A bank".to_owned(),
        version: 1,
        body: "{}".to_owned(),
        created_at: at(0),
        updated_at: at(0),
    }
}

fn put(id: Uuid, key: &str, version: u64, expected_version: Option<u64>) -> ResourceWrite {
    let body = format!(r#"{{"version":{version}}}"#);
    ResourceWrite::Put {
        kind: "queue".into(),
        id,
        key: key.to_owned(),
        version,
        body,
        expected_version,
    }
}

pub(crate) async fn tenants_are_saved_and_slugs_are_unique(database: TestDatabase) {
    let store = database.open().await;
    let mut first = tenant("first");
    let second = tenant("second");
    store.save_tenant(first.clone()).await.unwrap();
    store.save_tenant(second.clone()).await.unwrap();
    let taken = store.save_tenant(tenant("first")).await;
    assert!(
        matches!(taken, Err(SaveError::KeyTaken { ref key, .. }) if key == "first"),
        "{taken:?}"
    );
    (first.name, first.version) = ("Another name".to_owned(), 2);
    store.save_tenant(first.clone()).await.unwrap();
    assert_eq!(store.tenants().await.unwrap(), [first, second]);
}

pub(crate) async fn resources_move_from_version_to_version(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let id = Uuid::now_v7();
    let save = async |write: ResourceWrite, secs| {
        store.save_resources(world.tenant, vec![write], None, at(secs)).await
    };
    save(put(id, "a", 1, None), 1).await.unwrap();
    save(put(id, "b", 2, Some(1)), 2).await.unwrap();
    let rows = store.load_resources(world.tenant).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((&*rows[0].kind, rows[0].id, &*rows[0].key, rows[0].version), ("queue", id, "b", 2));
    assert_eq!(
        (rows[0].created_at, rows[0].updated_at, &*rows[0].body),
        (at(1), at(2), r#"{"version":2}"#)
    );
    let lost = save(put(id, "c", 2, Some(1)), 3).await;
    assert!(matches!(lost, Err(SaveError::VersionConflict { current: Some(2), .. })), "{lost:?}");
    let there = save(put(id, "c", 1, None), 3).await;
    assert!(matches!(there, Err(SaveError::VersionConflict { current: Some(2), .. })), "{there:?}");
    let delete =
        |expected_version| ResourceWrite::Delete { kind: "queue".into(), id, expected_version };
    assert!(matches!(
        save(delete(Some(1)), 4).await,
        Err(SaveError::VersionConflict { current: Some(2), .. })
    ));
    save(delete(Some(2)), 4).await.unwrap();
    save(delete(None), 4).await.unwrap();
    assert!(store.load_resources(world.tenant).await.unwrap().is_empty());
}

pub(crate) async fn a_refused_change_changes_nothing(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let writes = vec![put(Uuid::now_v7(), "a", 1, None), put(Uuid::now_v7(), "b", 2, Some(1))];
    let refused = store.save_resources(world.tenant, writes, Some(world.key(1, 0)), at(0)).await;
    assert!(
        matches!(refused, Err(SaveError::VersionConflict { current: None, .. })),
        "{refused:?}"
    );
    assert!(store.load_resources(world.tenant).await.unwrap().is_empty());
    assert_eq!(store.key_reply(world.tenant, 1).await.unwrap(), None);
}

pub(crate) async fn a_key_belongs_to_one_resource(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let first = vec![put(Uuid::now_v7(), "a", 1, None)];
    store.save_resources(world.tenant, first, None, at(0)).await.unwrap();
    let second = vec![put(Uuid::now_v7(), "a", 1, None)];
    let taken = store.save_resources(world.tenant, second.clone(), None, at(0)).await;
    assert!(matches!(taken, Err(SaveError::KeyTaken { ref key, .. }) if key == "a"), "{taken:?}");
    store.save_resources(World::new().tenant, second, None, at(0)).await.unwrap();
}

pub(crate) async fn a_request_and_its_reply_are_one(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let write = |key: &str| vec![put(Uuid::now_v7(), key, 1, None)];
    store.save_resources(world.tenant, write("a"), Some(world.key(1, 0)), at(0)).await.unwrap();
    assert_eq!(store.key_reply(world.tenant, 1).await.unwrap().unwrap().status, 201);
    let again = store.save_resources(world.tenant, write("b"), Some(world.key(1, 0)), at(0)).await;
    assert!(matches!(again, Err(SaveError::Store(_))), "{again:?}");
    assert_eq!(store.load_resources(world.tenant).await.unwrap().len(), 1);
}

pub(crate) async fn a_save_goes_on_when_nobody_waits(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    for number in 0..10_u32 {
        let writes = vec![put(Uuid::now_v7(), &number.to_string(), 1, None)];
        let mut save = store.save_resources(world.tenant, writes, None, at(0));
        assert!(save.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    for _ in 0..500 {
        if store.load_resources(world.tenant).await.unwrap().len() == 10 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("a save did not finish");
}

fn person(world: World, phone: Option<&str>, email: Option<&str>) -> NewCustomer {
    NewCustomer {
        tenant: world.tenant,
        customer: CustomerId(Uuid::now_v7()),
        phone: phone.map(str::to_owned),
        email: email.map(str::to_owned),
        name: Some("Awa".to_owned()),
        language: Some("fr".to_owned()),
        at: at(0),
    }
}

pub(crate) async fn a_person_is_recognised(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let awa = person(world, Some("+221"), Some("awa@example.org"));
    assert_eq!(store.find_or_create_customer(awa.clone()).await.unwrap(), awa.customer);
    let by_phone = person(world, Some("+221"), None);
    assert_eq!(store.find_or_create_customer(by_phone).await.unwrap(), awa.customer);
    let by_email = person(world, Some("+222"), Some("awa@example.org"));
    assert_eq!(store.find_or_create_customer(by_email).await.unwrap(), awa.customer);
    let nameless = person(world, None, None);
    assert_eq!(store.find_or_create_customer(nameless.clone()).await.unwrap(), nameless.customer);
    let row = store.customer(world.tenant, awa.customer).await.unwrap().unwrap();
    let kept = row.person;
    assert_eq!((kept.phone, kept.email, kept.name), (awa.phone, awa.email, awa.name));
    let elsewhere = person(World::new(), Some("+221"), None);
    assert_eq!(store.find_or_create_customer(elsewhere.clone()).await.unwrap(), elsewhere.customer);
    assert_eq!(store.customer(world.tenant, elsewhere.customer).await.unwrap(), None);
}

pub(crate) async fn one_person_at_once_is_one_customer(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let ask = || store.find_or_create_customer(person(world, Some("+221"), None));
    let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
    let ids = [a, b, c, d].map(Result::unwrap);
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}
