//! What the platform grants a tenant: that it may work at all, and how much it may have.
//!
//! Kept in the tenant's own row and carried by its directory, so that everybody who looks there sees it.
//! Invariant: a limit stops what is new; nothing that exists is taken away.

use domain::{Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::alerts::AlertSettings;
use super::bodies::{AgentBody, QueueBody, SiteBody};
use super::directory::{Directory, Kind};

/// How much a tenant may have; a limit left out is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TenantLimits {
    pub sites_max: Option<u32>,
    pub queues_max: Option<u32>,
    pub agents_max: Option<u32>,
    /// People in all queues together: waiting, called, held or being served.
    pub waiting_max: Option<u32>,
}

/// How a tenant stands with the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// Since when nobody of it is let in.
    pub suspended_at: Option<Timestamp>,
    pub limits: TenantLimits,
    /// Days after which what is personal of a visit is forgotten; none: never.
    pub personal_days: Option<u32>,
    /// When its people are told that something is wrong, and how.
    pub alerts: AlertSettings,
}

/// Refuses one more than `limit`.
pub(crate) fn room(what: &'static str, held: usize, limit: Option<u32>) -> Result<(), Refusal> {
    match limit {
        Some(limit) if held >= usize::try_from(limit).unwrap_or(usize::MAX) => {
            Err(Refusal::QuotaExceeded { what, limit })
        }
        Some(_) | None => Ok(()),
    }
}

impl Directory {
    pub(crate) fn standing_so(self, standing: Standing) -> Self {
        Self { standing, ..self }
    }

    /// Whether the tenant may have one more of this kind.
    pub(crate) fn room_for(&self, kind: Kind) -> Result<(), Refusal> {
        let limits = self.standing.limits;
        match kind {
            Kind::Site => room("sites", self.list::<SiteBody>().count(), limits.sites_max),
            Kind::Queue => room("queues", self.list::<QueueBody>().count(), limits.queues_max),
            Kind::Agent => room("agents", self.list::<AgentBody>().count(), limits.agents_max),
            Kind::Service | Kind::Counter | Kind::Device => Ok(()),
        }
    }
}
