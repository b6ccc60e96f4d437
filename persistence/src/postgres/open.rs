//! Opening a PostgreSQL database: ownership, settings, schema, pool.
//!
//! Ownership is a session's advisory lock: it ends with the connection, whatever becomes of this process.
//! Invariant: a connection that was given up in a transaction is rolled back before anybody else gets it.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Executor, PgConnection, PgPool, Row};

use super::PostgresBackend;
use super::session::Session;
use crate::error::StoreError;
use crate::sql::Connection;
use crate::store::Options;
use crate::writer::Writer;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// "smartq" in ASCII, and 1: the key of the lock that the owner of a database holds.
const OWNER_KEY: i64 = 0x736d_6172_7471_0001;
/// A session that was cut off may hold the lock for a moment longer: this often and this far apart we ask again.
const OWNER_TRIES: u32 = 40;
const OWNER_PAUSE: Duration = Duration::from_millis(50);
/// The oldest version whose behaviour is relied on.
const VERSION_MIN: i64 = 150_000;
/// Waiting longer than this for a connection means that something is wrong.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Jobs and reads share the pool; this many connections are there for the jobs.
const JOB_CONNECTIONS: u32 = 2;

impl PostgresBackend {
    pub(crate) async fn open(url: &str, options: &Options) -> Result<Self, StoreError> {
        let connect: PgConnectOptions = url
            .parse()
            .map_err(|source: sqlx::Error| StoreError::database("understand the url", source))?;
        let connect = connect.application_name("smartqueue").disable_statement_logging();
        let mut session = Session::open(&connect).await?;
        let migrated = MIGRATIONS.run(session.raw()).await;
        migrated.map_err(|source| StoreError::Database {
            doing: "migrate",
            source: Box::new(source),
        })?;
        let pool = pool(&connect, options.read_connections_max.max(1) + JOB_CONNECTIONS).await?;
        Ok(Self { options: connect, pool, writer: Writer::new(session) })
    }
}

/// The connection that writes: owner of the database, its settings proven.
pub(super) async fn writing(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    let connection = options.connect().await;
    let mut connection = connection.map_err(|source| StoreError::database("open", source))?;
    own(&mut connection, options).await?;
    prove(&mut connection).await?;
    Ok(connection)
}

async fn own(connection: &mut PgConnection, options: &PgConnectOptions) -> Result<(), StoreError> {
    for _ in 0..OWNER_TRIES {
        let row = sqlx::query("select pg_try_advisory_lock($1)")
            .bind(OWNER_KEY)
            .fetch_one(&mut *connection)
            .await;
        if row
            .and_then(|row| row.try_get(0))
            .map_err(|source| StoreError::database("lock", source))?
        {
            return Ok(());
        }
        tokio::time::sleep(OWNER_PAUSE).await;
    }
    let name = options.get_database().unwrap_or("the default");
    Err(StoreError::InUse { what: format!("database {name} on {}", options.get_host()) })
}

async fn setting(connection: &mut PgConnection, name: &'static str) -> Result<String, StoreError> {
    let sql = "select current_setting($1) as value";
    let row = Connection::Postgres(connection).fetch_first(sql, vec![name.into()]).await;
    let failed = |source| StoreError::database("read its settings", source);
    row.map_err(failed)?.map_or(Ok(String::new()), |row| row.text("value")).map_err(failed)
}

/// Reads back what durability rests on.
async fn prove(connection: &mut PgConnection) -> Result<(), StoreError> {
    let version = setting(connection, "server_version_num").await?;
    if version.parse().unwrap_or(0) < VERSION_MIN {
        return Err(StoreError::WrongSetting {
            setting: "server_version_num",
            wanted: "150000 or more",
            found: version,
        });
    }
    let commit = setting(connection, "synchronous_commit").await?;
    if commit != "on" && commit != "remote_apply" {
        return Err(StoreError::WrongSetting {
            setting: "synchronous_commit",
            wanted: "on",
            found: commit,
        });
    }
    for name in ["fsync", "full_page_writes"] {
        if setting(connection, name).await? != "on" {
            tracing::warn!(
                setting = name,
                "database setting is off: a loss of power can lose answered commits"
            );
        }
    }
    Ok(())
}

