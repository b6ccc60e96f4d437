//! Two tenants with a row in every table, and a connection of the program's login.
//!
//! The rows are put there by the superuser, so that they do not depend on what is tested.
//! Always true: the superuser sees both tenants in every table.

use persistence::testing::TestDatabase;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use uuid::Uuid;

pub(crate) struct Two {
    pub(crate) database: TestDatabase,
    pub(crate) ours: Uuid,
    pub(crate) theirs: Uuid,
    /// Every table with a tenant, by the catalogue.
    pub(crate) tables: Vec<String>,
}

pub(crate) async fn run(
    connection: &mut PgConnection,
    sql: impl Into<String>,
) -> Result<u64, sqlx::Error> {
    let sql = sqlx::raw_sql(AssertSqlSafe(sql.into()));
    connection.execute(sql).await.map(|done| done.rows_affected())
}

pub(crate) async fn number(connection: &mut PgConnection, sql: impl Into<String>) -> i64 {
    let sql: String = sql.into();
    let row = sqlx::query(AssertSqlSafe(sql.clone())).fetch_one(connection).await;
    row.unwrap_or_else(|error| panic!("{sql}: {error}")).get(0)
}

impl Two {
    pub(crate) async fn new() -> Option<Self> {
        let database = TestDatabase::postgres().await?;
        let mut admin = PgConnection::connect(database.admin_url()).await.unwrap();
        let tables = tables(&mut admin).await;
        let two = Self { database, ours: Uuid::now_v7(), theirs: Uuid::now_v7(), tables };
        for tenant in [two.ours, two.theirs] {
            // The database itself marks the hour of a leg.
            for table in two.tables.iter().filter(|table| *table != "rollup_due") {
                let sql = row(&mut admin, table, tenant).await;
                run(&mut admin, sql).await.unwrap();
            }
        }
        for table in &two.tables {
            let found =
                number(&mut admin, format!("select count(distinct tenant_id) from {table}"));
            assert_eq!(found.await, 2, "{table}");
        }
        Some(two)
    }

    pub(crate) async fn app(&self) -> PgConnection {
        PgConnection::connect(self.database.url()).await.unwrap()
    }

    pub(crate) async fn admin(&self) -> PgConnection {
        PgConnection::connect(self.database.admin_url()).await.unwrap()
    }

    /// A connection within a transaction of our tenant, as the program begins one.
    pub(crate) async fn within(&self) -> PgConnection {
        let mut connection = self.app().await;
        let ours = self.ours;
        let begin = format!("begin; select set_config('app.tenant', '{ours}', true)");
        run(&mut connection, begin).await.unwrap();
        connection
    }
}

async fn tables(admin: &mut PgConnection) -> Vec<String> {
    let sql = "select c.relname::text from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1";
    let rows = sqlx::query(sql).fetch_all(admin).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// An insert of one row of a tenant, each other column with some value of its type.
async fn row(admin: &mut PgConnection, table: &str, tenant: Uuid) -> String {
    let sql = format!(
        "select string_agg(quote_ident(column_name), ', ' order by ordinal_position),
        string_agg(case
            when column_name = 'tenant_id' then quote_literal('{tenant}')
            when data_type = 'uuid' then 'gen_random_uuid()'
            when column_name = 'sealed' then 'decode(''00000001'' || repeat(''ab'', 60), ''hex'')'
            when data_type = 'bytea' then 'decode(repeat(''ab'', 32), ''hex'')'
            when data_type = 'boolean' then 'true'
            when data_type in ('bigint', 'integer') then '1'
            else quote_literal('canary {tenant}') end, ', ' order by ordinal_position)
        from information_schema.columns where table_schema = 'public' and table_name = '{table}'"
    );
    let columns = sqlx::query(AssertSqlSafe(sql)).fetch_one(admin).await.unwrap();
    let (names, values): (String, String) = (columns.get(0), columns.get(1));
    format!("insert into {table} ({names}) values ({values})")
}
