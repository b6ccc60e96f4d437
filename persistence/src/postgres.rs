//! PostgreSQL: one writing connection that holds the advisory lock, and a pool for reads and jobs.
//!
//! A batch is one statement, so it is one round trip and its own transaction. Reads and jobs run in transactions on the
//! pool, each about one tenant.
//! Invariant: no statement runs on the pool that has not said whose rows it is about.

mod gate;
mod insert;
mod login;
mod open;
mod session;

use async_trait::async_trait;
use sqlx::postgres::PgConnectOptions;

use crate::backend::{Backend, Job, Reach, Reader, judge};
use crate::error::{AppendError, SaveError, StoreError};
use crate::heads::LinkError;
use crate::journal::Batch;
use crate::sql::Connection;
use crate::table::SealedPrivate;
use crate::writer::{Turn, Writer};
pub(crate) use gate::enter;
use gate::{Gate, Purpose};
#[cfg(feature = "testing")]
pub(crate) use open::MIGRATIONS;
pub(crate) use open::migrate;
use session::Session;

/// One PostgreSQL database.
pub(crate) struct PostgresBackend {
    options: PgConnectOptions,
    gate: Gate,
    writer: Writer<Session>,
}

impl PostgresBackend {
    /// The session to write with, taken out of the slot. A new one owns the database again or is refused.
    async fn session(&self, turn: &mut Turn<'_, Session>) -> Result<Session, StoreError> {
        let closed = |source| StoreError::Database { doing: "write", source: Box::new(source) };
        match turn.take().map_err(closed)? {
            Some(session) => Ok(session),
            None => Session::open(&self.options).await,
        }
    }
}

#[async_trait]
impl Backend for PostgresBackend {
    fn connections(&self) -> (u32, u32) {
        self.gate.connections()
    }

    async fn reader(&self, reach: Reach) -> Result<Reader, StoreError> {
        let transaction = self.gate.with_tenant(reach, Purpose::Read).await;
        transaction
            .map(Reader::Postgres)
            .map_err(|source| StoreError::database("give a connection", source))
    }

    async fn append(&self, batch: &Batch, private: &[SealedPrivate]) -> Result<(), AppendError> {
        let mut turn = self.writer.turn().await;
        let mut session = self.session(&mut turn).await.map_err(AppendError::Unknown)?;
        match session.append(batch, private).await {
            Ok(()) => {
                turn.put_back(session);
                Ok(())
            }
            Err(LinkError::Conflict(conflict)) => {
                turn.put_back(session);
                Err(conflict)
            }
            Err(LinkError::Database(source)) => {
                drop(session);
                Err(judge(self, &batch.events, source).await)
            }
        }
    }

    async fn run<J: Job>(&self, job: J) -> Result<J::Done, SaveError> {
        let failed = |source| SaveError::Store(StoreError::database("write", source));
        let begun = self.gate.with_tenant(job.reach(), Purpose::Write).await;
        let mut transaction = begun.map_err(failed)?;
        let outcome = job.run(&mut Connection::Postgres(&mut transaction)).await;
        let end =
            if outcome.is_ok() { transaction.commit().await } else { transaction.rollback().await };
        end.map_err(failed)?;
        outcome
    }

    /// Dead rows go with the next vacuum; they hold sealed blobs only.
    async fn scrub(&self, _whole: bool) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {
        if let Some(session) = self.writer.turn().await.close() {
            session.close().await;
        }
        self.gate.close().await;
    }
}
