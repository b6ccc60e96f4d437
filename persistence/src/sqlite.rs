//! SQLite: one file, one writing connection, several reading ones.
//!
//! Appends and jobs take turns on the writing connection; readers see what was committed. WAL with synchronous=FULL:
//! a commit that was answered survives the loss of power.
//!
//! Invariant: the lock file beside the database is held from before the first statement until after the last one.

mod insert;
mod open;
mod session;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Mutex;

use async_trait::async_trait;
use sqlx::SqlitePool;

use crate::backend::{Backend, Job, Reach, Reader, judge};
use crate::error::{AppendError, SaveError, StoreError};
use crate::heads::LinkError;
use crate::journal::Batch;
use crate::table::SealedPrivate;
use crate::writer::{Turn, Writer};
use session::Session;

/// One SQLite database.
pub(crate) struct SqliteBackend {
    path: PathBuf,
    readers: SqlitePool,
    writer: Writer<Session>,
    /// Held for as long as the store may write.
    lock: Mutex<Option<File>>,
}

impl SqliteBackend {
    /// The session to write with, taken out of the slot.
    async fn session(&self, turn: &mut Turn<'_, Session>) -> Result<Session, StoreError> {
        let closed = |source| StoreError::Database { doing: "write", source: Box::new(source) };
        match turn.take().map_err(closed)? {
            Some(session) => Ok(session),
            None => Session::open(&self.path).await,
        }
    }
}

#[async_trait]
impl Backend for SqliteBackend {
    fn connections(&self) -> (u32, u32) {
        (self.readers.size(), u32::try_from(self.readers.num_idle()).unwrap_or(u32::MAX))
    }

    async fn reader(&self, _reach: Reach) -> Result<Reader, StoreError> {
        let connection = self.readers.acquire().await;
        connection
            .map(Reader::Sqlite)
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
        let mut turn = self.writer.turn().await;
        let mut session = self.session(&mut turn).await?;
        let outcome = session.run(job).await;
        match outcome {
            Err(SaveError::Store(_)) => drop(session),
            Ok(_) | Err(SaveError::VersionConflict { .. } | SaveError::KeyTaken { .. }) => {
                turn.put_back(session)
            }
        }
        outcome
    }

    async fn scrub(&self, whole: bool) -> Result<(), StoreError> {
        let mut turn = self.writer.turn().await;
        let mut session = self.session(&mut turn).await?;
        session.scrub(whole).await.map_err(|source| StoreError::database("checkpoint", source))?;
        turn.put_back(session);
        Ok(())
    }

    async fn close(&self) {
        // The last connection to close folds the write-ahead log into the file; readers cannot.
        self.readers.close().await;
        if let Some(session) = self.writer.turn().await.close() {
            session.close().await;
        }
        if let Ok(mut lock) = self.lock.lock() {
            lock.take();
        }
    }
}
