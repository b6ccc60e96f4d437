//! Stories of people who go: erased on request, again after a restore, forgotten after their time.
//!
//! Looked for as in `vault`, in every table and in SQLite's files. Always true: figures stay as they were.

use domain::{CustomerId, TicketId};
use persistence::testing::{TestDatabase, options};
use persistence::{Batch, CustomerRow, Options, Whom, open};
use uuid::Uuid;

use super::vault::{CANARIES, PHONE, Story, customer, in_files, in_tables, opinion, private};
use super::world::{Raw, World, at};

pub(crate) async fn an_erasure_leaves_nothing(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("erasures.jsonl");
    let with_list = Options { erasures: Some(list.clone()), ..options() };
    let store = open(database.url(), &with_list).await.unwrap();
    let story = Story::tell(&store).await;
    let stays = Story::tell(&store).await;
    let raw = Raw { database: &database, world: story.world };
    let receipt = story.erase(&store).await;
    let tenant = story.world.tenant;
    assert_eq!((receipt.tickets, receipt.customer, receipt.at), (1, Some(story.customer), at(500)));
    assert_eq!(store.customer(tenant, story.customer).await.unwrap(), None);
    assert_eq!(store.ticket_private(tenant, story.ticket).await.unwrap(), None);
    assert_eq!(store.customer_like(tenant, Some(PHONE), None).await.unwrap(), None);
    assert_eq!(store.intents(tenant, story.ticket).await.unwrap()[0].payload, "{}");
    assert!(store.ticket(tenant, story.ticket).await.unwrap().is_some(), "the figures stay");
    assert_eq!(store.load_all_events(tenant, story.world.stream()).await.unwrap().len(), 1);
    assert_eq!(store.erasure(tenant, receipt.erasure).await.unwrap().as_ref(), Some(&receipt));
    assert_eq!(store.erasures(tenant, None, 10).await.unwrap(), std::slice::from_ref(&receipt));
    assert_eq!(store.erasures(stays.world.tenant, None, 10).await.unwrap(), []);
    assert!(store.customer(stays.world.tenant, stays.customer).await.unwrap().is_some());
    // The control: the other tenant's person has the same canary in an intent until their turn comes.
    assert!(!in_tables(&raw).await.is_empty());
    stays.erase(&store).await;
    assert_eq!(in_tables(&raw).await, [""; 0]);
    if raw.is_sqlite() {
        assert_eq!(in_files(&database), [""; 0]);
    }
    let listed = std::fs::read_to_string(&list).unwrap();
    assert!(CANARIES.iter().all(|canary| !listed.contains(canary)), "{listed}");
    let unknown = Whom::Customer(CustomerId(Uuid::now_v7()));
    assert_eq!(store.erase(tenant, unknown, Uuid::now_v7(), at(0)).await.unwrap(), None);
}

