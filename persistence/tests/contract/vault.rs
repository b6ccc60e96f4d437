//! Stories of personal data: sealed wherever it is kept, moved to a new key, erased for good.
//!
//! What is in the database is looked at behind the store's back: every column of every table, and SQLite's files byte by byte.
//! Always true: beside each search that must find nothing, the same search finds what was planted.

use std::sync::Arc;

use domain::{CustomerId, ServiceId, SiteId, TenantId, TicketId};
use persistence::testing::{TestDatabase, options};
use persistence::{
    Batch, CustomerRow, FeedbackRow, MasterKey, NewCustomer, Options, Person, SaveError, Store,
    StoreError, TicketPrivateRow, Whom, open,
};
use uuid::Uuid;

use super::world::{Raw, World, at};

const NAME: &str = "Canari Jaune";
pub(crate) const PHONE: &str = "+221770004711";
const EMAIL: &str = "canari@example.org";
const NOTE: &str = "canari note";
const COMMENT: &str = "canari words";
pub(crate) const CANARIES: [&str; 5] = [NAME, PHONE, EMAIL, NOTE, COMMENT];

/// A tenant that the platform knows of, and a person with a ticket.
pub(crate) struct Story {
    pub(crate) world: World,
    pub(crate) customer: CustomerId,
    pub(crate) ticket: TicketId,
}

