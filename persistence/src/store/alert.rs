//! What a store keeps of alerts.
//!
//! They are rows of their own, not events: a queue's journal does not depend on who was told what.
//! Invariant: an alert is raised once and cleared once, whatever a restart comes between.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::{AlertFilter, AlertRow};

/// Alerts of tenants.
#[async_trait]
pub trait AlertStore: Send + Sync {
    /// Keeps a new alert and gives it back; or the one of that kind and subject that stands already.
    async fn raise_alert(&self, row: AlertRow) -> Result<AlertRow, StoreError>;

    /// Ends an alert, which is to be told again if `to_deliver`; false when it had ended.
    async fn clear_alert(
        &self,
        tenant: TenantId,
        alert: Uuid,
        at: Timestamp,
        to_deliver: bool,
    ) -> Result<bool, StoreError>;

    /// Notes who saw an alert; false when somebody had, or there is none.
    async fn acknowledge_alert(
        &self,
        tenant: TenantId,
        alert: Uuid,
        by: String,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Notes how telling went. `of_cleared`: what was told of is that it was cleared; if it was cleared only meanwhile,
    /// whether somebody is still to be told stays as it is.
    async fn save_alert_delivery(
        &self,
        tenant: TenantId,
        alert: Uuid,
        delivery: String,
        to_deliver: bool,
        of_cleared: bool,
    ) -> Result<(), StoreError>;

    async fn alert(&self, tenant: TenantId, alert: Uuid) -> Result<Option<AlertRow>, StoreError>;

    /// One page, the newest first; at most `limit`.
    async fn alerts(
        &self,
        tenant: TenantId,
        filter: &AlertFilter,
        limit: u32,
    ) -> Result<Vec<AlertRow>, StoreError>;

    /// All that stand, and all that somebody is still to be told of.
    async fn live_alerts(&self, tenant: TenantId) -> Result<Vec<AlertRow>, StoreError>;

    /// Since when the oldest notification to somebody has been due; none when none waits.
    async fn oldest_intent(&self, tenant: TenantId) -> Result<Option<Timestamp>, StoreError>;

    /// How many connections for reading there are, and how many of them nobody uses now.
    fn connections(&self) -> (u32, u32);
}
