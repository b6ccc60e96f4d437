//! Stories of lists: pages, filters, and what a tenant may see.
//!
//! Many tickets share an instant, so that the id has to order them.
//! Always true: the pages of a list hold each ticket once.

use domain::{AgentId, QueueId, TenantId, TicketId};
use persistence::testing::TestDatabase;
use persistence::{Batch, PAGE_ROWS_MAX, Store, StoreError, TicketFilter, TicketOrder, TicketRow};
use uuid::Uuid;

use super::world::{World, at};

async fn keep(store: &dyn Store, tickets: Vec<TicketRow>) {
    store.append(&Batch { tickets, ..Batch::default() }).await.unwrap();
}

/// All pages of `limit` rows.
async fn walk(
    store: &dyn Store,
    tenant: TenantId,
    filter: &TicketFilter,
    limit: u32,
) -> Vec<TicketRow> {
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = store.tickets(tenant, filter, limit, cursor.as_deref()).await.unwrap();
        assert!(page.tickets.len() <= usize::try_from(limit).unwrap());
        all.extend(page.tickets);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return all,
        }
    }
}

fn ids(rows: &[TicketRow]) -> Vec<TicketId> {
    rows.iter().map(|row| row.ticket).collect()
}

pub(crate) async fn pages_show_every_ticket_once(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let mut rows: Vec<TicketRow> = (0..53).map(|n| world.ticket(n / 5, "A001")).collect();
    keep(&*store, rows.clone()).await;
    rows.sort_by_key(|row| (row.issued_at, row.ticket));
    let mut filter = TicketFilter { order: TicketOrder::Oldest, ..TicketFilter::default() };
    assert_eq!(walk(&*store, world.tenant, &filter, 7).await, rows);
    rows.reverse();
    filter.order = TicketOrder::Newest;
    assert_eq!(ids(&walk(&*store, world.tenant, &filter, 1).await), ids(&rows));
    // A page that is exactly full is the last one.
    let page = store.tickets(world.tenant, &filter, 53, None).await.unwrap();
    assert_eq!((page.tickets.len(), page.next), (53, None));
    assert_eq!(
        store.tickets(world.tenant, &filter, PAGE_ROWS_MAX * 9, None).await.unwrap().tickets.len(),
        53
    );
}

pub(crate) async fn tickets_that_come_meanwhile_do_not_disturb_paging(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    keep(&*store, (0..6).map(|n| world.ticket(n, "A001")).collect()).await;
    let filter = TicketFilter::default();
    let first = store.tickets(world.tenant, &filter, 3, None).await.unwrap();
    keep(&*store, vec![world.ticket(100, "A002")]).await;
    let second = store.tickets(world.tenant, &filter, 3, first.next.as_deref()).await.unwrap();
    let seen: Vec<i64> =
        first.tickets.iter().chain(&second.tickets).map(|row| row.issued_at.0).collect();
    assert_eq!(seen, [5, 4, 3, 2, 1, 0].map(|n| at(n).0));
}

pub(crate) async fn filters_narrow(database: TestDatabase) {
    let world = World::new();
    let store = database.open().await;
    let other_queue = QueueId(Uuid::now_v7());
    let agent = AgentId(Uuid::now_v7());
    let mut called = world.ticket(10, "a%7");
    (called.state, called.agent, called.channel) = ("called".into(), Some(agent), "web".into());
    let mut elsewhere = world.ticket(20, "B001");
    elsewhere.queue = other_queue;
    let plain = world.ticket(30, "A017");
    keep(&*store, vec![called.clone(), elsewhere.clone(), plain.clone()]).await;
    let none = TicketFilter::default;
    let expectations = [
        (
            TicketFilter { states: vec!["called".to_owned(), "held".to_owned()], ..none() },
            vec![&called],
        ),
        (TicketFilter { queue: Some(other_queue), ..none() }, vec![&elsewhere]),
        (TicketFilter { site: Some(plain.site), ..none() }, vec![&plain, &elsewhere, &called]),
        (TicketFilter { agent: Some(agent), ..none() }, vec![&called]),
        (TicketFilter { channel: Some("web".to_owned()), ..none() }, vec![&called]),
        (TicketFilter { from: Some(at(20)), ..none() }, vec![&plain, &elsewhere]),
        (TicketFilter { to: Some(at(20)), ..none() }, vec![&called]),
        (TicketFilter { from: Some(at(10)), to: Some(at(11)), ..none() }, vec![&called]),
        (TicketFilter { text: Some("a01".to_owned()), ..none() }, vec![&plain]),
        (TicketFilter { text: Some("A%".to_owned()), ..none() }, vec![&called]),
        (TicketFilter { text: Some("' or 1=1 --".to_owned()), ..none() }, vec![]),
    ];
    for (filter, wanted) in expectations {
        let found = walk(&*store, world.tenant, &filter, 2).await;
        assert_eq!(
            ids(&found),
            wanted.iter().map(|row| row.ticket).collect::<Vec<_>>(),
            "{filter:?}"
        );
    }
}

pub(crate) async fn a_tenant_sees_only_its_own(database: TestDatabase) {
    let (ours, theirs) = (World::new(), World::new());
    let store = database.open().await;
    let row = ours.ticket(0, "A001");
    keep(&*store, vec![row.clone()]).await;
    assert!(walk(&*store, theirs.tenant, &TicketFilter::default(), 10).await.is_empty());
    assert_eq!(store.ticket(theirs.tenant, row.ticket).await.unwrap(), None);
    assert!(store.legs(theirs.tenant, row.ticket).await.unwrap().is_empty());
    assert!(store.load_resources(theirs.tenant).await.unwrap().is_empty());
}

pub(crate) async fn a_foreign_cursor_is_refused(database: TestDatabase) {
    let store = database.open().await;
    let refused =
        store.tickets(World::new().tenant, &TicketFilter::default(), 10, Some("page 2")).await;
    assert!(matches!(refused, Err(StoreError::BadCursor)));
}
