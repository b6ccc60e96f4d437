//! Reading outside identity providers, and whom their subjects stand for.
//!
//! A tenant's providers come all at once: see the store.
//! Invariant: every statement names the tenant.

use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::Query;
use crate::error::StoreError;
use crate::rows::{ExternalSubjectRow, ProviderRow};
use crate::sql::{Connection, Record};

fn provider(record: &Record) -> Result<ProviderRow, sqlx::Error> {
    let is = |column: &str| record.int::<i64>(column).map(|flag| flag != 0);
    Ok(ProviderRow {
        tenant: record.id("tenant_id")?,
        provider: record.id("provider_id")?,
        slug: record.text("slug")?,
        name: record.text("name")?,
        issuer: record.text("issuer")?,
        client_id: record.text("client_id")?,
        client_secret: record.blob_opt("client_secret")?,
        scopes: record.text("scopes")?,
        groups_claim: record.text("groups_claim")?,
        roles: record.text("roles")?,
        default_role: record.text_opt("default_role")?,
        trust_email: is("trust_email")?,
        link_existing: is("link_existing")?,
        enabled: is("enabled")?,
        version: record.int("version")?,
        created_at: record.int("created_at").map(Timestamp)?,
        updated_at: record.int("updated_at").map(Timestamp)?,
    })
}

fn subject(record: &Record) -> Result<ExternalSubjectRow, sqlx::Error> {
    Ok(ExternalSubjectRow {
        tenant: record.id("tenant_id")?,
        issuer: record.text("issuer")?,
        subject: record.text("subject")?,
        account: record.id("account_id")?,
        linked_at: record.int("linked_at").map(Timestamp)?,
    })
}

pub(crate) async fn providers(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<Vec<ProviderRow>, StoreError> {
    let sql = "select * from identity_providers where tenant_id = $1 order by provider_id";
    let query = Query { table: "identity_providers", read: provider };
    query.all(connection, sql, vec![tenant.into()]).await
}

pub(crate) async fn linked(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    issuer: &str,
    of: &str,
) -> Result<Option<ExternalSubjectRow>, StoreError> {
    let sql =
        "select * from external_subjects where tenant_id = $1 and issuer = $2 and subject = $3";
    let query = Query { table: "external_subjects", read: subject };
    query.first(connection, sql, vec![tenant.into(), issuer.into(), of.into()]).await
}

pub(crate) async fn subjects(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    account: Uuid,
) -> Result<Vec<ExternalSubjectRow>, StoreError> {
    let sql = "select * from external_subjects where tenant_id = $1 and account_id = $2 order by issuer, subject";
    let query = Query { table: "external_subjects", read: subject };
    query.all(connection, sql, vec![tenant.into(), account.into()]).await
}
