//! Writing accounts, programs, sessions and secrets.
//!
//! Most of it is one statement; using a secret up is the statement that finds it.
//! Invariant: of two who use the same secret at once, one is told that it was the first.

mod once;
mod refresh;
mod rows;

use async_trait::async_trait;

use super::failed;
use crate::backend::Job;
use crate::error::SaveError;
use crate::sql::{Connection, Record, Value};

pub(crate) use once::{MissOnce, UseCode, UseRecoveryCode};
pub(crate) use refresh::Rotate;
pub(crate) use rows::{SaveAccount, SaveClient, code, once, refresh, session};

/// One statement; done is how many rows it changed.
pub(crate) struct Statement {
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Value>,
}

#[async_trait]
impl Job for Statement {
    type Done = u64;

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, SaveError> {
        connection.execute(self.sql, self.values).await.map_err(failed)
    }
}

/// Several statements in one transaction; done is how many rows they changed.
pub(crate) struct Statements(pub(crate) Vec<Statement>);

#[async_trait]
impl Job for Statements {
    type Done = u64;

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, SaveError> {
        let mut changed = 0;
        for Statement { sql, values } in self.0 {
            changed += connection.execute(sql, values).await.map_err(failed)?;
        }
        Ok(changed)
    }
}

/// One statement that returns the row it changed.
pub(crate) struct Returning<T> {
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Value>,
    pub(crate) read: fn(&Record) -> Result<T, sqlx::Error>,
}

#[async_trait]
impl<T: Send + 'static> Job for Returning<T> {
    type Done = Option<T>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Option<T>, SaveError> {
        let found = connection.fetch_first(self.sql, self.values).await.map_err(failed)?;
        found.as_ref().map(self.read).transpose().map_err(failed)
    }
}
