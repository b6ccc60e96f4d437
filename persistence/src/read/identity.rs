//! Reading accounts, programs, sessions and secrets.
//!
//! Lists that are kept as JSON are read as JSON; one that is not makes the row unreadable.
//! Invariant: every statement names the tenant.

use domain::{TenantId, Timestamp};

use super::Query;
use crate::error::StoreError;
use crate::rows::{
    AccountRow, ClientRow, CodeRow, EndedRow, KnownRefresh, OnceRow, RefreshRow, SessionRow,
};
use crate::sql::{Connection, Record, Value};

type Read<T> = Result<T, sqlx::Error>;

fn at_opt(record: &Record, column: &str) -> Read<Option<Timestamp>> {
    Ok(record.int_opt(column)?.map(Timestamp))
}

fn at(record: &Record, column: &str) -> Read<Timestamp> {
    record.int(column).map(Timestamp)
}

fn list(record: &Record, column: &str) -> Read<Vec<String>> {
    serde_json::from_str(&record.text(column)?).map_err(|source| sqlx::Error::Decode(source.into()))
}

fn account(record: &Record) -> Read<AccountRow> {
    Ok(AccountRow {
        tenant: record.id("tenant_id")?,
        account: record.id("account_id")?,
        email: record.text("email")?,
        password_hash: record.text_opt("password_hash")?,
        totp: record.blob_opt("totp")?,
        totp_last_step: record.int("totp_last_step")?,
        recovery_hashes: list(record, "recovery_hashes")?,
        verified_at: at_opt(record, "verified_at")?,
        disabled_at: at_opt(record, "disabled_at")?,
        password_changed_at: at_opt(record, "password_changed_at")?,
        language: record.text_opt("language")?,
        version: record.int("version")?,
        created_at: at(record, "created_at")?,
        updated_at: at(record, "updated_at")?,
    })
}

fn client(record: &Record) -> Read<ClientRow> {
    let secret = record.blob_opt("secret_hash")?;
    let unfit = |_| sqlx::Error::Decode("a hash has 32 bytes".into());
    Ok(ClientRow {
        tenant: record.id("tenant_id")?,
        client_id: record.text("client_id")?,
        name: record.text("name")?,
        secret_hash: secret.map(|bytes| bytes.try_into().map_err(unfit)).transpose()?,
        redirect_uris: list(record, "redirect_uris")?,
        grants: list(record, "grants")?,
        scopes: record.text("scopes")?,
        role: record.text_opt("role")?,
        first_party: record.int::<i64>("first_party")? != 0,
        disabled_at: at_opt(record, "disabled_at")?,
        version: record.int("version")?,
        created_at: at(record, "created_at")?,
        updated_at: at(record, "updated_at")?,
    })
}

pub(crate) fn session(record: &Record) -> Read<SessionRow> {
    Ok(SessionRow {
        tenant: record.id("tenant_id")?,
        hash: record.hash("hash")?,
        account: record.id("account_id")?,
        auth_time: at(record, "auth_time")?,
        methods: record.text("methods")?,
        expires_at: at(record, "expires_at")?,
        created_at: at(record, "created_at")?,
        used_at: at(record, "used_at")?,
        browser: record.text_opt("browser")?,
        address: record.text_opt("address")?,
    })
}

pub(crate) fn code(record: &Record) -> Read<CodeRow> {
    Ok(CodeRow {
        tenant: record.id("tenant_id")?,
        hash: record.hash("hash")?,
        client_id: record.text("client_id")?,
        account: record.id("account_id")?,
        redirect_uri: record.text("redirect_uri")?,
        challenge: record.text("challenge")?,
        scope: record.text("scope")?,
        nonce: record.text_opt("nonce")?,
        auth_time: at(record, "auth_time")?,
        family: record.id("family")?,
        expires_at: at(record, "expires_at")?,
    })
}

pub(crate) fn refresh(record: &Record) -> Read<RefreshRow> {
    Ok(RefreshRow {
        tenant: record.id("tenant_id")?,
        hash: record.hash("hash")?,
        family: record.id("family")?,
        client_id: record.text("client_id")?,
        account: record.id("account_id")?,
        scope: record.text("scope")?,
        auth_time: at(record, "auth_time")?,
        issued_at: at(record, "issued_at")?,
        expires_at: at(record, "expires_at")?,
        ends_at: at(record, "ends_at")?,
    })
}

