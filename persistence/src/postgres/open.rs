//! Opening a PostgreSQL database: ownership, settings, schema, pool.
//!
//! Ownership is a session's advisory lock: it ends with the connection, whatever becomes of this process.
//! Who migrates owns the tables, who serves does not: two logins, and the second one is examined first.
//! Invariant: the store is opened by a login that row-level security binds, on a schema that this program knows.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection as _, PgConnection, Row};

use super::PostgresBackend;
use super::gate::Gate;
use super::login;
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
/// Jobs and reads share the pool; this many connections are there for the jobs.
const JOB_CONNECTIONS: u32 = 2;

impl PostgresBackend {
    /// Opens it as a member of the program's role; migrates first if there is a login for that.
    pub(crate) async fn open(url: &str, options: &Options) -> Result<Self, StoreError> {
        if let Some(owner) = &options.migrate_url {
            migrate(owner).await?;
        }
        let connect = connect_options(url)?;
        login::examine(&connect, &MIGRATIONS).await?;
        let connect = connect.options([("role", login::APP)]);
        let session = Session::open(&connect).await?;
        let connections = options.read_connections_max.max(1) + JOB_CONNECTIONS;
        let gate = Gate::open(&connect, connections).await?;
        Ok(Self { options: connect, gate, writer: Writer::new(session) })
    }
}

/// Brings the schema up to date, with a login that may. Does nothing, with any login, when it is.
pub(crate) async fn migrate(url: &str) -> Result<(), StoreError> {
    let mut connection = writing(&connect_options(url)?).await?;
    let difference = login::difference(&mut connection, &MIGRATIONS).await;
    let difference =
        difference.map_err(|source| StoreError::database("read its migrations", source))?;
    if difference.is_some() {
        let migrated = MIGRATIONS.run(&mut connection).await;
        migrated.map_err(|source| StoreError::Database {
            doing: "migrate",
            source: Box::new(source),
        })?;
    }
    connection.close().await.map_err(|source| StoreError::database("close", source))
}

fn connect_options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let connect: PgConnectOptions = url
        .parse()
        .map_err(|source: sqlx::Error| StoreError::database("understand the url", source))?;
    Ok(connect.application_name("smartqueue").disable_statement_logging())
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

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests {
    use super::*;
    use crate::testing::TestDatabase;

    #[tokio::test]
    async fn a_database_that_commits_asynchronously_is_refused() {
        let Some(database) = TestDatabase::postgres().await else { return };
        let options: PgConnectOptions = database.url().parse().unwrap();
        let options = options.options([("synchronous_commit", "off")]);
        let refusal = writing(&options).await.unwrap_err().to_string();
        assert_eq!(refusal, "database setting synchronous_commit is off, but must be on");
    }
}
