//! What the database holds after a death, read by the store alone: no actor of the program takes part.
//!
//! Loading a stream verifies its hash chain and its versions. The rows of tickets are read beside the events.
//! Invariant: nothing is written here.

use std::collections::HashMap;

use domain::{Event, QueueId, Zone};
use persistence::testing::TestDatabase;
use persistence::{PAGE_ROWS_MAX, Store, TicketFilter, TicketOrder, entry};
use uuid::Uuid;

/// Something that the journal says about a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) queue: Uuid,
    pub(crate) kind: String,
    pub(crate) ticket: Uuid,
    /// Of `ticket.issued`: the business day and the number.
    pub(crate) drawn: Option<(String, String)>,
}

/// The journal and the rows made from it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) entries: Vec<Entry>,
    /// State and number of each ticket, as lists show them.
    pub(crate) rows: HashMap<Uuid, (String, String)>,
}

pub(crate) async fn read(database: &TestDatabase) -> Found {
    let store = open(database).await;
    let mut found = Found::default();
    for tenant in store.tenants().await.unwrap() {
        let resources = store.load_resources(tenant.tenant).await.unwrap();
        for queue in resources.iter().filter(|row| row.kind == "queue") {
            let events = store.load_all_events(tenant.tenant, queue.id.into()).await.unwrap();
            for stored in events {
                let event =
                    entry::read_queue_event(&stored.kind, stored.format, &stored.payload).unwrap();
                let Some(ticket) = event.ticket() else { continue };
                let day = || Zone::utc().day_of(stored.at).to_string();
                let drawn = number(&event).map(|number| (day(), number));
                found.entries.push(Entry {
                    queue: queue.id,
                    kind: stored.kind,
                    ticket: ticket.0,
                    drawn,
                });
            }
            read_rows(store.as_ref(), tenant.tenant, QueueId(queue.id), &mut found).await;
        }
    }
    store.close().await;
    found
}

/// The number that the event gives.
fn number(event: &Event) -> Option<String> {
    if let Event::Issued { visit, .. } = event { Some(visit.number.to_string()) } else { None }
}

async fn read_rows(store: &dyn Store, tenant: domain::TenantId, queue: QueueId, found: &mut Found) {
    let filter =
        TicketFilter { queue: Some(queue), order: TicketOrder::Oldest, ..TicketFilter::default() };
    let mut cursor = None;
    loop {
        let page = store.tickets(tenant, &filter, PAGE_ROWS_MAX, cursor.as_deref()).await.unwrap();
        let rows = page.tickets.into_iter();
        found.rows.extend(rows.map(|row| (row.ticket.0, (row.state.into_owned(), row.number))));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return,
        }
    }
}

/// PostgreSQL notices the death of the owner a moment later than we.
async fn open(database: &TestDatabase) -> std::sync::Arc<dyn Store> {
    loop {
        match persistence::open(database.url(), &persistence::Options::default()).await {
            Ok(store) => return store,
            Err(persistence::StoreError::InUse { .. }) => {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}