fn known_refresh(record: &Record) -> Read<KnownRefresh> {
    let row = refresh(record)?;
    let used = at_opt(record, "used_at")?.is_some();
    Ok(KnownRefresh { row, used, revoked: at_opt(record, "revoked_at")?.is_some() })
}

pub(crate) fn once(record: &Record) -> Read<OnceRow> {
    Ok(OnceRow {
        tenant: record.id("tenant_id")?,
        hash: record.hash("hash")?,
        purpose: record.text("purpose")?,
        subject: record.text("subject")?,
        data: record.text("data")?,
        tries_left: record.int("tries_left")?,
        expires_at: at(record, "expires_at")?,
    })
}

pub(crate) async fn account_where(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    wanted: Wanted<'_>,
) -> Result<Option<AccountRow>, StoreError> {
    let query = Query { table: "accounts", read: account };
    match wanted {
        Wanted::Id(id) => {
            let sql = "select * from accounts where tenant_id = $1 and account_id = $2";
            query.first(connection, sql, vec![tenant.into(), id.into()]).await
        }
        Wanted::Email(email) => {
            let sql = "select * from accounts where tenant_id = $1 and email = $2";
            query.first(connection, sql, vec![tenant.into(), email.into()]).await
        }
    }
}

/// By what an account is looked for.
pub(crate) enum Wanted<'a> {
    Id(uuid::Uuid),
    Email(&'a str),
}

pub(crate) async fn accounts(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<Vec<AccountRow>, StoreError> {
    let sql = "select * from accounts where tenant_id = $1 order by account_id";
    Query { table: "accounts", read: account }.all(connection, sql, vec![tenant.into()]).await
}

pub(crate) async fn client_called(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    id: &str,
) -> Result<Option<ClientRow>, StoreError> {
    let sql = "select * from clients where tenant_id = $1 and client_id = $2";
    let query = Query { table: "clients", read: client };
    query.first(connection, sql, vec![tenant.into(), id.into()]).await
}

pub(crate) async fn clients(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<Vec<ClientRow>, StoreError> {
    let sql = "select * from clients where tenant_id = $1";
    Query { table: "clients", read: client }.all(connection, sql, vec![tenant.into()]).await
}

fn of_hash(tenant: TenantId, hash: [u8; 32]) -> Vec<Value> {
    vec![tenant.into(), hash.to_vec().into()]
}

pub(crate) async fn session_of(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    hash: [u8; 32],
) -> Result<Option<SessionRow>, StoreError> {
    let sql = "select * from sessions where tenant_id = $1 and hash = $2";
    let query = Query { table: "sessions", read: session };
    query.first(connection, sql, of_hash(tenant, hash)).await
}

pub(crate) async fn ended(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    now: Timestamp,
) -> Result<Vec<EndedRow>, StoreError> {
    let read = |record: &Record| {
        Ok(EndedRow {
            tenant: record.id("tenant_id")?,
            holder: record.text("holder")?,
            at: record.int("ended_at").map(Timestamp)?,
            until: record.int("until").map(Timestamp)?,
        })
    };
    let sql = "select * from ended_tokens where tenant_id = $1 and until > $2 order by holder";
    let values = vec![tenant.into(), now.into()];
    Query { table: "ended_tokens", read }.all(connection, sql, values).await
}

pub(crate) async fn refresh_of(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    hash: [u8; 32],
) -> Result<Option<KnownRefresh>, StoreError> {
    let sql = "select * from refresh_tokens where tenant_id = $1 and hash = $2";
    let query = Query { table: "refresh_tokens", read: known_refresh };
    query.first(connection, sql, of_hash(tenant, hash)).await
}

pub(crate) async fn once_of(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    purpose: &str,
    subject: &str,
) -> Result<Option<OnceRow>, StoreError> {
    let sql = "select * from once where tenant_id = $1 and purpose = $2 and subject = $3
        order by expires_at desc limit 1";
    let query = Query { table: "once", read: once };
    query.first(connection, sql, vec![tenant.into(), purpose.into(), subject.into()]).await
}

pub(crate) async fn standing_once(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    purpose: &str,
    at: Timestamp,
) -> Result<Vec<OnceRow>, StoreError> {
    let sql = "select * from once where tenant_id = $1 and purpose = $2 and expires_at > $3
        and tries_left > 0 order by expires_at";
    let query = Query { table: "once", read: once };
    query.all(connection, sql, vec![tenant.into(), purpose.into(), at.into()]).await
}
