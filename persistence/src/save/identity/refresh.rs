//! The rotation of a refresh token: the old one is used up and its successor is kept, in one transaction.
//!
//! The update finds, judges and marks in one statement, so that two at once cannot both be first.
//! Invariant: a token has one successor.

use async_trait::async_trait;
use domain::{Secs, TenantId, Timestamp};
use uuid::Uuid;

use super::super::failed;
use super::rows;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::read::identity as read;
use crate::rows::{RefreshRow, Rotation};
use crate::sql::{Connection, Record, Value};

pub(crate) struct Rotate {
    pub(crate) tenant: TenantId,
    pub(crate) hash: [u8; 32],
    pub(crate) successor: [u8; 32],
    pub(crate) at: Timestamp,
    pub(crate) grace: Secs,
    pub(crate) expires_at: Timestamp,
}

const USE: &str = "update refresh_tokens set used_at = $3, successor = $4
    where tenant_id = $1 and hash = $2 and used_at is null and revoked_at is null and expires_at > $3 and ends_at > $3
    returning *";
const KNOWN: &str = "select old.*, next.used_at as next_used_at from refresh_tokens old
    left join refresh_tokens next on next.tenant_id = old.tenant_id and next.hash = old.successor
    where old.tenant_id = $1 and old.hash = $2";

#[async_trait]
impl Job for Rotate {
    type Done = Rotation;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<Rotation, SaveError> {
        let key: Vec<Value> = vec![self.tenant.into(), self.hash.to_vec().into()];
        let mut values = key.clone();
        values.extend([self.at.into(), self.successor.to_vec().into()]);
        if let Some(record) = connection.fetch_first(USE, values).await.map_err(failed)? {
            let old = read::refresh(&record).map_err(failed)?;
            let next = rows::refresh(self.next(&old));
            connection.execute(next.sql, next.values).await.map_err(failed)?;
            return Ok(Rotation::Rotated(old));
        }
        match connection.fetch_first(KNOWN, key).await.map_err(failed)? {
            Some(record) => self.judge(&record).map_err(failed),
            None => Ok(Rotation::Unknown),
        }
    }
}

impl Rotate {
    fn next(&self, old: &RefreshRow) -> RefreshRow {
        let (hash, issued_at, expires_at) = (self.successor, self.at, self.expires_at);
        RefreshRow { hash, issued_at, expires_at, ..old.clone() }
    }

    /// Of a token that could not be used.
    fn judge(&self, record: &Record) -> Result<Rotation, sqlx::Error> {
        let old = read::refresh(record)?;
        let used: Option<i64> = record.int_opt("used_at")?;
        let revoked: Option<i64> = record.int_opt("revoked_at")?;
        let next_used: Option<i64> = record.int_opt("next_used_at")?;
        let Some(used) = used.map(Timestamp) else { return Ok(Rotation::Unknown) };
        let again = revoked.is_none() && next_used.is_none() && used.after(self.grace) >= self.at;
        let family: Uuid = old.family;
        Ok(if again { Rotation::Again(old) } else { Rotation::Reused { family } })
    }
}
