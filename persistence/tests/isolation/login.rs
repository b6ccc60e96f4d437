//! Stories of logins: who passes policies over cannot serve, and is told what to do instead.
//!
//! Each refused login is one that really exists in the cluster.
//! Always true: a refusal leaves the database free for the next one.

use persistence::testing::TestDatabase;
use persistence::{Options, StoreError, migrate, open, open_reader};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::two::{Two, run};

async fn refusal(url: &str) -> String {
    match open(url, &Options::default()).await {
        Ok(_) => panic!("{url} may serve"),
        Err(error) => error.to_string(),
    }
}

/// The database's URL with another login, made for this story.
struct Login {
    name: String,
    url: String,
}

impl Login {
    async fn new(database: &TestDatabase, attributes: &str) -> Self {
        let name = format!("login_{}", Uuid::now_v7().simple());
        let mut admin = PgConnection::connect(database.admin_url()).await.unwrap();
        let sql = format!("create role {name} login password 'smartqueue' {attributes}");
        run(&mut admin, sql).await.unwrap();
        let url = database.url().replace("smartqueue_test_app", &name);
        assert_ne!(url, database.url());
        Self { name, url }
    }

    async fn gone(self, database: &TestDatabase) {
        let mut admin = PgConnection::connect(database.admin_url()).await.unwrap();
        run(&mut admin, format!("drop role {}", self.name)).await.unwrap();
    }
}

#[tokio::test]
async fn a_login_that_passes_policies_over_cannot_serve() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let bypass = Login::new(&database, "bypassrls in role smartqueue_app").await;
    let may_bypass = Login::new(&database, &format!("in role {}", bypass.name)).await;
    for url in [database.admin_url(), &bypass.url, &may_bypass.url] {
        let told = refusal(url).await;
        assert!(told.contains("superuser or has BYPASSRLS"), "{told}");
        assert!(told.contains("smartqueue migrate --database OWNER_URL"), "{told}");
        assert!(told.contains("granted the role smartqueue_app"), "{told}");
    }
    database.open().await.close().await;
    may_bypass.gone(&database).await;
    bypass.gone(&database).await;
}

#[tokio::test]
async fn the_owner_and_a_stranger_cannot_serve() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let told = refusal(database.owner_url()).await;
    assert!(told.contains("owns tables of the program"), "{told}");
    let both = Login::new(&database, "in role smartqueue_app, smartqueue_owner").await;
    let told = refusal(&both.url).await;
    assert!(told.contains("owns tables of the program"), "{told}");
    let stranger = Login::new(&database, "").await;
    let told = refusal(&stranger.url).await;
    assert!(told.contains("lacks migration 1"), "it may not even look: {told}");
    both.gone(&database).await;
    stranger.gone(&database).await;
}

#[tokio::test]
async fn a_schema_that_is_not_up_to_date_is_named() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let mut admin = PgConnection::connect(database.admin_url()).await.unwrap();
    for (sql, wanted) in [
        ("update _sqlx_migrations set version = 1000 where version = 5", "lacks migration 5"),
        ("update _sqlx_migrations set checksum = '\\x00' where version = 3", "another migration 3"),
        (
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
            values (9999, 'later', true, '\\x00', 0)",
            "has migration 9999 of a newer program",
        ),
    ] {
        let keep = "create temporary table kept as select * from _sqlx_migrations";
        run(&mut admin, keep).await.unwrap();
        run(&mut admin, sql).await.unwrap();
        let told = refusal(database.url()).await;
        assert!(told.contains(wanted), "{told}");
        let back = "delete from _sqlx_migrations; insert into _sqlx_migrations select * from kept; drop table kept";
        run(&mut admin, back).await.unwrap();
    }
    database.open().await.close().await;
}

#[tokio::test]
async fn an_empty_database_is_migrated_by_its_owner_and_served_by_another() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let empty = format!("empty_{}", Uuid::now_v7().simple());
    let mut admin = PgConnection::connect(database.admin_url()).await.unwrap();
    run(&mut admin, format!("create database {empty} owner smartqueue_test_owner")).await.unwrap();
    let there = |url: &str| {
        let (before, after) = url.split_once("/test_").unwrap();
        format!("{before}/{empty}{}", after.find('?').map_or("", |at| &after[at..]))
    };
    let (app, owner) = (there(database.url()), there(database.owner_url()));
    let told = refusal(&app).await;
    assert!(told.contains("lacks migration 1"), "{told}");
    assert!(matches!(migrate(&app).await, Err(StoreError::Database { .. })));
    let options = Options { migrate_url: Some(owner.clone()), ..Options::default() };
    open(&app, &options).await.unwrap().close().await;
    // From now on the owner is not needed, and migrating again changes nothing, whoever asks.
    open(&app, &Options::default()).await.unwrap().close().await;
    migrate(&app).await.unwrap();
    migrate(&owner).await.unwrap();
    run(&mut admin, format!("drop database {empty}")).await.unwrap();
}

#[tokio::test]
async fn a_reader_beside_the_owner_sees_tenant_by_tenant() {
    let Some(two) = Two::new().await else { return };
    let mut reader = open_reader(two.database.url()).await.unwrap();
    let tenants = reader.tenants().await.unwrap();
    assert_eq!(tenants.len(), 2);
    for row in tenants {
        let rows = reader.resources(row.tenant).await.unwrap();
        assert!(rows.len() == 1 && rows[0].tenant == row.tenant, "{rows:?}");
    }
    reader.close().await;
}
