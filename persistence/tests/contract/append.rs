//! Stories of the batch: whole or not at all, and never over somebody else's events.
//!
//! After a refusal the same store goes on.
//! Always true: what `append` answered Ok for can be read by a store opened afterwards.

use std::future::Future;
use std::task::{Context, Waker};

use persistence::testing::TestDatabase;
use persistence::{AppendError, Batch, TicketRow};
use uuid::Uuid;

use super::world::{FORMAT_MAX, Raw, World, at};

pub(crate) async fn a_batch_is_kept_whole_and_read_back(database: TestDatabase) {
    let world = World::new();
    let ticket = world.ticket(0, "A001");
    let other = world.ticket(1, "A002");
    let batch = Batch {
        events: vec![world.event(1), world.event(2)],
        issued: vec![other.clone()],
        tickets: vec![ticket.clone()],
        legs: vec![world.leg(ticket.ticket, 1), world.leg(ticket.ticket, 2)],
        private: vec![world.private(ticket.ticket)],
        intents: vec![world.intent(ticket.ticket)],
        keys: vec![world.key(1, 0)],
        snapshots: vec![world.snapshot(2)],
    };
    let store = database.open().await;
    store.append(&batch).await.unwrap();
    store.close().await;

    let store = database.open().await;
    let events = store.load_all_events(world.tenant, world.stream()).await.unwrap();
    for (stored, new) in events.iter().zip(&batch.events) {
        assert_eq!(
            (stored.version, &*stored.kind, stored.format, stored.at),
            (new.version, new.kind, 1, new.at)
        );
        assert_eq!(
            (&*stored.actor, &stored.cause, &stored.payload),
            (&*new.actor, &new.cause, &new.payload)
        );
    }
    assert_eq!(events.len(), 2);
    assert_eq!(store.ticket(world.tenant, ticket.ticket).await.unwrap().as_ref(), Some(&ticket));
    assert_eq!(store.ticket(world.tenant, other.ticket).await.unwrap(), Some(other));
    assert_eq!(store.legs(world.tenant, ticket.ticket).await.unwrap(), batch.legs);
    assert_eq!(
        store.ticket_private(world.tenant, ticket.ticket).await.unwrap().as_ref(),
        batch.private.first()
    );
    assert_eq!(store.intents(world.tenant, ticket.ticket).await.unwrap(), batch.intents);
    assert_eq!(store.key_reply(world.tenant, 1).await.unwrap().unwrap().body, batch.keys[0].body);
    let loaded = store.load_stream(world.tenant, world.stream(), FORMAT_MAX).await.unwrap();
    assert_eq!(loaded.snapshot.unwrap().state, batch.snapshots[0].state);
}

pub(crate) async fn an_empty_batch_is_fine(database: TestDatabase) {
    database.open().await.append(&Batch::default()).await.unwrap();
}

pub(crate) async fn a_version_that_is_taken_is_refused(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    store.append(&world.events(1, 3)).await.unwrap();
    assert_conflict(store.append(&world.events(3, 4)).await, 3, 3);
    store.close().await;
    // The same from a store that has not seen the stream yet.
    let store = database.open().await;
    assert_conflict(store.append(&world.events(2, 2)).await, 2, 3);
    store.append(&world.events(4, 4)).await.unwrap();
    assert_eq!(store.load_all_events(world.tenant, world.stream()).await.unwrap().len(), 4);
}

pub(crate) async fn a_gap_is_refused(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    assert_conflict(store.append(&world.events(2, 2)).await, 2, 0);
    let mut batch = world.events(1, 1);
    batch.events.push(world.event(3));
    assert_conflict(store.append(&batch).await, 3, 1);
    assert!(store.load_all_events(world.tenant, world.stream()).await.unwrap().is_empty());
}

fn assert_conflict(outcome: Result<(), AppendError>, wanted: u64, ends_at: u64) {
    match outcome {
        Err(AppendError::VersionConflict { version, head, .. }) => {
            assert_eq!((version, head), (wanted, ends_at))
        }
        other => panic!("expected a conflict, found {other:?}"),
    }
}

pub(crate) async fn a_version_taken_behind_the_writers_back_is_refused(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    store.append(&world.events(1, 2)).await.unwrap();
    let raw = Raw { database: &database, world };
    let copy = "insert into events select tenant_id, stream_id, 3, kind, format, at, actor, cause, payload, prev_hash,
        hash from events";
    assert_eq!(raw.change_and(copy, " and version = 2").await, 1);
    assert_conflict(store.append(&world.events(3, 3)).await, 3, 3);
    // The store goes on with other streams.
    store.append(&World::new().events(1, 1)).await.unwrap();
}

pub(crate) async fn a_failing_row_leaves_nothing_of_its_batch(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let mut batch = world.events(1, 1);
    batch.keys.push(world.key(7, 0));
    store.append(&batch).await.unwrap();

    let ticket = world.ticket(0, "A001");
    let failing = Batch {
        events: vec![world.event(2)],
        tickets: vec![ticket.clone()],
        private: vec![world.private(ticket.ticket)],
        keys: vec![world.key(8, 0), world.key(7, 0)],
        snapshots: vec![world.snapshot(2)],
        ..Batch::default()
    };
    assert!(matches!(store.append(&failing).await, Err(AppendError::Unknown(_))));
    assert_eq!(store.load_all_events(world.tenant, world.stream()).await.unwrap().len(), 1);
    assert_eq!(store.ticket(world.tenant, ticket.ticket).await.unwrap(), None);
    assert_eq!(store.ticket_private(world.tenant, ticket.ticket).await.unwrap(), None);
    assert_eq!(store.key_reply(world.tenant, 8).await.unwrap(), None);
    // The same version is free.
    store.append(&world.events(2, 2)).await.unwrap();
}

