//! The two schemas say the same: tables, columns in order, types, nulls, keys.
//!
//! SQLite is asked by its pragmas, PostgreSQL by its catalogue; both answers are brought to the same lines.
//! Always true: every primary key and unique index of a tenant's table begins with the tenant.

use std::path::Path;

use persistence::migrate;
use persistence::testing::TestDatabase;
use sqlx::{Connection, PgConnection, Row, SqliteConnection};

/// `table.column type null|not null`, in the order of the columns.
async fn sqlite_columns(url: &str) -> Vec<String> {
    let sql = "select m.name || '.' || c.name as place, lower(c.type) as type, c.\"notnull\" as required
        from sqlite_master m join pragma_table_info(m.name) c
        where m.type = 'table' and m.name not like '\\_sqlx%' escape '\\' and m.name not like 'sqlite%'
        order by m.name, c.cid";
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
    rows.iter()
        .map(|row| line(row.get("place"), row.get("type"), row.get::<i64, _>("required") != 0))
        .collect()
}

async fn postgres_columns(url: &str) -> Vec<String> {
    let sql = "select table_name || '.' || column_name as place, data_type::text as type, is_nullable = 'NO' as required
        from information_schema.columns where table_schema = 'public' and table_name not like '\\_sqlx%'
        order by table_name, ordinal_position";
    let mut connection = PgConnection::connect(url).await.unwrap();
    let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| line(row.get("place"), row.get("type"), row.get("required"))).collect()
}

fn line(place: &str, kind: &str, required: bool) -> String {
    let kind = match kind {
        "uuid" | "bytea" => "blob",
        "bigint" | "boolean" => "integer",
        other => other,
    };
    format!("{place} {kind} {}", if required { "not null" } else { "null" })
}

/// `table(column, …)` of each primary key and unique index.
async fn sqlite_unique(url: &str) -> Vec<String> {
    let sql = "select m.name || '(' || group_concat(c.name, ', ' order by c.seqno) || ')' as place
        from sqlite_master m join pragma_index_list(m.name) i join pragma_index_info(i.name) c
        where m.type = 'table' and i.\"unique\" = 1 and m.name not like '\\_sqlx%' escape '\\'
        group by m.name, i.name order by 1";
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| row.get("place")).collect()
}

async fn postgres_unique(url: &str) -> Vec<String> {
    let sql = "select t.relname || '(' || string_agg(a.attname, ', ' order by k.place) || ')' as place
        from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
        cross join lateral unnest(i.indkey) with ordinality as k (number, place)
        join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number
        where i.indisunique and n.nspname = 'public' and t.relname not like '\\_sqlx%'
        group by t.relname, i.indexrelid order by 1";
    let mut connection = PgConnection::connect(url).await.unwrap();
    let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| row.get("place")).collect()
}

#[tokio::test]
async fn both_schemas_have_the_same_columns_and_keys() {
    let Some(postgres) = TestDatabase::postgres().await else { return };
    let sqlite = TestDatabase::sqlite();
    migrate(sqlite.url()).await.unwrap();
    let columns = sqlite_columns(sqlite.url()).await;
    assert!(columns.len() > 80, "{columns:?}");
    assert_eq!(columns, postgres_columns(postgres.admin_url()).await);
    let mut unique =
        (sqlite_unique(sqlite.url()).await, postgres_unique(postgres.admin_url()).await);
    unique.0.sort();
    unique.1.sort();
    assert_eq!(unique.0, unique.1);
}

#[tokio::test]
async fn every_unique_index_begins_with_the_tenant() {
    let sqlite = TestDatabase::sqlite();
    migrate(sqlite.url()).await.unwrap();
    let unique = sqlite_unique(sqlite.url()).await;
    assert!(unique.contains(&"events(tenant_id, stream_id, version)".to_owned()), "{unique:?}");
    let strangers: Vec<&String> =
        unique.iter().filter(|place| !place.contains("(tenant_id")).collect();
    assert_eq!(
        strangers,
        ["tenants(slug)"],
        "only a tenant's own name is unique among all tenants"
    );
}

#[test]
fn both_folders_hold_the_same_migrations() {
    let names = |folder: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let mut names: Vec<_> =
            std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
