//! Writing outside identity providers, and whom their subjects stand for.
//!
//! What replaces a version says which; what is new must not be there yet.
//! Invariant: a link is never moved to another account.

use async_trait::async_trait;

use super::failed;
use super::identity::Statement;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::rows::{ExternalSubjectRow, ProviderRow};
use crate::sql::{Connection, Value};

/// The provider, and the version it replaces.
pub(crate) struct SaveProvider(pub(crate) ProviderRow, pub(crate) Option<u64>);

#[async_trait]
impl Job for SaveProvider {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.0.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        let Self(row, version) = self;
        let taken = "select provider_id from identity_providers
            where tenant_id = $1 and slug = $2 and provider_id <> $3";
        let values = vec![row.tenant.into(), row.slug.clone().into(), row.provider.into()];
        if connection.fetch_first(taken, values).await.map_err(failed)?.is_some() {
            return Err(SaveError::KeyTaken { kind: "provider".to_owned(), key: row.slug });
        }
        let (id, sql) = (row.provider, if version.is_none() { INSERT } else { UPDATE });
        let mut values = values_of(row);
        values.extend(version.map(Value::from));
        match connection.execute(sql, values).await.map_err(failed)? {
            1 => Ok(()),
            _ => Err(SaveError::VersionConflict { kind: "provider".to_owned(), id, current: None }),
        }
    }
}

const INSERT: &str = "insert into identity_providers (tenant_id, provider_id, slug, name, issuer, client_id,
        client_secret, scopes, groups_claim, roles, default_role, trust_email, link_existing, enabled, version,
        created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) on conflict do nothing";
const UPDATE: &str = "update identity_providers set slug = $3, name = $4, issuer = $5, client_id = $6,
        client_secret = $7, scopes = $8, groups_claim = $9, roles = $10, default_role = $11, trust_email = $12,
        link_existing = $13, enabled = $14, version = $15, created_at = $16, updated_at = $17
    where tenant_id = $1 and provider_id = $2 and version = $18";

fn values_of(row: ProviderRow) -> Vec<Value> {
    vec![
        row.tenant.into(),
        row.provider.into(),
        row.slug.into(),
        row.name.into(),
        row.issuer.into(),
        row.client_id.into(),
        Value::Blob(row.client_secret),
        row.scopes.into(),
        row.groups_claim.into(),
        row.roles.into(),
        row.default_role.into(),
        i64::from(row.trust_email).into(),
        i64::from(row.link_existing).into(),
        i64::from(row.enabled).into(),
        row.version.into(),
        row.created_at.into(),
        row.updated_at.into(),
    ]
}

pub(crate) fn link(row: ExternalSubjectRow) -> Statement {
    let tenant = row.tenant;
    let sql = "insert into external_subjects (tenant_id, issuer, subject, account_id, linked_at)
        values ($1, $2, $3, $4, $5) on conflict do nothing";
    let values = vec![
        row.tenant.into(),
        row.issuer.into(),
        row.subject.into(),
        row.account.into(),
        row.linked_at.into(),
    ];
    Statement { tenant, sql, values }
}
