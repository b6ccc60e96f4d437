//! Alerts: listed, acknowledged, and their settings.
//!
//! The tenant's actor raises and clears them; here they are read from the store.
//! Invariant: who acknowledged an alert first stays.

use persistence::{AlertFilter, AlertRow, StoreError};
use uuid::Uuid;

use super::Tenant;
use crate::ask::{Ask, AskError};
use crate::resources::AlertSettings;
use crate::tenant_actor::TenantMessage;

impl Tenant {
    /// The newest alerts that `filter` lets through, at most `limit`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn alerts(
        &self,
        filter: &AlertFilter,
        limit: u32,
    ) -> Result<Vec<AlertRow>, AskError> {
        let found = self.world.world.store.alerts(self.world.id, filter, limit).await;
        found.map_err(|error| unread(&error))
    }

    /// One alert.
    ///
    /// # Errors
    /// `NotFound` for an unknown one.
    pub async fn alert(&self, id: Uuid) -> Result<AlertRow, AskError> {
        let found = self.world.world.store.alert(self.world.id, id).await;
        found.map_err(|error| unread(&error))?.ok_or(AskError::NotFound)
    }

    /// Notes that somebody has seen an alert; the first stays.
    ///
    /// # Errors
    /// `NotFound` for an unknown one.
    pub async fn acknowledge_alert(&self, id: Uuid, ask: Ask) -> Result<AlertRow, AskError> {
        self.awake()?;
        let (store, now) = (&self.world.world.store, self.world.world.clock.now());
        let seen = store.acknowledge_alert(self.world.id, id, ask.who.to_string(), now).await;
        let is_first = seen.map_err(|error| unread(&error))?;
        let row = self.alert(id).await?;
        if is_first {
            self.world.tell_tenant(TenantMessage::AlertSeen(Box::new(row.clone())));
        }
        Ok(row)
    }

    /// Notes how telling people of an alert, as `row` says it stood, went.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn alert_told(&self, row: &AlertRow, delivery: String) -> Result<(), AskError> {
        let (store, of_cleared) = (&self.world.world.store, row.cleared_at.is_some());
        let tenant = self.world.id;
        let kept = store.save_alert_delivery(tenant, row.id, delivery, false, of_cleared).await;
        kept.map_err(|error| unread(&error))?;
        // It may have been acknowledged meanwhile.
        self.world.alerts.replace(&self.alert(row.id).await?);
        Ok(())
    }

    /// Alerts that stand or that somebody is still to be told of.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn live_alerts(&self) -> Result<Vec<AlertRow>, AskError> {
        let found = self.world.world.store.live_alerts(self.world.id).await;
        found.map_err(|error| unread(&error))
    }

    /// When people are told, and how.
    pub fn alert_settings(&self) -> AlertSettings {
        self.directory().standing.alerts.clone()
    }
}

fn unread(error: &StoreError) -> AskError {
    tracing::error!(%error, "alerts could not be read or changed");
    AskError::OutcomeUnknown
}
