//! Stories of idempotency keys: kept with their replies, forgotten in order.
//!
//! Numbers ascend over all tenants, as the one writer gives them.
//! Always true: a reply that is read is the reply that was written.

use persistence::testing::TestDatabase;
use persistence::{AppendError, Batch, KeyRow, LiveKey, TenantRow};

use super::configuration::tenant;
use super::world::{World, at};

fn batch(keys: Vec<KeyRow>) -> Batch {
    Batch { keys, ..Batch::default() }
}

pub(crate) async fn keys_survive_a_restart(database: TestDatabase) {
    let (one, two) = (World::new(), World::new());
    let store = database.open().await;
    // Old keys and the highest number are looked for tenant by tenant.
    for (world, slug) in [(one, "one"), (two, "two")] {
        store.save_tenant(TenantRow { tenant: world.tenant, ..tenant(slug) }).await.unwrap();
    }
    assert_eq!(store.max_key_seq().await.unwrap(), 0);
    store.append(&batch(vec![one.key(1, 10), two.key(2, 20), one.key(3, 30)])).await.unwrap();
    store.close().await;

    let store = database.open().await;
    assert_eq!(store.max_key_seq().await.unwrap(), 3);
    let wanted: Vec<LiveKey> = [one.key(1, 10), one.key(3, 30)]
        .map(|row| LiveKey {
            seq: row.seq,
            key_hash: row.key_hash,
            fingerprint: row.fingerprint,
            at: row.at,
        })
        .into();
    assert_eq!(store.live_keys(one.tenant, at(0)).await.unwrap(), wanted);
    assert_eq!(store.live_keys(one.tenant, at(30)).await.unwrap(), wanted[1..]);
    let reply = store.key_reply(two.tenant, 2).await.unwrap().unwrap();
    assert_eq!((reply.status, reply.body), (201, two.key(2, 20).body));
    assert_eq!(store.key_reply(one.tenant, 2).await.unwrap(), None);
}

pub(crate) async fn old_keys_are_forgotten_and_young_ones_stay(database: TestDatabase) {
    let (one, two) = (World::new(), World::new());
    let store = database.open().await;
    // Old keys and the highest number are looked for tenant by tenant.
    for (world, slug) in [(one, "one"), (two, "two")] {
        store.save_tenant(TenantRow { tenant: world.tenant, ..tenant(slug) }).await.unwrap();
    }
    // More than one step's worth for one tenant, and some of another.
    let many = (1..=4_500).map(|seq| one.key(seq, i64::try_from(seq).unwrap())).collect();
    store.append(&batch(many)).await.unwrap();
    store.append(&batch(vec![two.key(5_000, 1), two.key(5_001, 9_000)])).await.unwrap();
    assert_eq!(store.delete_keys_before(at(4_401)).await.unwrap(), 4_401);
    assert_eq!(store.live_keys(one.tenant, at(0)).await.unwrap().len(), 100);
    assert_eq!(store.live_keys(two.tenant, at(0)).await.unwrap().len(), 1);
    assert_eq!(store.delete_keys_before(at(4_401)).await.unwrap(), 0);
}

pub(crate) async fn a_number_is_used_once(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    store.append(&batch(vec![world.key(1, 0)])).await.unwrap();
    let again = store.append(&batch(vec![world.key(1, 0)])).await;
    assert!(matches!(again, Err(AppendError::Unknown(_))), "{again:?}");
    store.append(&batch(vec![world.key(2, 0)])).await.unwrap();
}
