//! One life of the connection that writes: it owns the database and appends batches.
//!
//! Each batch is one statement in its own implicit transaction.
//! Invariant: after an `Err` of the database the session must be dropped, not used again.

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use super::insert::Inserts;
use super::open;
use crate::error::StoreError;
use crate::heads::{Heads, LinkError};
use crate::journal::Batch;
use crate::sql::Connection;
use crate::table::Prepared;

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

    pub(super) fn raw(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    pub(super) async fn append(&mut self, batch: &Batch) -> Result<(), LinkError> {
        let mut connection = Connection::Postgres(&mut self.connection);
        let linked = self.heads.link(&mut connection, &batch.events).await?;
        let prepared = Prepared::new(batch, &linked.links);
        self.inserts.all(&mut self.connection, &prepared).await.map_err(LinkError::Database)?;
        self.heads.advance(linked);
        Ok(())
    }

    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "database connection did not close cleanly");
        }
    }
}
