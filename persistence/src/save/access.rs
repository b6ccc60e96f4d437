//! Writing what a person allowed programs.
//!
//! Taking a consent back is one transaction with the end of what came of it.
//! Invariant: after a consent was taken back, no code and no refresh token of before brings the program anything.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::failed;
use super::identity::Statement;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::rows::ConsentRow;
use crate::sql::{Connection, Value};

pub(crate) fn consent(row: ConsentRow) -> Statement {
    let tenant = row.tenant;
    let sql = "insert into consents (tenant_id, account_id, client_id, scope, given_at, updated_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (tenant_id, account_id, client_id) do update
        set scope = excluded.scope, updated_at = excluded.updated_at where consents.tenant_id = $1";
    let values = vec![
        row.tenant.into(),
        row.account.into(),
        row.client_id.into(),
        row.scope.into(),
        row.given_at.into(),
        row.updated_at.into(),
    ];
    Statement { tenant, sql, values }
}

pub(crate) struct Withdraw {
    pub(crate) tenant: TenantId,
    pub(crate) account: Uuid,
    pub(crate) client_id: String,
    pub(crate) at: Timestamp,
}

#[async_trait]
impl Job for Withdraw {
    type Done = bool;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<bool, SaveError> {
        let key: Vec<Value> =
            vec![self.tenant.into(), self.account.into(), self.client_id.clone().into()];
        let sql =
            "delete from consents where tenant_id = $1 and account_id = $2 and client_id = $3";
        let gone = connection.execute(sql, key.clone()).await.map_err(failed)?;
        let sql = "delete from codes
            where tenant_id = $1 and account_id = $2 and client_id = $3 and used_at is null";
        connection.execute(sql, key.clone()).await.map_err(failed)?;
        let sql = "update refresh_tokens set revoked_at = $4
            where tenant_id = $1 and account_id = $2 and client_id = $3 and revoked_at is null";
        let values = key.into_iter().chain([self.at.into()]).collect();
        connection.execute(sql, values).await.map_err(failed)?;
        Ok(gone == 1)
    }
}
