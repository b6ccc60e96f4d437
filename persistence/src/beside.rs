//! The audit log of a database that another process may own: for the command line, which works beside a server.
//!
//! It reads, and it adds entries; the owner finds them in its way and continues behind them.
//! Invariant: no lock of the owner is taken, nothing is made or migrated, and only the audit log is written.

use std::path::Path;

use domain::TenantId;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::error::{SaveError, StoreError};
use crate::read;
use crate::reader;
use crate::rows::{AuditHead, AuditRow};
use crate::save;
use crate::sql::Connection;
use crate::store::Target;

/// An open way to the audit logs.
pub struct AuditBeside(Opened);

enum Opened {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Opens the database of `url` beside whoever owns it; `writing` to add entries too.
///
/// # Errors
/// `File` when there is no such SQLite file; `Database` when the database cannot be reached.
pub async fn open_beside(url: &str, writing: bool) -> Result<AuditBeside, StoreError> {
    let opened = match Target::parse(url)? {
        Target::Sqlite(file) => Opened::Sqlite(reader::sqlite(Path::new(file), !writing).await?),
        Target::Postgres => Opened::Postgres(reader::postgres(url, !writing).await?),
    };
    Ok(AuditBeside(opened))
}

impl AuditBeside {
    /// As [`crate::AuditStore::audit_head`].
    ///
    /// # Errors
    /// `Database` when it does not answer or has no audit log yet.
    pub async fn head(&mut self, tenant: TenantId) -> Result<AuditHead, StoreError> {
        read::audit::head(&mut self.connection(), tenant).await
    }

    /// As [`crate::AuditStore::audit_range`].
    ///
    /// # Errors
    /// As [`AuditBeside::head`].
    pub async fn range(
        &mut self,
        tenant: TenantId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        read::audit::range(&mut self.connection(), tenant, after, limit).await
    }

    /// As [`crate::AuditStore::append_audit`].
    ///
    /// # Errors
    /// `VersionConflict` when the owner was faster.
    pub async fn append(
        &mut self,
        tenant: TenantId,
        expected: AuditHead,
        rows: Vec<AuditRow>,
    ) -> Result<(), SaveError> {
        let begin = match self.0 {
            Opened::Sqlite(_) => "begin immediate",
            Opened::Postgres(_) => "begin",
        };
        let failed = |source| SaveError::Store(StoreError::database("write", source));
        let mut connection = self.connection();
        connection.execute(begin, Vec::new()).await.map_err(failed)?;
        let outcome = save::audit::append(&mut connection, tenant, expected, rows).await;
        let end = if outcome.is_ok() { "commit" } else { "rollback" };
        connection.execute(end, Vec::new()).await.map_err(failed)?;
        outcome
    }

    /// Ends the connection.
    pub async fn close(self) {
        let closed = match self.0 {
            Opened::Sqlite(connection) => connection.close().await,
            Opened::Postgres(connection) => connection.close().await,
        };
        if let Err(error) = closed {
            tracing::debug!(%error, "a connection beside the owner did not close cleanly");
        }
    }

    fn connection(&mut self) -> Connection<'_> {
        match &mut self.0 {
            Opened::Sqlite(connection) => Connection::Sqlite(connection),
            Opened::Postgres(connection) => Connection::Postgres(connection),
        }
    }
}
