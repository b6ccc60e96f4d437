//! Reading what a person has let in.
//!
//! Sessions are read as those of signing in are. Invariant: every statement names the tenant.

use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::Query;
use super::identity::session;
use crate::error::StoreError;
use crate::rows::{ConsentRow, SessionRow};
use crate::sql::{Connection, Record};

fn consent(record: &Record) -> Result<ConsentRow, sqlx::Error> {
    Ok(ConsentRow {
        tenant: record.id("tenant_id")?,
        account: record.id("account_id")?,
        client_id: record.text("client_id")?,
        scope: record.text("scope")?,
        given_at: record.int("given_at").map(Timestamp)?,
        updated_at: record.int("updated_at").map(Timestamp)?,
    })
}

pub(crate) async fn sessions_of(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    account: Uuid,
) -> Result<Vec<SessionRow>, StoreError> {
    let sql = "select * from sessions where tenant_id = $1 and account_id = $2 order by used_at desc, created_at desc";
    let query = Query { table: "sessions", read: session };
    query.all(connection, sql, vec![tenant.into(), account.into()]).await
}

pub(crate) async fn consent_to(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    account: Uuid,
    client_id: &str,
) -> Result<Option<ConsentRow>, StoreError> {
    let sql = "select * from consents where tenant_id = $1 and account_id = $2 and client_id = $3";
    let query = Query { table: "consents", read: consent };
    query.first(connection, sql, vec![tenant.into(), account.into(), client_id.into()]).await
}

pub(crate) async fn consents(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    account: Uuid,
) -> Result<Vec<ConsentRow>, StoreError> {
    let sql = "select * from consents where tenant_id = $1 and account_id = $2 order by given_at, client_id";
    let query = Query { table: "consents", read: consent };
    query.all(connection, sql, vec![tenant.into(), account.into()]).await
}
