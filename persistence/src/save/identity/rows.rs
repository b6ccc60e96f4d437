//! Rows as they are written.
//!
//! What replaces a version says which; what is new must not be there yet.
//! Invariant: an e-mail address belongs to one account of a tenant.

use async_trait::async_trait;
use uuid::Uuid;

use super::super::failed;
use super::Statement;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use domain::TenantId;

use crate::rows::{AccountRow, ClientRow, CodeRow, EndedRow, OnceRow, RefreshRow, SessionRow};
use crate::sql::{Connection, Value};

/// The account, and the version it replaces.
pub(crate) struct SaveAccount(pub(crate) AccountRow, pub(crate) Option<u64>);

fn json(list: &[String]) -> String {
    serde_json::to_string(list).unwrap_or_else(|_| "[]".to_owned())
}

fn expected(version: Option<u64>) -> Value {
    Value::Int(version.map(crate::sql::stored))
}

fn at(instant: Option<domain::Timestamp>) -> Value {
    Value::Int(instant.map(|instant| instant.0))
}

#[async_trait]
impl Job for SaveAccount {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.0.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        let Self(row, version) = self;
        let taken = "select account_id from accounts where tenant_id = $1 and email = $2 and account_id <> $3";
        let values = vec![row.tenant.into(), row.email.clone().into(), row.account.into()];
        if connection.fetch_first(taken, values).await.map_err(failed)?.is_some() {
            return Err(SaveError::KeyTaken { kind: "account".to_owned(), key: row.email });
        }
        let (account, is_new) = (row.account, version.is_none());
        let put = if is_new {
            "insert into accounts (tenant_id, account_id, email, password_hash, totp, totp_last_step, recovery_hashes,
                verified_at, disabled_at, password_changed_at, language, version, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict do nothing"
        } else {
            "update accounts set email = $3, password_hash = $4, totp = $5, totp_last_step = $6, recovery_hashes = $7,
                verified_at = $8, disabled_at = $9, password_changed_at = $10, language = $11, version = $12,
                created_at = $13, updated_at = $14
            where tenant_id = $1 and account_id = $2 and version = $15"
        };
        let mut values = vec![
            row.tenant.into(),
            row.account.into(),
            row.email.into(),
            row.password_hash.into(),
            row.totp.into(),
            row.totp_last_step.into(),
            json(&row.recovery_hashes).into(),
            at(row.verified_at),
            at(row.disabled_at),
            at(row.password_changed_at),
            row.language.into(),
            row.version.into(),
            row.created_at.into(),
            row.updated_at.into(),
        ];
        values.extend((!is_new).then(|| expected(version)));
        one(connection.execute(put, values).await.map_err(failed)?, "account", account)
    }
}

fn one(changed: u64, kind: &str, id: Uuid) -> Result<(), SaveError> {
    let conflict = || SaveError::VersionConflict { kind: kind.to_owned(), id, current: None };
    (changed == 1).then_some(()).ok_or_else(conflict)
}

/// The program, and the version it replaces.
pub(crate) struct SaveClient(pub(crate) ClientRow, pub(crate) Option<u64>);

#[async_trait]
impl Job for SaveClient {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.0.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        let Self(row, version) = self;
        let is_new = version.is_none();
        let put = if is_new {
            "insert into clients (tenant_id, client_id, name, secret_hash, redirect_uris, grants, scopes, role,
                first_party, disabled_at, version, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing"
        } else {
            "update clients set name = $3, secret_hash = $4, redirect_uris = $5, grants = $6, scopes = $7, role = $8,
                first_party = $9, disabled_at = $10, version = $11, created_at = $12, updated_at = $13
            where tenant_id = $1 and client_id = $2 and version = $14"
        };
        let mut values = vec![
            row.tenant.into(),
            row.client_id.into(),
            row.name.into(),
            row.secret_hash.map(|hash| hash.to_vec()).into(),
            json(&row.redirect_uris).into(),
            json(&row.grants).into(),
            row.scopes.into(),
            row.role.into(),
            i64::from(row.first_party).into(),
            at(row.disabled_at),
            row.version.into(),
            row.created_at.into(),
            row.updated_at.into(),
        ];
        values.extend((!is_new).then(|| expected(version)));
        one(connection.execute(put, values).await.map_err(failed)?, "client", Uuid::nil())
    }
}

pub(crate) fn session(row: SessionRow) -> Statement {
    let tenant = row.tenant;
    let sql = "insert into sessions (tenant_id, hash, account_id, auth_time, methods, expires_at, created_at, used_at,
            browser, address)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = vec![
        row.tenant.into(),
        row.hash.to_vec().into(),
        row.account.into(),
        row.auth_time.into(),
        row.methods.into(),
        row.expires_at.into(),
        row.created_at.into(),
        row.used_at.into(),
        row.browser.into(),
        row.address.into(),
    ];
    Statement { tenant, sql, values }
}

pub(crate) fn ended(row: EndedRow) -> Statement {
    let tenant = row.tenant;
    let sql = "insert into ended_tokens (tenant_id, holder, ended_at, until) values ($1, $2, $3, $4)
        on conflict (tenant_id, holder) do update set ended_at = excluded.ended_at, until = excluded.until
        where ended_tokens.tenant_id = $1 and ended_tokens.ended_at < excluded.ended_at";
    let values = vec![row.tenant.into(), row.holder.into(), row.at.into(), row.until.into()];
    Statement { tenant, sql, values }
}

pub(crate) fn code(row: CodeRow) -> Statement {
    let tenant = row.tenant;
    let sql = "insert into codes (tenant_id, hash, client_id, account_id, redirect_uri, challenge, scope, nonce,
            auth_time, family, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let values = vec![
        row.tenant.into(),
        row.hash.to_vec().into(),
        row.client_id.into(),
        row.account.into(),
        row.redirect_uri.into(),
        row.challenge.into(),
        row.scope.into(),
        row.nonce.into(),
        row.auth_time.into(),
        row.family.into(),
        row.expires_at.into(),
    ];
    Statement { tenant, sql, values }
}

pub(crate) fn refresh(row: RefreshRow) -> Statement {
    let tenant = row.tenant;
    let sql = "insert into refresh_tokens (tenant_id, hash, family, client_id, account_id, scope, auth_time, issued_at,
            expires_at, ends_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = vec![
        row.tenant.into(),
        row.hash.to_vec().into(),
        row.family.into(),
        row.client_id.into(),
        row.account.into(),
        row.scope.into(),
        row.auth_time.into(),
        row.issued_at.into(),
        row.expires_at.into(),
        row.ends_at.into(),
    ];
    Statement { tenant, sql, values }
}

pub(crate) fn drop_once(tenant: TenantId, purpose: &str, subject: &str) -> Statement {
    let sql = "delete from once where tenant_id = $1 and purpose = $2 and subject = $3";
    Statement { tenant, sql, values: vec![tenant.into(), purpose.into(), subject.into()] }
}

pub(crate) fn once(row: OnceRow) -> Statement {
    let tenant = row.tenant;
    let sql = "insert into once (tenant_id, purpose, hash, subject, data, tries_left, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7)";
    let values = vec![
        row.tenant.into(),
        row.purpose.into(),
        row.hash.to_vec().into(),
        row.subject.into(),
        row.data.into(),
        u64::from(row.tries_left).into(),
        row.expires_at.into(),
    ];
    Statement { tenant, sql, values }
}
