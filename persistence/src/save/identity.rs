//! Writing accounts, programs, sessions and secrets.
//!
//! Most of it is one statement; using a secret up is the statement that finds it.
//! Invariant: of two who use the same secret at once, one is told that it was the first.

mod once;
mod refresh;
mod rows;

use async_trait::async_trait;
use domain::{TenantId, Timestamp};

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::sql::{Connection, Record, Value};

pub(crate) use once::{MissOnce, UseCode, UseRecoveryCode};
pub(crate) use refresh::Rotate;
pub(crate) use rows::{SaveAccount, SaveClient, code, drop_once, ended, once, refresh, session};

/// One statement of a tenant; done is how many rows it changed.
pub(crate) struct Statement {
    pub(crate) tenant: TenantId,
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Value>,
}

#[async_trait]
impl Job for Statement {
    type Done = u64;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, SaveError> {
        connection.execute(self.sql, self.values).await.map_err(failed)
    }
}

/// Forgets what has ended; done is how many rows went.
pub(crate) struct ForgetBefore {
    pub(crate) tenant: TenantId,
    pub(crate) at: Timestamp,
}

#[async_trait]
impl Job for ForgetBefore {
    type Done = u64;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, SaveError> {
        let mut gone = 0;
        for sql in [
            "delete from codes where tenant_id = $1 and expires_at < $2",
            "delete from sessions where tenant_id = $1 and expires_at < $2",
            "delete from once where tenant_id = $1 and expires_at < $2",
            "delete from refresh_tokens where tenant_id = $1 and ends_at < $2",
            "delete from ended_tokens where tenant_id = $1 and until < $2",
        ] {
            let values = vec![self.tenant.into(), self.at.into()];
            gone += connection.execute(sql, values).await.map_err(failed)?;
        }
        Ok(gone)
    }
}

/// One statement that returns the row it changed.
pub(crate) struct Returning<T> {
    pub(crate) tenant: TenantId,
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Value>,
    pub(crate) read: fn(&Record) -> Result<T, sqlx::Error>,
}

#[async_trait]
impl<T: Send + 'static> Job for Returning<T> {
    type Done = Option<T>;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<Option<T>, SaveError> {
        let found = connection.fetch_first(self.sql, self.values).await.map_err(failed)?;
        found.as_ref().map(self.read).transpose().map_err(failed)
    }
}
