//! What a store keeps of roll-ups: marks of what is due, counted rows, and what reports read besides.
//!
//! Marks are set by the database itself with each leg that is written.
//! Invariant: rows and the marks that they settle change in one transaction.

use async_trait::async_trait;
use domain::{LocalDay, QueueId, SiteId, TenantId, Timestamp};
use uuid::Uuid;

use crate::error::StoreError;
use crate::roll_up::{DayCount, DueRow, Part, RollUpRow, Settled};
use crate::rows::{LegRow, OpinionCount};

/// Legs counted by day.
#[async_trait]
pub trait RollUpStore: Send + Sync {
    /// Hours whose legs changed since they were counted, by queue and time; at most `limit`.
    async fn due_roll_ups(&self, tenant: TenantId, limit: u32) -> Result<Vec<DueRow>, StoreError>;

    /// The legs of a queue that count from `from` until before `to`, in the order of arrival.
    async fn legs_of_queue(
        &self,
        tenant: TenantId,
        queue: QueueId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<LegRow>, StoreError>;

    /// The queues that have legs.
    async fn queues_with_legs(&self, tenant: TenantId) -> Result<Vec<QueueId>, StoreError>;

    /// When the first and the last leg of a queue count; none without legs.
    async fn span_of_legs(
        &self,
        tenant: TenantId,
        queue: QueueId,
    ) -> Result<Option<(Timestamp, Timestamp)>, StoreError>;

    /// Replaces the rows of these days of a queue and takes the settled marks away; false, and nothing changed, when
    /// one of the marks was set anew meanwhile.
    async fn save_roll_ups(
        &self,
        tenant: TenantId,
        queue: QueueId,
        days: Vec<DayCount>,
        settled: Settled,
    ) -> Result<bool, StoreError>;

    /// The rows of one part, from one day to another, both included.
    async fn roll_ups(
        &self,
        tenant: TenantId,
        part: Part,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<RollUpRow>, StoreError>;

    /// Every row of a queue, by part, day and item.
    async fn roll_ups_of_queue(
        &self,
        tenant: TenantId,
        queue: QueueId,
    ) -> Result<Vec<RollUpRow>, StoreError>;

    /// How many rows a tenant has.
    async fn count_roll_ups(&self, tenant: TenantId) -> Result<u64, StoreError>;

    /// For each day with rows what changes with them.
    async fn roll_up_stamps(
        &self,
        tenant: TenantId,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<(LocalDay, Uuid)>, StoreError>;

    /// Legs called out of turn that ended from `from` until before `to`, the newest first; at most `limit`.
    async fn legs_out_of_order(
        &self,
        tenant: TenantId,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<LegRow>, StoreError>;

    /// Opinions given from `from` until before `to` at these sites, counted by place, agent and stretch of
    /// `every` microseconds.
    async fn count_opinions(
        &self,
        tenant: TenantId,
        sites: &[SiteId],
        (from, to): (Timestamp, Timestamp),
        every: i64,
    ) -> Result<Vec<OpinionCount>, StoreError>;
}