/// Whole pages of it, so that the space is freed and not used again at once.
pub(crate) async fn what_an_erasure_deletes_is_overwritten(database: TestDatabase) {
    let store = database.open().await;
    let story = Story::tell(&store).await;
    let mut batch = Batch::default();
    for _ in 0..200 {
        let mut ticket = story.world.ticket(0, "A002");
        ticket.customer = Some(story.customer);
        let mut intent = story.world.intent(ticket.ticket);
        intent.payload = format!(r#"{{"to":"{PHONE}"}}"#);
        store.save_feedback(opinion(story.world, ticket.ticket)).await.unwrap();
        batch.intents.push(intent);
        batch.tickets.push(ticket);
    }
    store.append(&batch).await.unwrap();
    assert_eq!(story.erase(&store).await.tickets, 201);
    let raw = Raw { database: &database, world: story.world };
    assert_eq!(in_tables(&raw).await, [""; 0]);
    if raw.is_sqlite() {
        assert_eq!(in_files(&database), [""; 0]);
    }
}

pub(crate) async fn a_ticket_without_a_customer_is_erased_alone(database: TestDatabase) {
    let store = database.open().await;
    let story = Story::tell(&store).await;
    let alone = story.world.ticket(0, "A002");
    let mut batch = Batch { private: vec![private(story.world, alone.ticket)], ..Batch::default() };
    batch.tickets.push(alone.clone());
    store.append(&batch).await.unwrap();
    let tenant = story.world.tenant;
    let erase = |ticket| store.erase(tenant, Whom::Ticket(ticket), Uuid::now_v7(), at(500));
    let receipt = erase(alone.ticket).await.unwrap().unwrap();
    assert_eq!((receipt.customer, receipt.tickets), (None, 1));
    assert_eq!(store.ticket_private(tenant, alone.ticket).await.unwrap(), None);
    assert!(store.customer(tenant, story.customer).await.unwrap().is_some());
    let receipt = erase(story.ticket).await.unwrap().unwrap();
    assert_eq!(receipt.customer, Some(story.customer));
    assert_eq!(store.customer(tenant, story.customer).await.unwrap(), None);
    assert_eq!(erase(TicketId(Uuid::now_v7())).await.unwrap(), None);
    let foreign =
        store.erase(World::new().tenant, Whom::Ticket(alone.ticket), Uuid::now_v7(), at(0));
    assert_eq!(foreign.await.unwrap(), None);
}

/// A03. The backup is a copy of the rows, put back behind the store's back; no erasure is in it.
pub(crate) async fn a_restored_backup_is_erased_again_before_it_serves(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("erasures.jsonl");
    let with_list = Options { erasures: Some(list), ..options() };
    let store = open(database.url(), &with_list).await.unwrap();
    let story = Story::tell(&store).await;
    let raw = Raw { database: &database, world: story.world };
    raw.run("create table kept_c as select * from customers".to_owned()).await;
    raw.run("create table kept_p as select * from ticket_private".to_owned()).await;
    story.erase(&store).await;
    store.close().await;
    let restore = || async {
        raw.run("insert into customers select * from kept_c".to_owned()).await;
        raw.run("insert into ticket_private select * from kept_p".to_owned()).await;
        raw.run("delete from erasures".to_owned()).await;
    };
    restore().await;
    // The control: without the list the person is back.
    let store = database.open().await;
    let tenant = story.world.tenant;
    assert!(store.customer(tenant, story.customer).await.unwrap().is_some());
    store.close().await;
    let store = open(database.url(), &with_list).await.unwrap();
    assert_eq!(store.customer(tenant, story.customer).await.unwrap(), None);
    assert_eq!(store.ticket_private(tenant, story.ticket).await.unwrap(), None);
    assert_eq!(store.erasures(tenant, None, 10).await.unwrap().len(), 1);
    // Who comes back after the erasure is somebody new, and stays through the next start.
    let again = CustomerRow { created_at: at(900), ..customer(story.world, PHONE) };
    store.save_customer(again.clone(), None).await.unwrap();
    store.close().await;
    let store = open(database.url(), &with_list).await.unwrap();
    assert!(store.customer(tenant, again.customer).await.unwrap().is_some());
}

pub(crate) async fn people_are_forgotten_after_their_time(database: TestDatabase) {
    let store = database.open().await;
    let story = Story::tell(&store).await;
    let tenant = story.world.tenant;
    let forget = |secs| store.forget_people_before(tenant, at(secs));
    assert_eq!(forget(10_000).await.unwrap(), 0, "the ticket is live");
    let mut ended = story.world.ticket(0, "A001");
    ended.ticket = story.ticket;
    ended.customer = Some(story.customer);
    ended.ended_at = Some(at(300));
    ended.version += 1;
    store.append(&Batch { tickets: vec![ended], ..Batch::default() }).await.unwrap();
    assert_eq!(forget(300).await.unwrap(), 0, "not yet");
    assert_eq!(forget(301).await.unwrap(), 4, "customer, private row, intent, comment");
    assert_eq!(forget(301).await.unwrap(), 0);
    let raw = Raw { database: &database, world: story.world };
    assert_eq!(in_tables(&raw).await, [""; 0]);
    assert!(store.ticket(tenant, story.ticket).await.unwrap().is_some(), "the figures stay");
}
