//! Writing API keys.
//!
//! A key is made once; afterwards only its last use and its end are written.
//! Invariant: the moment of the last use only moves forward.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::rows::ApiKeyRow;
use crate::sql::{Connection, Value};

pub(crate) struct SaveApiKey(pub(crate) ApiKeyRow);

#[async_trait]
impl Job for SaveApiKey {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.0.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        let row = self.0;
        let sql = "insert into api_keys (tenant_id, key_id, name, hash, hint, role, scopes, created_by, created_at,
            expires_at, last_used_at, revoked_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let values = vec![
            row.tenant.into(),
            row.key.into(),
            row.name.into(),
            row.hash.to_vec().into(),
            row.hint.into(),
            row.role.into(),
            row.scopes.into(),
            row.created_by.into(),
            row.created_at.into(),
            Value::Int(row.expires_at.map(|at| at.0)),
            Value::Int(row.last_used_at.map(|at| at.0)),
            Value::Int(row.revoked_at.map(|at| at.0)),
        ];
        connection.execute(sql, values).await.map(|_| ()).map_err(failed)
    }
}

pub(crate) struct Revoke {
    pub(crate) tenant: TenantId,
    pub(crate) key: Uuid,
    pub(crate) at: Timestamp,
}

#[async_trait]
impl Job for Revoke {
    type Done = bool;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<bool, SaveError> {
        let sql = "update api_keys set revoked_at = $3
            where tenant_id = $1 and key_id = $2 and revoked_at is null";
        let values = vec![self.tenant.into(), self.key.into(), self.at.into()];
        Ok(connection.execute(sql, values).await.map_err(failed)? > 0)
    }
}

pub(crate) struct Touch {
    pub(crate) tenant: TenantId,
    pub(crate) used: Vec<(Uuid, Timestamp)>,
}

#[async_trait]
impl Job for Touch {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        let sql = "update api_keys set last_used_at = $3
            where tenant_id = $1 and key_id = $2 and (last_used_at is null or last_used_at < $3)";
        for (key, at) in self.used {
            let values = vec![self.tenant.into(), key.into(), at.into()];
            connection.execute(sql, values).await.map_err(failed)?;
        }
        Ok(())
    }
}
