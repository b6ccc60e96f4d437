//! Devices' credentials, when devices were heard, people's opinions, and API keys.
//!
//! Pairing replaces, revoking ends, hearing moves forward, an opinion is given once.
//! Always true: what one tenant keeps is not seen by another.

use domain::{AgentId, DeviceId, ServiceId, SiteId, TicketId, Timestamp};
use persistence::testing::TestDatabase;
use persistence::{ApiKeyRow, DeviceCredentialRow, FeedbackRow, SightingRow};
use uuid::Uuid;

use crate::world::{World, at};

fn credential(world: &World, device: DeviceId, seed: u8, secs: i64) -> DeviceCredentialRow {
    DeviceCredentialRow {
        tenant: world.tenant,
        device,
        hash: [seed; 32],
        paired_at: at(secs),
        paired_by: "subject:role:admin".to_owned(),
        revoked_at: None,
    }
}

pub(crate) async fn a_new_pairing_replaces_the_credential(database: TestDatabase) {
    let (world, other) = (World::new(), World::new());
    let store = database.open().await;
    let device = DeviceId(Uuid::now_v7());
    let first = credential(&world, device, 1, 0);
    store.save_device_credential(first.clone()).await.unwrap();
    assert_eq!(store.device_credentials(world.tenant).await.unwrap(), [first]);
    assert!(store.revoke_device(world.tenant, device, at(5)).await.unwrap());
    assert!(!store.revoke_device(world.tenant, device, at(6)).await.unwrap(), "revoked once");
    assert!(!store.revoke_device(other.tenant, device, at(6)).await.unwrap(), "of its own tenant");
    let revoked = store.device_credentials(world.tenant).await.unwrap();
    assert_eq!(revoked[0].revoked_at, Some(at(5)));
    let second = credential(&world, device, 2, 9);
    store.save_device_credential(second.clone()).await.unwrap();
    store.close().await;
    let store = database.open().await;
    assert_eq!(store.device_credentials(world.tenant).await.unwrap(), [second]);
    assert_eq!(store.device_credentials(other.tenant).await.unwrap(), []);
    store.close().await;
}

pub(crate) async fn the_moment_a_device_was_heard_moves_forward(database: TestDatabase) {
    let (world, other) = (World::new(), World::new());
    let store = database.open().await;
    let device = DeviceId(Uuid::now_v7());
    let seen = |secs| SightingRow { device, last_seen_at: at(secs) };
    for (heard, known) in [(10, 10), (70, 70), (30, 70)] {
        store.save_device_sightings(world.tenant, vec![seen(heard)]).await.unwrap();
        assert_eq!(store.device_sightings(world.tenant).await.unwrap(), [seen(known)]);
    }
    assert_eq!(store.device_sightings(other.tenant).await.unwrap(), []);
    store.close().await;
}

fn opinion(world: &World, secs: i64) -> FeedbackRow {
    FeedbackRow {
        tenant: world.tenant,
        ticket: TicketId(Uuid::now_v7()),
        site: SiteId(Uuid::now_v7()),
        queue: world.queue,
        service: ServiceId(Uuid::now_v7()),
        agent: Some(AgentId(Uuid::now_v7())),
        csat: Some(5),
        nps: None,
        comment: Some("très bien, 'vraiment'".to_owned()),
        at: at(secs),
    }
}

pub(crate) async fn an_opinion_is_kept_once(database: TestDatabase) {
    let (world, other) = (World::new(), World::new());
    let store = database.open().await;
    let first = opinion(&world, 1);
    assert!(store.save_feedback(first.clone()).await.unwrap());
    let second = FeedbackRow { csat: Some(1), agent: None, ..first.clone() };
    assert!(!store.save_feedback(second).await.unwrap());
    assert_eq!(store.feedback_on(world.tenant, first.ticket).await.unwrap(), Some(first.clone()));
    assert_eq!(store.feedback_on(other.tenant, first.ticket).await.unwrap(), None);
    store.close().await;
}

pub(crate) async fn opinions_are_paged_from_the_newest(database: TestDatabase) {
    let (world, other) = (World::new(), World::new());
    let store = database.open().await;
    let mut rows: Vec<FeedbackRow> = (0..5).map(|secs| opinion(&world, secs / 2)).collect();
    for row in &rows {
        store.save_feedback(row.clone()).await.unwrap();
    }
    store.save_feedback(opinion(&other, 9)).await.unwrap();
    rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.ticket)));
    let page = async |before: Option<(Timestamp, TicketId)>, site| {
        store.feedback(world.tenant, site, before, 2).await.unwrap()
    };
    let mut read = Vec::new();
    let mut before = None;
    loop {
        let rows = page(before, None).await;
        let Some(last) = rows.last() else { break };
        before = Some((last.at, last.ticket));
        read.extend(rows);
    }
    assert_eq!(read, rows);
    assert_eq!(page(None, Some(rows[3].site)).await, [rows[3].clone()]);
    store.close().await;
}

pub(crate) async fn a_key_is_kept_touched_and_ended(database: TestDatabase) {
    let (world, other) = (World::new(), World::new());
    let store = database.open().await;
    let key = ApiKeyRow {
        tenant: world.tenant,
        key: Uuid::now_v7(),
        name: "reports".to_owned(),
        hash: [3; 32],
        hint: "wxyz".to_owned(),
        role: "manager".to_owned(),
        scopes: "read:queue".to_owned(),
        created_by: "subject:role:admin".to_owned(),
        created_at: at(0),
        expires_at: Some(at(900)),
        last_used_at: None,
        revoked_at: None,
    };
    store.save_api_key(key.clone()).await.unwrap();
    assert_eq!(store.api_keys(world.tenant).await.unwrap(), std::slice::from_ref(&key));
    assert_eq!(store.api_keys(other.tenant).await.unwrap(), []);
    for (used, known) in [(10, 10), (70, 70), (30, 70)] {
        store.touch_api_keys(world.tenant, vec![(key.key, at(used))]).await.unwrap();
        let kept = store.api_keys(world.tenant).await.unwrap();
        assert_eq!(kept[0].last_used_at, Some(at(known)));
    }
    assert!(!store.revoke_api_key(other.tenant, key.key, at(80)).await.unwrap());
    assert!(store.revoke_api_key(world.tenant, key.key, at(80)).await.unwrap());
    assert!(!store.revoke_api_key(world.tenant, key.key, at(81)).await.unwrap(), "ended once");
    assert_eq!(store.api_keys(world.tenant).await.unwrap()[0].revoked_at, Some(at(80)));
    store.close().await;
}
