//! A database that another process may own: for the command line, which works beside a server.
//!
//! The audit log is read and added to, and the owner continues behind what it finds there; a secret that works once
//! is put where the owner looks for it.
//! Invariant: no lock of the owner is taken, nothing is made or migrated, and nothing that the owner holds in memory
//! is written.

use std::path::Path;

use domain::TenantId;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::backend::Reach;
use crate::error::{SaveError, StoreError};
use crate::postgres::enter;
use crate::read;
use crate::reader;
use crate::rows::{AuditHead, AuditRow, OnceRow};
use crate::save;
use crate::save::identity as secrets;
use crate::sql::Connection;
use crate::store::Target;

/// How a transaction begins that only reads, and each of PostgreSQL's.
const READING: &str = "begin";

/// An open way into it.
pub struct Beside(Opened);

enum Opened {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Opens the database of `url` beside whoever owns it; `writing` to add entries too.
///
/// # Errors
/// `File` when there is no such SQLite file; `Database` when the database cannot be reached.
pub async fn open_beside(url: &str, writing: bool) -> Result<Beside, StoreError> {
    let opened = match Target::parse(url)? {
        Target::Sqlite(file) => Opened::Sqlite(reader::sqlite(Path::new(file), !writing).await?),
        Target::Postgres => Opened::Postgres(reader::postgres(url, !writing).await?),
    };
    Ok(Beside(opened))
}

impl Beside {
    /// As [`crate::AuditStore::audit_head`].
    ///
    /// # Errors
    /// `Database` when it does not answer or has no audit log yet.
    pub async fn head(&mut self, tenant: TenantId) -> Result<AuditHead, StoreError> {
        self.begin(tenant, READING).await?;
        let head = read::audit::head(&mut self.connection(), tenant).await;
        self.run("rollback").await?;
        head
    }

    /// As [`crate::AuditStore::audit_range`].
    ///
    /// # Errors
    /// As [`Beside::head`].
    pub async fn range(
        &mut self,
        tenant: TenantId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.begin(tenant, READING).await?;
        let rows = read::audit::range(&mut self.connection(), tenant, after, limit).await;
        self.run("rollback").await?;
        rows
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
        self.begin(tenant, "begin immediate").await.map_err(SaveError::Store)?;
        let outcome = save::audit::append(&mut self.connection(), tenant, expected, rows).await;
        let end = if outcome.is_ok() { "commit" } else { "rollback" };
        self.run(end).await.map_err(SaveError::Store)?;
        outcome
    }

    /// Whether anybody has an account of `tenant`.
    ///
    /// # Errors
    /// As [`Beside::head`].
    pub async fn has_accounts(&mut self, tenant: TenantId) -> Result<bool, StoreError> {
        self.begin(tenant, READING).await?;
        let accounts = read::identity::accounts(&mut self.connection(), tenant).await;
        self.run("rollback").await?;
        Ok(!accounts?.is_empty())
    }

    /// Puts a secret that works once in the place of those of its purpose and subject.
    ///
    /// # Errors
    /// When the database does not answer; then the former ones still work.
    pub async fn replace_once(&mut self, row: OnceRow) -> Result<(), SaveError> {
        self.begin(row.tenant, "begin immediate").await.map_err(SaveError::Store)?;
        let outcome = self.replace(row).await;
        let end = if outcome.is_ok() { "commit" } else { "rollback" };
        self.run(end).await.map_err(SaveError::Store)?;
        outcome
    }

    async fn replace(&mut self, row: OnceRow) -> Result<(), SaveError> {
        let former = secrets::drop_once(row.tenant, &row.purpose, &row.subject);
        for statement in [former, secrets::once(row)] {
            let done = self.connection().execute(statement.sql, statement.values).await;
            done.map_err(|source| StoreError::database("keep a secret beside the owner", source))
                .map_err(SaveError::Store)?;
        }
        Ok(())
    }

    /// A transaction that reaches this tenant's rows; `on_sqlite` says how it begins there.
    async fn begin(&mut self, tenant: TenantId, on_sqlite: &'static str) -> Result<(), StoreError> {
        let begin = if matches!(self.0, Opened::Sqlite(_)) { on_sqlite } else { READING };
        self.run(begin).await?;
        match &mut self.0 {
            Opened::Sqlite(_) => Ok(()),
            Opened::Postgres(connection) => enter(connection, Reach::Tenant(tenant))
                .await
                .map_err(|source| StoreError::database("enter a tenant", source)),
        }
    }

    async fn run(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let done = self.connection().execute(sql, Vec::new()).await;
        done.map(|_| ()).map_err(|source| StoreError::database("work beside its owner", source))
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