pub(super) async fn pool(
    options: &PgConnectOptions,
    connections_max: u32,
) -> Result<PgPool, StoreError> {
    // An alarm, not a remedy: a transaction that is left open ends, but what ran in it is lost.
    let options = options.clone().options([("idle_in_transaction_session_timeout", "5s")]);
    let pool = PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_release(|connection, _| Box::pin(leave_transaction(connection)))
        .connect_with(options)
        .await;
    pool.map_err(|source| StoreError::database("open", source))
}

/// Ends a transaction that a cancelled `begin` left behind; the next borrower's writes would be lost in it.
///
/// Within a transaction `now()` is its start, earlier than the start of this statement. By the simple protocol,
/// because a prepared statement would run in a transaction that may have failed.
async fn leave_transaction(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let row = connection.fetch_one(sqlx::raw_sql("select now() <> statement_timestamp()")).await?;
    if row.try_get::<bool, _>(0)? {
        tracing::warn!("connection came back with an open transaction; rolling it back");
        connection.execute(sqlx::raw_sql("rollback")).await?;
    }
    Ok(true)
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests {
    use std::future::Future;
    use std::task::{Context, Waker};

    use super::*;
    use crate::testing::TestDatabase;

    /// How long a `begin` runs before its caller gives up.
    async fn give_up_begin(pool: &PgPool, polls: u32) {
        let mut begin = Box::pin(pool.begin());
        for _ in 0..polls {
            if begin.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Rows of 20 inserts that were answered Ok, each after a `begin` that was given up; counted from outside.
    async fn kept(pool: &PgPool, options: &PgConnectOptions) -> i64 {
        sqlx::query("create table kept (n bigint)").execute(pool).await.unwrap();
        for n in 0..20_u32 {
            give_up_begin(pool, 1 + n % 5).await;
            sqlx::query("insert into kept values ($1)")
                .bind(i64::from(n))
                .execute(pool)
                .await
                .unwrap();
        }
        let mut outside = options.connect().await.unwrap();
        sqlx::query("select count(*) from kept").fetch_one(&mut outside).await.unwrap().get(0)
    }

    #[tokio::test]
    async fn a_begin_that_is_given_up_loses_nobodys_rows() {
        let Some(database) = TestDatabase::postgres().await else { return };
        let options: PgConnectOptions = database.url().parse().unwrap();
        let pool = pool(&options, 1).await.unwrap();
        assert_eq!(kept(&pool, &options).await, 20);
    }

    /// The control: without the check at release the same story loses rows. If this fails, the driver was mended.
    #[tokio::test]
    async fn without_the_check_a_begin_that_is_given_up_loses_rows() {
        let Some(database) = TestDatabase::postgres().await else { return };
        let options: PgConnectOptions = database.url().parse().unwrap();
        let bare =
            PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await.unwrap();
        // The table must outlive the transactions left open.
        let mut outside = options.connect().await.unwrap();
        sqlx::query("create table lost (n bigint)").execute(&mut outside).await.unwrap();
        // When exactly a begin is given up is the scheduler's choice: it is tried until it hits the gap.
        for n in 0..2_000_u32 {
            give_up_begin(&bare, 1 + n % 5).await;
            sqlx::query("insert into lost values ($1)")
                .bind(i64::from(n))
                .execute(&bare)
                .await
                .unwrap();
            let row = sqlx::query("select count(*) from lost").fetch_one(&mut outside).await;
            if row.unwrap().get::<i64, _>(0) <= i64::from(n) {
                return;
            }
        }
        panic!("nothing was lost");
    }

    #[tokio::test]
    async fn a_database_that_commits_asynchronously_is_refused() {
        let Some(database) = TestDatabase::postgres().await else { return };
        let options: PgConnectOptions = database.url().parse().unwrap();
        let options = options.options([("synchronous_commit", "off")]);
        let refusal = writing(&options).await.unwrap_err().to_string();
        assert_eq!(refusal, "database setting synchronous_commit is off, but must be on");
    }
}
