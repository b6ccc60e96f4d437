//! Using up what works once: codes, recovery codes, tries.
//!
//! Each is marked by the statement that finds it unused.
//! Invariant: a second use is told apart from an unknown secret only where something must be ended for it.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::read::identity as read;
use crate::rows::CodeUse;
use crate::sql::{Connection, Value};

pub(crate) struct UseCode {
    pub(crate) tenant: TenantId,
    pub(crate) hash: [u8; 32],
    pub(crate) at: Timestamp,
}

#[async_trait]
impl Job for UseCode {
    type Done = CodeUse;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<CodeUse, SaveError> {
        let mark = "update codes set used_at = $3 where tenant_id = $1 and hash = $2 and used_at is null returning *";
        let key: Vec<Value> = vec![self.tenant.into(), self.hash.to_vec().into()];
        let mut values = key.clone();
        values.push(self.at.into());
        if let Some(record) = connection.fetch_first(mark, values).await.map_err(failed)? {
            return Ok(CodeUse::Fresh(read::code(&record).map_err(failed)?));
        }
        let known = "select family from codes where tenant_id = $1 and hash = $2";
        match connection.fetch_first(known, key).await.map_err(failed)? {
            Some(record) => Ok(CodeUse::Used { family: record.id("family").map_err(failed)? }),
            None => Ok(CodeUse::Unknown),
        }
    }
}

pub(crate) struct UseRecoveryCode {
    pub(crate) tenant: TenantId,
    pub(crate) account: Uuid,
    pub(crate) hash_hex: String,
}

#[async_trait]
impl Job for UseRecoveryCode {
    type Done = bool;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<bool, SaveError> {
        let sql = "select recovery_hashes from accounts where tenant_id = $1 and account_id = $2";
        let key: Vec<Value> = vec![self.tenant.into(), self.account.into()];
        let Some(record) = connection.fetch_first(sql, key.clone()).await.map_err(failed)? else {
            return Ok(false);
        };
        let old = record.text("recovery_hashes").map_err(failed)?;
        let mut hashes: Vec<String> = serde_json::from_str(&old).unwrap_or_default();
        let before = hashes.len();
        hashes.retain(|hash| *hash != self.hash_hex);
        if hashes.len() == before {
            return Ok(false);
        }
        // Nothing is changed when somebody else was quicker.
        let sql = "update accounts set recovery_hashes = $3, version = version + 1
            where tenant_id = $1 and account_id = $2 and recovery_hashes = $4";
        let rest = serde_json::to_string(&hashes).unwrap_or_else(|_| "[]".to_owned());
        let values = key.into_iter().chain([rest.into(), old.into()]).collect();
        Ok(connection.execute(sql, values).await.map_err(failed)? == 1)
    }
}

pub(crate) struct MissOnce {
    pub(crate) tenant: TenantId,
    pub(crate) purpose: String,
    pub(crate) subject: String,
}

#[async_trait]
impl Job for MissOnce {
    type Done = u32;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<u32, SaveError> {
        let sql = "update once set tries_left = tries_left - 1
            where tenant_id = $1 and purpose = $2 and subject = $3 and tries_left > 0 returning tries_left";
        let values = vec![self.tenant.into(), self.purpose.into(), self.subject.into()];
        let left = connection.fetch_first(sql, values).await.map_err(failed)?;
        left.map_or(Ok(0), |record| record.int("tries_left")).map_err(failed)
    }
}
