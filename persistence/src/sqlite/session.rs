//! One life of the connection that writes: it appends batches and runs jobs, each in a transaction.
//!
//! BEGIN IMMEDIATE takes the right to write at once, instead of failing half-way.
//! Invariant: after an `Err` of a database the session must be dropped, not used again.

use std::path::Path;

use sqlx::{Connection as _, SqliteConnection};

use super::insert::Inserts;
use super::open;
use crate::backend::Job;
use crate::error::{SaveError, StoreError};
use crate::heads::{Heads, LinkError};
use crate::journal::Batch;
use crate::sql::Connection;
use crate::table::{Prepared, SealedPrivate};

pub(super) struct Session {
    connection: SqliteConnection,
    heads: Heads,
    inserts: Inserts,
}

impl Session {
    pub(super) async fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = open::writing(path).await?;
        Ok(Self { connection, heads: Heads::default(), inserts: Inserts::default() })
    }

    pub(super) fn raw(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    pub(super) async fn append(
        &mut self,
        batch: &Batch,
        private: &[SealedPrivate],
    ) -> Result<(), LinkError> {
        let mut connection = Connection::Sqlite(&mut self.connection);
        let unknown = self.heads.unknown(&batch.events);
        self.heads.learn(&mut connection, unknown).await.map_err(LinkError::Database)?;
        let linked = self.heads.link(&batch.events).map_err(LinkError::Conflict)?;
        self.write(&Prepared::new(batch, &linked.links, private))
            .await
            .map_err(LinkError::Database)?;
        self.heads.advance(linked);
        Ok(())
    }

    async fn write(&mut self, prepared: &Prepared<'_>) -> Result<(), sqlx::Error> {
        let trims = prepared.snapshots().next().is_some();
        self.inserts.all(&mut self.connection, prepared, !trims).await?;
        if trims {
            self.trim(prepared).await?;
            self.execute("commit").await?;
        }
        Ok(())
    }

    /// Keeps the newest two snapshots of each stream that got one.
    async fn trim(&mut self, prepared: &Prepared<'_>) -> Result<(), sqlx::Error> {
        let sql = "delete from snapshots where tenant_id = $1 and stream_id = $2 and version < (
            select max(version) from snapshots where tenant_id = $1 and stream_id = $2 and version < $3)";
        for snapshot in prepared.snapshots() {
            let values =
                vec![snapshot.tenant.into(), snapshot.stream.into(), snapshot.version.into()];
            Connection::Sqlite(&mut self.connection).execute(sql, values).await?;
        }
        Ok(())
    }

    /// Folds the log into the file and cuts it to nothing, so that no old page stays in it. `whole` writes the file anew
    /// first: its free space may hold what was deleted before deleting overwrote.
    pub(super) async fn scrub(&mut self, whole: bool) -> Result<(), sqlx::Error> {
        if whole {
            self.execute("vacuum").await?;
        }
        let row =
            sqlx::query("pragma wal_checkpoint(truncate)").fetch_one(&mut self.connection).await?;
        if sqlx::Row::try_get::<i64, _>(&row, 0)? != 0 {
            tracing::warn!(
                "a reader held up the checkpoint; old pages leave the log with the next one"
            );
        }
        Ok(())
    }

    pub(super) async fn run<J: Job>(&mut self, job: J) -> Result<J::Done, SaveError> {
        let failed = |source| SaveError::Store(StoreError::database("write", source));
        self.execute("begin immediate").await.map_err(failed)?;
        let outcome = job.run(&mut Connection::Sqlite(&mut self.connection)).await;
        let end = if outcome.is_ok() { "commit" } else { "rollback" };
        self.execute(end).await.map_err(failed)?;
        outcome
    }

    async fn execute(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        sqlx::query(sql).execute(&mut self.connection).await.map(|_| ())
    }

    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "database did not close cleanly");
        }
    }
}
