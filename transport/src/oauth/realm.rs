//! Where somebody signs in: a tenant, or the platform above all tenants.
//!
//! Accounts of a tenant are its agents, whose role and whose being active the directory says at each request; accounts
//! of the platform stand under the nil tenant and belong to no agent.
//! Invariant: nobody is found in a realm other than their own.

use actors::{AgentBody, Tenant};
use domain::{AgentId, Role, TenantId};
use persistence::{AccountRow, StoreError};
use uuid::Uuid;

use crate::auth::Subject;
use crate::edge::Edge;

/// Under which the platform's own rows stand.
pub(crate) const PLATFORM: TenantId = TenantId(Uuid::nil());

/// Where somebody signs in.
#[derive(Clone)]
pub(crate) enum Realm {
    Platform,
    Tenant(Tenant),
}

/// Whom an account stands for just now.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) account: AccountRow,
    pub(crate) subject: Subject,
    pub(crate) role: Role,
    pub(crate) name: String,
}

impl Realm {
    /// The platform when `slug` is empty.
    pub(crate) fn of_slug(edge: &Edge, slug: &str) -> Option<Self> {
        if slug.is_empty() {
            Some(Self::Platform)
        } else {
            edge.engine().tenant(slug).map(Self::Tenant)
        }
    }

    pub(crate) fn of_id(edge: &Edge, id: TenantId) -> Option<Self> {
        if id == PLATFORM {
            Some(Self::Platform)
        } else {
            edge.engine().tenant_of(id).map(Self::Tenant)
        }
    }

    pub(crate) fn id(&self) -> TenantId {
        match self {
            Self::Platform => PLATFORM,
            Self::Tenant(tenant) => tenant.id(),
        }
    }

    pub(crate) fn slug(&self) -> Option<&str> {
        match self {
            Self::Platform => None,
            Self::Tenant(tenant) => Some(tenant.slug()),
        }
    }

    /// Whom the account stands for; none when it, or its agent, is gone or disabled.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn holder(
        &self,
        edge: &Edge,
        account: Uuid,
    ) -> Result<Option<Holder>, StoreError> {
        let row = edge.engine().store().account(self.id(), account).await?;
        Ok(row.and_then(|row| self.stands(row)))
    }

    /// As [`Realm::holder`], for a row that was read before.
    pub(crate) fn stands(&self, row: AccountRow) -> Option<Holder> {
        if row.disabled_at.is_some() {
            return None;
        }
        match self {
            Self::Platform => {
                let (subject, name) = (Subject::Account(row.account), row.email.clone());
                Some(Holder { account: row, subject, role: Role::PlatformAdmin, name })
            }
            Self::Tenant(tenant) => {
                let directory = tenant.directory();
                let agent = directory.get::<AgentBody>(row.account)?;
                let subject = Subject::Agent(AgentId(row.account));
                let (role, name) = (agent.body.role, agent.body.name.clone());
                agent.body.active.then_some(Holder { account: row, subject, role, name })
            }
        }
    }
}