impl Story {
    pub(crate) async fn tell(store: &Arc<dyn Store>) -> Self {
        let world = World::new();
        let row = crate::configuration::tenant(&format!("t{}", world.tenant.0.simple()));
        let row = persistence::TenantRow { tenant: world.tenant, ..row };
        store.save_tenant(row).await.unwrap();
        let new = NewCustomer {
            tenant: world.tenant,
            customer: CustomerId(Uuid::now_v7()),
            phone: Some(PHONE.to_owned()),
            email: Some(EMAIL.to_owned()),
            name: Some(NAME.to_owned()),
            language: Some("fr".to_owned()),
            at: at(0),
        };
        let customer = store.find_or_create_customer(new).await.unwrap();
        let mut ticket = world.ticket(0, "A001");
        ticket.customer = Some(customer);
        let mut batch = world.events(1, 1);
        let mut intent = world.intent(ticket.ticket);
        intent.payload = format!(r#"{{"to":"{PHONE}"}}"#);
        batch.private.push(private(world, ticket.ticket));
        batch.intents.push(intent);
        let ticket_id = ticket.ticket;
        batch.tickets.push(ticket);
        store.append(&batch).await.unwrap();
        store.save_feedback(opinion(world, ticket_id)).await.unwrap();
        Self { world, customer, ticket: ticket_id }
    }

    pub(crate) async fn erase(&self, store: &Arc<dyn Store>) -> persistence::ErasureRow {
        let whom = Whom::Customer(self.customer);
        let erased = store.erase(self.world.tenant, whom, Uuid::now_v7(), at(500)).await;
        erased.unwrap().expect("the person is known")
    }
}

pub(crate) fn opinion(world: World, ticket: TicketId) -> FeedbackRow {
    FeedbackRow {
        tenant: world.tenant,
        ticket,
        site: SiteId(world.queue.0),
        queue: world.queue,
        service: ServiceId(world.queue.0),
        agent: None,
        csat: Some(4),
        nps: None,
        comment: Some(COMMENT.to_owned()),
        at: at(0),
    }
}

pub(crate) fn private(world: World, ticket: TicketId) -> TicketPrivateRow {
    TicketPrivateRow {
        name: Some(NAME.to_owned()),
        phone: Some(PHONE.to_owned()),
        email: Some(EMAIL.to_owned()),
        notes: format!(r#"[{{"text":"{NOTE}"}}]"#),
        ..world.private(ticket)
    }
}

pub(crate) fn customer(world: World, phone: &str) -> CustomerRow {
    CustomerRow {
        tenant: world.tenant,
        customer: CustomerId(Uuid::now_v7()),
        person: Person { phone: Some(phone.to_owned()), ..Person::default() },
        version: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// The canaries that stand anywhere in the tables, as text or within bytes.
pub(crate) async fn in_tables(raw: &Raw<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for table in raw.tables().await {
        let rows = raw.dump(&table).await;
        for canary in CANARIES {
            let hex: String = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
            if rows.contains(canary) || rows.to_lowercase().contains(&hex) {
                found.push(format!("{canary} in {table}"));
            }
        }
    }
    found
}

/// The canaries that stand anywhere in a file whose name begins like the database's.
pub(crate) fn in_files(database: &TestDatabase) -> Vec<String> {
    let path = std::path::PathBuf::from(database.url().trim_start_matches("sqlite:"));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let holds = |canary: &&str| bytes.windows(canary.len()).any(|at| at == canary.as_bytes());
        found.extend(
            CANARIES
                .iter()
                .filter(|canary| holds(canary))
                .map(|canary| format!("{canary} in {path:?}")),
        );
    }
    found
}

pub(crate) async fn nothing_personal_is_in_plain(database: TestDatabase) {
    let store = database.open().await;
    let story = Story::tell(&store).await;
    let raw = Raw { database: &database, world: story.world };
    // An intent and a comment are their writers' own texts: the control here, found wherever one looks.
    let mut found = in_tables(&raw).await;
    found.sort();
    assert_eq!(found, [format!("{PHONE} in intents"), format!("{COMMENT} in feedback")]);
    if raw.is_sqlite() {
        let found = in_files(&database);
        let control = |found: &String| found.starts_with(PHONE) || found.starts_with(COMMENT);
        assert!(!found.is_empty() && found.iter().all(control), "{found:?}");
    }
    let tenant = story.world.tenant;
    let row = store.customer(tenant, story.customer).await.unwrap().unwrap();
    assert_eq!(row.person.name.as_deref(), Some(NAME));
    let kept = store.ticket_private(tenant, story.ticket).await.unwrap().unwrap();
    assert_eq!(kept, private(story.world, story.ticket));
    for (phone, email) in [(Some(PHONE), None), (None, Some(EMAIL))] {
        let like = store.customer_like(tenant, phone, email).await.unwrap();
        assert_eq!(like.map(|row| row.customer), Some(story.customer));
    }
    let elsewhere = store.customer_like(World::new().tenant, Some(PHONE), None).await.unwrap();
    assert_eq!(elsewhere, None);
}

pub(crate) async fn plain_rows_of_older_databases_are_sealed(database: TestDatabase) {
    let store = database.open().await;
    let story = Story::tell(&store).await;
    store.close().await;
    let raw = Raw { database: &database, world: story.world };
    let (tenant, ticket) = (raw.id(story.world.tenant.0), raw.id(story.ticket.0));
    let plain = format!("name = '{NAME}', phone = '{PHONE}', email = '{EMAIL}', sealed = null");
    raw.run(format!(
        "update customers set {plain}, phone_index = null, email_index = null where tenant_id = {tenant}"
    ))
    .await;
    raw.run(format!(
        "update ticket_private set {plain}, notes = '[{{\"text\":\"{NOTE}\"}}]' where ticket_id = {ticket}"
    ))
    .await;
    raw.run("update intents set payload = '{}'".to_owned()).await;
    raw.run("delete from feedback".to_owned()).await;
    assert_eq!(in_tables(&raw).await.len(), 7, "they are plain now");
    if raw.is_sqlite() {
        // SQLite as it comes leaves deleted text in the free space of its pages.
        assert!(in_files(&database).iter().any(|found| found.starts_with(COMMENT)));
    }
    let store = database.open().await;
    assert_eq!(in_tables(&raw).await, [""; 0]);
    if raw.is_sqlite() {
        assert_eq!(in_files(&database), [""; 0]);
    }
    let like = store.customer_like(story.world.tenant, Some(PHONE), None).await.unwrap().unwrap();
    assert_eq!((like.customer, like.person.name.as_deref()), (story.customer, Some(NAME)));
    let kept = store.ticket_private(story.world.tenant, story.ticket).await.unwrap().unwrap();
    assert_eq!(kept, private(story.world, story.ticket));
}

pub(crate) async fn a_row_that_was_changed_or_exchanged_is_refused(database: TestDatabase) {
    let store = database.open().await;
    let (one, two) = (Story::tell(&store).await, Story::tell(&store).await);
    let raw = Raw { database: &database, world: one.world };
    let (here, there) = (raw.id(one.ticket.0), raw.id(two.ticket.0));
    raw.run(format!(
        "update ticket_private set sealed = (select sealed from ticket_private where ticket_id = {there})
         where ticket_id = {here}"
    ))
    .await;
    let refused = store.ticket_private(one.world.tenant, one.ticket).await.unwrap_err();
    assert!(refused.to_string().contains("belongs to another row"), "{refused}");
    // Between two rows of one tenant, too.
    let (mine, other) = (TicketId(Uuid::now_v7()), TicketId(Uuid::now_v7()));
    let private = [mine, other].map(|ticket| private(two.world, ticket)).to_vec();
    store.append(&Batch { private, ..Batch::default() }).await.unwrap();
    let (here, there) = (raw.id(mine.0), raw.id(other.0));
    raw.run(format!(
        "update ticket_private set sealed = (select sealed from ticket_private where ticket_id = {there})
         where ticket_id = {here}"
    ))
    .await;
    assert!(store.ticket_private(two.world.tenant, other).await.unwrap().is_some());
    let refused = store.ticket_private(two.world.tenant, mine).await.unwrap_err();
    assert!(refused.to_string().contains("belongs to another row"), "{refused}");
    let tenant = raw.id(two.world.tenant.0);
    let flipped = raw.blob(&"00".repeat(80));
    raw.run(format!("update customers set sealed = {flipped} where tenant_id = {tenant}")).await;
    let refused = store.customer(two.world.tenant, two.customer).await.unwrap_err();
    assert!(matches!(refused, StoreError::UnreadableRow { table: "customers", .. }), "{refused:?}");
    assert!(!refused.to_string().contains(NAME));
}

pub(crate) async fn a_wrong_or_missing_key_is_refused(database: TestDatabase) {
    let store = database.open().await;
    let story = Story::tell(&store).await;
    store.close().await;
    let wrong = Options { vault: Some(MasterKey::generate().unwrap()), ..options() };
    let Err(refused) = open(database.url(), &wrong).await else { panic!("a wrong key opened it") };
    assert!(matches!(refused, StoreError::WrongVaultKey), "{refused:?}");
    let raw = Raw { database: &database, world: story.world };
    let tenant = raw.id(story.world.tenant.0);
    let of_key_9 = raw.blob(&format!("00000009{}", "ab".repeat(60)));
    raw.run(format!("update ticket_private set sealed = {of_key_9} where tenant_id = {tenant}"))
        .await;
    let Err(refused) = open(database.url(), &options()).await else { panic!("key 9 is unknown") };
    assert!(matches!(refused, StoreError::UnknownVaultKey { key: 9, .. }), "{refused:?}");
    raw.run(format!("delete from ticket_private where tenant_id = {tenant}")).await;
    database.open().await.close().await;
}

pub(crate) async fn without_a_vault_nothing_personal_is_taken(database: TestDatabase) {
    let store = open(database.url(), &Options { vault: None, ..options() }).await.unwrap();
    let world = World::new();
    let ticket = TicketId(Uuid::now_v7());
    let batch = Batch { private: vec![world.private(ticket)], ..Batch::default() };
    assert!(store.append(&batch).await.is_err());
    store.append(&world.events(1, 1)).await.unwrap();
    let refused = store.customer(world.tenant, CustomerId(Uuid::now_v7())).await.unwrap_err();
    assert!(matches!(refused, StoreError::VaultShut), "{refused:?}");
}

pub(crate) async fn a_rotation_moves_every_row(database: TestDatabase) {
    let store = database.open().await;
    let (one, two) = (Story::tell(&store).await, Story::tell(&store).await);
    let before = store.vault_status().await.unwrap();
    assert_eq!((before.key, before.rows, before.rows_of_older_keys), (1, 4, 0));
    let after = store.rotate_vault().await.unwrap();
    assert_eq!(
        (after.key, after.keys.as_slice(), after.rows_of_older_keys),
        (2, [1, 2].as_slice(), 0)
    );
    assert_eq!(store.drop_old_vault_keys().await.unwrap(), 1);
    store.close().await;
    let store = database.open().await;
    assert_eq!(store.vault_status().await.unwrap().keys, [2]);
    for story in [one, two] {
        let row = store.customer(story.world.tenant, story.customer).await.unwrap().unwrap();
        assert_eq!(row.person.phone.as_deref(), Some(PHONE));
        assert!(store.ticket_private(story.world.tenant, story.ticket).await.unwrap().is_some());
    }
}

/// More rows than a step takes; the rotation is given up after some of them, as by a kill between two transactions.
#[expect(clippy::disallowed_methods, reason = "the story ends the task itself")]
pub(crate) async fn a_rotation_that_was_cut_off_goes_on(database: TestDatabase) {
    let store = database.open().await;
    let story = Story::tell(&store).await;
    let mut batch = Batch::default();
    for _ in 0..450 {
        batch.private.push(private(story.world, TicketId(Uuid::now_v7())));
    }
    store.append(&batch).await.unwrap();
    let rotating = Arc::clone(&store);
    let cut = tokio::spawn(async move { rotating.rotate_vault().await });
    loop {
        let status = store.vault_status().await.unwrap();
        if status.key == 2 || cut.is_finished() {
            break;
        }
        tokio::task::yield_now().await;
    }
    cut.abort();
    let _ = cut.await;
    store.close().await;
    // Whether the abort came in time is the scheduler's; the key and no row may be lost either way.
    let store = database.open().await;
    let cut_off = store.vault_status().await.unwrap();
    assert_eq!((cut_off.key, cut_off.rows), (2, 452));
    assert_eq!(store.drop_old_vault_keys().await.unwrap() > 0, cut_off.rows_of_older_keys == 0);
    let done = store.rotate_vault().await.unwrap();
    let same_key = if cut_off.rows_of_older_keys > 0 { 2 } else { 3 };
    assert_eq!((done.key, done.rows, done.rows_of_older_keys), (same_key, 452, 0));
    let kept = store.ticket_private(story.world.tenant, story.ticket).await.unwrap();
    assert_eq!(kept, Some(private(story.world, story.ticket)));
}

pub(crate) async fn a_customer_changes_against_its_version(database: TestDatabase) {
    let store = database.open().await;
    let world = World::new();
    let (one, two) = (customer(world, "+1"), customer(world, "+2"));
    store.save_customer(one.clone(), None).await.unwrap();
    store.save_customer(two.clone(), None).await.unwrap();
    let mut changed = CustomerRow { version: 2, ..one.clone() };
    changed.person.consents = r#"{"sms":true}"#.to_owned();
    store.save_customer(changed.clone(), Some(1)).await.unwrap();
    assert_eq!(store.customer(world.tenant, one.customer).await.unwrap().as_ref(), Some(&changed));
    let stale = store.save_customer(changed.clone(), Some(1)).await.unwrap_err();
    assert!(matches!(stale, SaveError::VersionConflict { .. }), "{stale:?}");
    let taken = CustomerRow { version: 3, person: two.person.clone(), ..one.clone() };
    let refused = store.save_customer(taken, Some(2)).await.unwrap_err();
    assert!(matches!(&refused, SaveError::KeyTaken { key, .. } if key == "phone"), "{refused:?}");
    let page = store.customers(world.tenant, None, 1).await.unwrap();
    assert_eq!(page, [changed]);
    let page = store.customers(world.tenant, Some(one.customer), 10).await.unwrap();
    assert_eq!(page, [two]);
    assert_eq!(store.customers(TenantId(Uuid::now_v7()), None, 10).await.unwrap(), []);
}
