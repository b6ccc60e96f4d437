//! The only way to the pool: a transaction whose first statement says whose rows it is about.
//!
//! The pool is private to this file, so no statement can run on it without a tenant. The settings are the transaction's
//! own and end with it; all of them are made each time, so that nothing is left over from an earlier transaction.
//! What runs for the platform sees the list of tenants and nothing else: whatever is about many tenants walks that
//! list and asks tenant by tenant, so that no table but that one has a second door.
//!
//! Invariant: no connection goes back to the pool with an open transaction.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor, PgConnection, PgPool, Postgres, Row, Transaction};

use crate::backend::Reach;
use crate::error::StoreError;

/// Waiting longer than this for a connection means that something is wrong.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// What the transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Write,
}

/// The pool behind its one door.
pub(super) struct Gate(PgPool);

impl Gate {
    pub(super) async fn open(
        options: &PgConnectOptions,
        connections_max: u32,
    ) -> Result<Self, StoreError> {
        pool(options, connections_max).await.map(Self)
    }

    /// Begins a transaction that sees and writes the rows of `reach` only. Dropped, it is rolled back.
    pub(super) async fn with_tenant(
        &self,
        reach: Reach,
        purpose: Purpose,
    ) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let mut transaction = match purpose {
            Purpose::Read => self.0.begin_with("begin read only").await?,
            Purpose::Write => self.0.begin().await?,
        };
        enter(&mut transaction, reach).await?;
        Ok(transaction)
    }

    /// Connections, and those of them that nobody uses now.
    pub(super) fn connections(&self) -> (u32, u32) {
        (self.0.size(), u32::try_from(self.0.num_idle()).unwrap_or(u32::MAX))
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}

/// The first statement of a transaction: whose rows it is about.
pub(crate) async fn enter(connection: &mut PgConnection, reach: Reach) -> Result<(), sqlx::Error> {
    let (tenant, platform) = match reach {
        Reach::Tenant(tenant) => (tenant.0.to_string(), ""),
        Reach::Platform => (String::new(), "on"),
    };
    let sql = "select set_config('app.tenant', $1, true), set_config('app.platform', $2, true),
        set_config('app.tenants', '', true)";
    sqlx::query(sql).bind(tenant).bind(platform).execute(connection).await.map(|_| ())
}

async fn pool(options: &PgConnectOptions, connections_max: u32) -> Result<PgPool, StoreError> {
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
mod tests;
