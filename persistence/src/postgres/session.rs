//! One life of the connection that writes: it owns the database and appends batches.
//!
//! Each batch is one statement in its own implicit transaction, which names the tenants of the batch.
//! Invariant: after an `Err` of the database the session must be dropped, not used again.

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use super::insert::Inserts;
use super::open;
use crate::error::StoreError;
use crate::heads::{Heads, LinkError};
use crate::journal::Batch;
use crate::sql::Connection;
use crate::table::{Prepared, SealedPrivate};

pub(super) struct Session {
    connection: PgConnection,
    heads: Heads,
    inserts: Inserts,
}

impl Session {
    /// # Errors
    /// `InUse` when another process owns the database.
    pub(super) async fn open(options: &PgConnectOptions) -> Result<Self, StoreError> {
        let connection = open::writing(options).await?;
        Ok(Self { connection, heads: Heads::default(), inserts: Inserts::default() })
    }

    pub(super) async fn append(
        &mut self,
        batch: &Batch,
        private: &[SealedPrivate],
    ) -> Result<(), LinkError> {
        let tenants = batch.tenants();
        self.learn(batch, &tenants).await.map_err(LinkError::Database)?;
        let linked = self.heads.link(&batch.events).map_err(LinkError::Conflict)?;
        let prepared = Prepared::new(batch, &linked.links, private);
        let inserted = self.inserts.all(&mut self.connection, &prepared, &tenants).await;
        inserted.map_err(LinkError::Database)?;
        self.heads.advance(linked);
        Ok(())
    }

    /// Reads the heads that are not known, each tenant's own. Rare: once for each stream after a start.
    async fn learn(&mut self, batch: &Batch, tenants: &str) -> Result<(), sqlx::Error> {
        let unknown = self.heads.unknown(&batch.events);
        if unknown.is_empty() {
            return Ok(());
        }
        let mut transaction = self.connection.begin().await?;
        let sql = "select set_config('app.tenants', $1, true)";
        sqlx::query(sql).bind(tenants).execute(&mut *transaction).await?;
        self.heads.learn(&mut Connection::Postgres(&mut transaction), unknown).await?;
        transaction.commit().await
    }

    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "database connection did not close cleanly");
        }
    }
}
