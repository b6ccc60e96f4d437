//! Alerts: raised once, cleared once, acknowledged once, and paged from the newest.
//!
//! Always true: of one kind and subject one alert is open at most, and what one tenant keeps is not seen by another.

use domain::{SiteId, Timestamp};
use persistence::testing::TestDatabase;
use persistence::{AlertFilter, AlertRow};
use uuid::Uuid;

use crate::world::{World, at};

fn alert(world: &World, kind: &str, subject: Uuid, secs: i64) -> AlertRow {
    AlertRow {
        tenant: world.tenant,
        id: Uuid::now_v7(),
        kind: kind.to_owned(),
        subject,
        site: SiteId(Uuid::now_v7()),
        raised_at: at(secs),
        cleared_at: None,
        acknowledged_by: None,
        acknowledged_at: None,
        facts: "{}".to_owned(),
        delivery: "{}".to_owned(),
        to_deliver: true,
    }
}

pub(crate) async fn an_alert_is_raised_cleared_and_seen_once(database: TestDatabase) {
    let (world, other) = (World::new(), World::new());
    let store = database.open().await;
    let (queue, tenant) = (Uuid::now_v7(), world.tenant);
    let first = store.raise_alert(alert(&world, "capacity", queue, 0)).await.unwrap();
    let again = store.raise_alert(alert(&world, "capacity", queue, 5)).await.unwrap();
    assert_eq!(again, first, "the one that stands");
    assert!(store.raise_alert(alert(&other, "capacity", queue, 5)).await.unwrap().id != first.id);
    let by = |name: &str| name.to_owned();
    assert!(!store.acknowledge_alert(other.tenant, first.id, by("x"), at(6)).await.unwrap());
    assert!(store.acknowledge_alert(tenant, first.id, by("awa"), at(7)).await.unwrap());
    assert!(!store.acknowledge_alert(tenant, first.id, by("binta"), at(8)).await.unwrap());
    assert!(!store.clear_alert(other.tenant, first.id, at(9), false).await.unwrap());
    store
        .save_alert_delivery(tenant, first.id, "{\"a\":1}".to_owned(), false, false)
        .await
        .unwrap();
    assert!(store.clear_alert(tenant, first.id, at(9), true).await.unwrap());
    assert!(!store.clear_alert(tenant, first.id, at(10), true).await.unwrap(), "cleared once");
    store
        .save_alert_delivery(tenant, first.id, "{\"a\":1}".to_owned(), false, false)
        .await
        .unwrap();
    assert_eq!(store.live_alerts(tenant).await.unwrap().len(), 1, "it is still to be told");
    let next = store.raise_alert(alert(&world, "capacity", queue, 20)).await.unwrap();
    store.close().await;
    let store = database.open().await;
    let kept = store.alert(tenant, first.id).await.unwrap().unwrap();
    assert_eq!((kept.cleared_at, kept.acknowledged_by.as_deref()), (Some(at(9)), Some("awa")));
    assert_eq!((kept.acknowledged_at, kept.delivery.as_str()), (Some(at(7)), "{\"a\":1}"));
    assert_eq!(store.live_alerts(tenant).await.unwrap(), [kept, next.clone()]);
    assert_eq!(store.alert(other.tenant, next.id).await.unwrap(), None);
    store.close().await;
}

pub(crate) async fn alerts_are_paged_from_the_newest(database: TestDatabase) {
    let (world, other) = (World::new(), World::new());
    let store = database.open().await;
    let mut rows = Vec::new();
    for secs in [0, 10, 10, 20, 30] {
        rows.push(
            store.raise_alert(alert(&world, "capacity", Uuid::now_v7(), secs)).await.unwrap(),
        );
    }
    let offline =
        store.raise_alert(alert(&world, "device_offline", Uuid::now_v7(), 5)).await.unwrap();
    store.clear_alert(world.tenant, offline.id, at(40), false).await.unwrap();
    store.raise_alert(alert(&other, "capacity", Uuid::now_v7(), 9)).await.unwrap();
    rows.sort_by_key(|row| std::cmp::Reverse((row.raised_at, row.id)));
    let mut filter = AlertFilter { open: Some(true), ..AlertFilter::default() };
    let mut read: Vec<AlertRow> = Vec::new();
    loop {
        let page = store.alerts(world.tenant, &filter, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        filter.before = Some((last.raised_at, last.id));
        read.extend(page);
    }
    assert_eq!(read, rows);
    let of = async |open, kind: &str, before: Option<(Timestamp, Uuid)>| {
        let filter = AlertFilter { open, kind: Some(kind.to_owned()), before };
        store.alerts(world.tenant, &filter, 9).await.unwrap().len()
    };
    assert_eq!(of(Some(false), "device_offline", None).await, 1);
    assert_eq!(of(Some(true), "device_offline", None).await, 0);
    assert_eq!(of(None, "capacity", Some((rows[1].raised_at, rows[1].id))).await, 3);
    assert_eq!(store.oldest_intent(world.tenant).await.unwrap(), None);
    store.close().await;
}
