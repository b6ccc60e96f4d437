//! How queues stood: kept once, paged, thinned.
//!
//! Two tenants and two queues, so that none takes another's samples along.
//! Always true: the last sample of every hour outlives any thinning.

use domain::{QueueId, Secs, Timestamp};
use persistence::testing::TestDatabase;
use persistence::{QueueSampleRow, SampleSpan};
use uuid::Uuid;

use crate::world::{World, at};

const HOUR: i64 = 3_600;

fn sample(queue: QueueId, secs: i64) -> QueueSampleRow {
    QueueSampleRow {
        queue,
        at: at(secs),
        waiting: 7,
        longest_wait: Secs(900),
        wait_p50: Some(Secs(120)),
        wait_p90: None,
        wait_p95: Some(Secs(0)),
        agents_available: 1,
        agents_busy: 2,
        agents_on_break: 3,
        called: 9,
        called_in_time: 8,
        served: 6,
        abandoned: 5,
        health: (secs % 2 == 0).then_some(88),
    }
}

pub(crate) async fn samples_are_kept_once_and_paged_from_the_newest(database: TestDatabase) {
    let (world, other) = (World::new(), World::new());
    let store = database.open().await;
    let rows: Vec<_> = (0..5).map(|secs| sample(world.queue, secs)).collect();
    let beside = sample(QueueId(Uuid::now_v7()), 2);
    let all = rows.iter().cloned().chain([beside]).collect();
    store.save_queue_samples(world.tenant, all).await.unwrap();
    let again = QueueSampleRow { waiting: 99, ..rows[3].clone() };
    store.save_queue_samples(world.tenant, vec![again]).await.unwrap();
    let read = async |from: Option<Timestamp>, to: Option<Timestamp>, limit| {
        let span = SampleSpan { from, to };
        store.queue_samples(world.tenant, world.queue, span, limit).await.unwrap()
    };
    let newest_first: Vec<_> = rows.iter().rev().cloned().collect();
    assert_eq!(read(None, None, 100).await, newest_first);
    assert_eq!(read(None, Some(at(3)), 2).await, newest_first[2..4]);
    assert_eq!(read(Some(at(1)), Some(at(3)), 100).await, newest_first[2..4]);
    let foreign = store.queue_samples(other.tenant, world.queue, SampleSpan::default(), 9).await;
    assert_eq!(foreign.unwrap(), []);
    store.close().await;
}

pub(crate) async fn thinning_leaves_the_last_sample_of_each_hour(database: TestDatabase) {
    let (world, other) = (World::new(), World::new());
    let store = database.open().await;
    let beside = QueueId(Uuid::now_v7());
    // Whole hours begin at whole hours since 1970, wherever `at(0)` lies.
    let begin = at(0).0.div_euclid(HOUR * 1_000_000) * HOUR - at(0).0 / 1_000_000 + HOUR;
    let every_ten_minutes: Vec<i64> = (0..18).map(|step| begin + step * 600).collect();
    for (tenant, queue) in
        [(world.tenant, world.queue), (world.tenant, beside), (other.tenant, world.queue)]
    {
        let rows = every_ten_minutes.iter().map(|secs| sample(queue, *secs)).collect();
        store.save_queue_samples(tenant, rows).await.unwrap();
    }
    assert_eq!(store.oldest_sample(world.tenant, at(begin - HOUR)).await.unwrap(), Some(at(begin)));
    let (from, to) = (at(begin), at(begin + 2 * HOUR));
    let mut deleted = Vec::new();
    while deleted.last() != Some(&0) {
        deleted.push(store.thin_samples(world.tenant, from, to, 8).await.unwrap());
    }
    assert_eq!(deleted, [8, 8, 4, 0], "in steps");
    let left = async |tenant, queue| {
        let rows = store.queue_samples(tenant, queue, SampleSpan::default(), 100).await.unwrap();
        let secs = rows.iter().map(|row| (row.at.0 - at(begin).0) / 60_000_000);
        secs.rev().collect::<Vec<_>>()
    };
    let thinned = [50, 110, 120, 130, 140, 150, 160, 170];
    assert_eq!(left(world.tenant, world.queue).await, thinned);
    assert_eq!(left(world.tenant, beside).await, thinned);
    assert_eq!(left(other.tenant, world.queue).await.len(), 18, "another tenant's are its own");
    let oldest = store.oldest_sample(world.tenant, from).await.unwrap();
    assert_eq!(oldest, Some(at(begin + 50 * 60)));
    store.close().await;
}
