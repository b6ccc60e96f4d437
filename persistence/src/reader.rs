//! Looking into a database that another process may own: tenants, their configuration and their alerts.
//!
//! No lock is taken, nothing is made or migrated, and the connection cannot write.
//! Invariant: a running program does not notice a reader, whatever the reader does.

use std::io::{Error, ErrorKind};
use std::path::Path;
use std::time::Duration;

use domain::TenantId;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    ConnectOptions, Connection as _, PgConnection, Postgres, SqliteConnection, Transaction,
};

use crate::backend::Reach;
use crate::error::StoreError;
use crate::postgres::enter;
use crate::read::{alert, configuration};
use crate::rows::{AlertFilter, AlertRow, ResourceRow, TenantRow};
use crate::sql::Connection;
use crate::store::Target;

/// How long a statement waits for the owner's lock, such as a checkpoint's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// An open view of what is configured.
pub struct ConfigurationReader(Opened);

enum Opened {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Opens the database of `url` for reading, beside whoever owns it.
///
/// # Errors
/// `File` when there is no such SQLite file (unlike [`crate::open`], none is made); `Database` when the database
/// cannot be reached.
pub async fn open_reader(url: &str) -> Result<ConfigurationReader, StoreError> {
    let opened = match Target::parse(url)? {
        Target::Sqlite(file) => Opened::Sqlite(sqlite(Path::new(file), true).await?),
        Target::Postgres => Opened::Postgres(postgres(url, true).await?),
    };
    Ok(ConfigurationReader(opened))
}

/// A connection to a file that is there.
pub(crate) async fn sqlite(file: &Path, read_only: bool) -> Result<SqliteConnection, StoreError> {
    let failed = |source| StoreError::File {
        doing: format!("read database file {}", file.display()),
        source,
    };
    if !file.try_exists().map_err(failed)? {
        let missing = "there is none; serve, migrate or apply makes one";
        return Err(failed(Error::new(ErrorKind::NotFound, missing)));
    }
    let options =
        SqliteConnectOptions::new().filename(file).read_only(read_only).busy_timeout(BUSY_TIMEOUT);
    let connection = options.disable_statement_logging().connect().await;
    connection.map_err(|source| StoreError::database("open", source))
}

/// A connection of its own.
pub(crate) async fn postgres(url: &str, read_only: bool) -> Result<PgConnection, StoreError> {
    let options: PgConnectOptions = url
        .parse()
        .map_err(|source: sqlx::Error| StoreError::database("understand the url", source))?;
    let options = options
        .application_name("smartqueue reader")
        .options([("default_transaction_read_only", if read_only { "on" } else { "off" })]);
    let connection = options.disable_statement_logging().connect().await;
    connection.map_err(|source| StoreError::database("open", source))
}

impl ConfigurationReader {
    /// All tenants, oldest first.
    ///
    /// # Errors
    /// `Database` when the tables of this program are not there, or the database does not answer.
    pub async fn tenants(&mut self) -> Result<Vec<TenantRow>, StoreError> {
        configuration::tenants(&mut self.within(Reach::Platform).await?.connection()).await
    }

    /// All configuration rows of a tenant, by kind and key.
    ///
    /// # Errors
    /// As [`ConfigurationReader::tenants`].
    pub async fn resources(&mut self, tenant: TenantId) -> Result<Vec<ResourceRow>, StoreError> {
        let mut lent = self.within(Reach::Tenant(tenant)).await?;
        configuration::resources(&mut lent.connection(), tenant).await
    }

    /// The newest alerts of a tenant, at most `limit`.
    ///
    /// # Errors
    /// As [`ConfigurationReader::tenants`].
    pub async fn alerts(
        &mut self,
        tenant: TenantId,
        filter: &AlertFilter,
        limit: u32,
    ) -> Result<Vec<AlertRow>, StoreError> {
        let mut lent = self.within(Reach::Tenant(tenant)).await?;
        alert::page(&mut lent.connection(), tenant, filter, limit).await
    }

    /// Ends the connection.
    pub async fn close(self) {
        let closed = match self.0 {
            Opened::Sqlite(connection) => connection.close().await,
            Opened::Postgres(connection) => connection.close().await,
        };
        if let Err(error) = closed {
            tracing::debug!(%error, "a reader's connection did not close cleanly");
        }
    }

    async fn within(&mut self, reach: Reach) -> Result<Lent<'_>, StoreError> {
        match &mut self.0 {
            Opened::Sqlite(connection) => Ok(Lent::Sqlite(connection)),
            Opened::Postgres(connection) => begin(connection, reach)
                .await
                .map_err(|source| StoreError::database("read", source)),
        }
    }
}

/// The connection, within one reach.
enum Lent<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(Transaction<'c, Postgres>),
}

async fn begin(connection: &mut PgConnection, reach: Reach) -> Result<Lent<'_>, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    enter(&mut transaction, reach).await?;
    Ok(Lent::Postgres(transaction))
}

impl Lent<'_> {
    fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            Self::Postgres(transaction) => Connection::Postgres(transaction),
        }
    }
}
