//! What the platform changes of a tenant: its name, its limits, and whether it may work.
//!
//! The row is written first, then everybody who looks at the tenant sees it.
//! Invariant: one change at a time, so that none undoes another.

use std::sync::Arc;

use persistence::TenantRow;

use super::{Engine, TenantInfo, info, sound_name, taken};
use crate::ask::AskError;
use crate::resources::{AlertSettings, Standing, TenantLimits};
use crate::tenant::Tenant;

/// What becomes of a tenant; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantChange {
    pub name: Option<String>,
    pub limits: Option<TenantLimits>,
    pub suspended: Option<bool>,
    /// Days after which what is personal is forgotten; `Some(None)`: never.
    pub personal_days: Option<Option<u32>>,
    pub alerts: Option<AlertSettings>,
}

impl Engine {
    /// Gives a tenant another name.
    ///
    /// # Errors
    /// As [`Engine::change_tenant`].
    pub async fn rename_tenant(
        &self,
        slug: &str,
        name: &str,
        expected: Option<u64>,
    ) -> Result<TenantInfo, AskError> {
        let change = TenantChange { name: Some(name.to_owned()), ..TenantChange::default() };
        self.change_tenant(slug, change, expected).await
    }

    /// Changes a tenant. Suspending one that is suspended changes nothing.
    ///
    /// # Errors
    /// `NotFound` for an unknown slug, `version_conflict` when `expected` is not its version.
    pub async fn change_tenant(
        &self,
        slug: &str,
        change: TenantChange,
        expected: Option<u64>,
    ) -> Result<TenantInfo, AskError> {
        change.name.as_deref().map_or(Ok(()), sound_name)?;
        let _one_at_a_time = self.world.tenant_changes.lock().await;
        let rows = self.world.store.tenants().await.map_err(|_| AskError::OutcomeUnknown)?;
        let row = rows.into_iter().find(|row| row.slug == slug).ok_or(AskError::NotFound)?;
        if expected.is_some_and(|expected| expected != row.version) {
            return Err(domain::Refusal::VersionConflict { current: row.version }.into());
        }
        let next = self.changed(&row, change)?;
        if next != row {
            self.world.store.save_tenant(next.clone()).await.map_err(|error| taken(error, slug))?;
        }
        self.share(next).await
    }

    /// The row after the change; the same one when nothing changes.
    fn changed(&self, row: &TenantRow, change: TenantChange) -> Result<TenantRow, AskError> {
        let now = self.world.clock.now();
        let before = standing_of(row)?;
        let suspended_at = match change.suspended {
            Some(true) => before.suspended_at.or(Some(now)),
            Some(false) => None,
            None => before.suspended_at,
        };
        let standing = Standing {
            suspended_at,
            limits: change.limits.unwrap_or(before.limits),
            personal_days: change.personal_days.unwrap_or(before.personal_days),
            alerts: change.alerts.unwrap_or_else(|| before.alerts.clone()),
        };
        let name = change.name.unwrap_or_else(|| row.name.clone());
        if standing == before && name == row.name {
            return Ok(row.clone());
        }
        let body = serde_json::to_string(&standing).map_err(|_| AskError::OutcomeUnknown)?;
        Ok(TenantRow { name, body, version: row.version + 1, updated_at: now, ..row.clone() })
    }

    async fn share(&self, row: TenantRow) -> Result<TenantInfo, AskError> {
        let tenant = self.world.tenants.get(&row.tenant).map(|tenant| Arc::clone(&tenant));
        let tenant = tenant.ok_or(AskError::NotFound)?;
        let standing = standing_of(&row)?;
        if standing != tenant.directory().standing {
            Tenant::new(Arc::clone(&tenant)).stand(standing).await?;
        }
        tenant.set_name(row.name, row.version);
        Ok(info(&tenant))
    }
}

fn standing_of(row: &TenantRow) -> Result<Standing, AskError> {
    serde_json::from_str(&row.body).map_err(|error| {
        tracing::error!(%error, tenant = row.slug, "the body of a tenant cannot be read");
        AskError::OutcomeUnknown
    })
}