pub(crate) async fn the_newer_leg_and_version_win(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let row = |leg: u16, version: u64, state: &'static str| {
        let mut row = world.ticket(0, "A001");
        row.ticket = domain::TicketId(world.queue.0);
        (row.leg, row.version, row.state) = (leg, version, state.into());
        row
    };
    let write = async |rows: Vec<TicketRow>| {
        store.append(&Batch { tickets: rows, ..Batch::default() }).await.unwrap();
        store.ticket(world.tenant, domain::TicketId(world.queue.0)).await.unwrap().unwrap().state
    };
    assert_eq!(write(vec![row(1, 5, "waiting"), row(1, 6, "called")]).await, "called");
    assert_eq!(write(vec![row(1, 5, "waiting")]).await, "called");
    // A transfer: the new leg's stream counts its own versions.
    assert_eq!(write(vec![row(2, 1, "waiting"), row(1, 7, "serving")]).await, "waiting");
    assert_eq!(write(vec![row(1, 8, "serving")]).await, "waiting");
}

pub(crate) async fn a_leg_may_end_again(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let ticket = domain::TicketId(Uuid::now_v7());
    let mut again = world.leg(ticket, 1);
    again.outcome = "walked_out".into();
    let served = world.leg(ticket, 1);
    store.append(&Batch { legs: vec![again], ..Batch::default() }).await.unwrap();
    store.append(&Batch { legs: vec![served.clone()], ..Batch::default() }).await.unwrap();
    assert_eq!(store.legs(world.tenant, ticket).await.unwrap(), [served]);
}

pub(crate) async fn a_ticket_issued_and_called_in_one_batch_is_one_row(database: TestDatabase) {
    let (world, store) = (World::new(), database.open().await);
    let (mut new, other) = (world.ticket(1, "A001"), world.ticket(1, "A002"));
    let called = TicketRow { version: 2, state: "called".into(), ..new.clone() };
    let issued = vec![new.clone(), other.clone()];
    store
        .append(&Batch { issued, tickets: vec![called.clone()], ..Batch::default() })
        .await
        .unwrap();
    let row = |ticket| store.ticket(world.tenant, ticket);
    assert_eq!(row(new.ticket).await.unwrap().as_ref(), Some(&called));
    assert_eq!(row(other.ticket).await.unwrap(), Some(other));
    // A row that claims to be new and is not is a fault of ours: nothing of its batch is kept.
    new.version = 3;
    let batch = Batch { issued: vec![new.clone()], ..world.events(1, 1) };
    assert!(matches!(store.append(&batch).await, Err(AppendError::Unknown(_))));
    assert_eq!(row(new.ticket).await.unwrap().unwrap().version, 2);
    assert!(store.load_all_events(world.tenant, world.stream()).await.unwrap().is_empty());
}

pub(crate) async fn a_thousand_events_of_many_streams_are_one_batch(database: TestDatabase) {
    let store = database.open().await;
    let worlds: Vec<World> = (0..10).map(|_| World::new()).collect();
    let mut batch = Batch::default();
    for version in 1..=100 {
        for world in &worlds {
            batch.events.push(world.event(version));
            batch.tickets.push(world.ticket(i64::try_from(version).unwrap(), "A001"));
        }
    }
    store.append(&batch).await.unwrap();
    for world in &worlds {
        assert_eq!(store.load_all_events(world.tenant, world.stream()).await.unwrap().len(), 100);
    }
}

/// Whatever moment the caller gives up at, the batch is there whole or not at all, and the next append works.
pub(crate) async fn an_append_that_nobody_waits_for_harms_nobody(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let mut version = 0;
    for polls in 1..12 {
        let mut batch = world.events(version + 1, version + 20);
        batch.tickets = (0..20).map(|_| world.ticket(polls, "A001")).collect();
        poll_then_drop(store.append(&batch), polls).await;
        let head =
            store.load_stream(world.tenant, world.stream(), FORMAT_MAX).await.unwrap().head.version;
        assert!(
            head == version || head == version + 20,
            "a batch was torn: {head} after {version}"
        );
        // It may still be on its way: this append waits behind it and is refused if it arrived.
        match store.append(&world.events(head + 1, head + 1)).await {
            Ok(()) => version = head + 1,
            Err(AppendError::VersionConflict { head, .. }) => version = head,
            Err(error) => panic!("{error:?}"),
        }
    }
    let events = store.load_all_events(world.tenant, world.stream()).await.unwrap();
    assert_eq!(u64::try_from(events.len()).unwrap(), version);
    assert_eq!(events[0].at, at(1));
}

async fn poll_then_drop(future: impl Future, polls: i64) {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_micros(200)).await;
    }
}
