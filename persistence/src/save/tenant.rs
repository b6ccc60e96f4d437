//! Saving a tenant.
//!
//! By its id: there is one writer, so the last word stands.
//! Invariant: no two tenants share a slug.

use async_trait::async_trait;

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::rows::TenantRow;
use crate::sql::Connection;

pub(crate) struct SaveTenant(pub(crate) TenantRow);

#[async_trait]
impl Job for SaveTenant {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Platform
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        let Self(row) = self;
        let taken = "select 1 from tenants where slug = $1 and tenant_id <> $2";
        let holder =
            connection.fetch_first(taken, vec![row.slug.clone().into(), row.tenant.into()]).await;
        if holder.map_err(failed)?.is_some() {
            return Err(SaveError::KeyTaken { kind: "tenant".to_owned(), key: row.slug });
        }
        let put =
            "insert into tenants (tenant_id, slug, name, version, body, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (tenant_id) do update set slug = excluded.slug, name = excluded.name,
            version = excluded.version, body = excluded.body, updated_at = excluded.updated_at";
        let values = vec![
            row.tenant.into(),
            row.slug.into(),
            row.name.into(),
            row.version.into(),
            row.body.into(),
            row.created_at.into(),
            row.updated_at.into(),
        ];
        connection.execute(put, values).await.map_err(failed)?;
        Ok(())
    }
}
