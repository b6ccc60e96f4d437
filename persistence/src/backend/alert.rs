//! The alerts' part of the store, and what operators are told of the store itself.
//!
//! Reads borrow a reader; writes are jobs.
//! Invariant: as for every job, a write that was begun is finished.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::{Backend, SqlStore, only_store};
use crate::error::StoreError;
use crate::rows::{AlertFilter, AlertRow};
use crate::store::{AlertStore, PAGE_ROWS_MAX};
use crate::{read, save};

#[async_trait]
impl<B: Backend> AlertStore for SqlStore<B> {
    async fn raise_alert(&self, row: AlertRow) -> Result<AlertRow, StoreError> {
        self.save(save::alert::Raise(row)).await.map_err(only_store)
    }

    async fn clear_alert(
        &self,
        tenant: TenantId,
        alert: Uuid,
        at: Timestamp,
        to_deliver: bool,
    ) -> Result<bool, StoreError> {
        self.save(save::alert::Clear { tenant, alert, at, to_deliver }).await.map_err(only_store)
    }

    async fn acknowledge_alert(
        &self,
        tenant: TenantId,
        alert: Uuid,
        by: String,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.save(save::alert::Acknowledge { tenant, alert, by, at }).await.map_err(only_store)
    }

    async fn save_alert_delivery(
        &self,
        tenant: TenantId,
        alert: Uuid,
        delivery: String,
        to_deliver: bool,
        of_cleared: bool,
    ) -> Result<(), StoreError> {
        let told = save::alert::Told { tenant, alert, delivery, to_deliver, of_cleared };
        self.save(told).await.map_err(only_store)
    }

    async fn alert(&self, tenant: TenantId, alert: Uuid) -> Result<Option<AlertRow>, StoreError> {
        read::alert::one(&mut self.of(tenant).await?.connection(), tenant, alert).await
    }

    async fn alerts(
        &self,
        tenant: TenantId,
        filter: &AlertFilter,
        limit: u32,
    ) -> Result<Vec<AlertRow>, StoreError> {
        // One more than a page, so that the caller sees whether there is another.
        let limit = limit.min(PAGE_ROWS_MAX + 1);
        read::alert::page(&mut self.of(tenant).await?.connection(), tenant, filter, limit).await
    }

    async fn live_alerts(&self, tenant: TenantId) -> Result<Vec<AlertRow>, StoreError> {
        read::alert::live(&mut self.of(tenant).await?.connection(), tenant).await
    }

    async fn oldest_intent(&self, tenant: TenantId) -> Result<Option<Timestamp>, StoreError> {
        read::alert::oldest_intent(&mut self.of(tenant).await?.connection(), tenant).await
    }

    fn connections(&self) -> (u32, u32) {
        self.0.connections()
    }
}
