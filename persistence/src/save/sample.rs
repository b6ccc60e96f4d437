//! Keeping how queues stood, and thinning what is old.
//!
//! The samples of a tenant are one transaction. Thinning keeps the last sample of an hour: it is one that was really
//! taken, and all its figures are of the same instant, which no mean or maximum of them would be.
//! Invariant: a sample that is there is never written over, and the last of its hour is never deleted.

use async_trait::async_trait;
use domain::{Secs, TenantId, Timestamp};

use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::rows::QueueSampleRow;
use crate::sql::{Connection, Value};

const HOUR_MICROS: i64 = 3_600_000_000;

pub(crate) struct SaveSamples {
    pub(crate) tenant: TenantId,
    pub(crate) samples: Vec<QueueSampleRow>,
}

#[async_trait]
impl Job for SaveSamples {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        let sql = "insert into queue_samples (tenant_id, queue_id, at, waiting, longest_wait_seconds,
            wait_p50_seconds, wait_p90_seconds, wait_p95_seconds, agents_available, agents_busy, agents_on_break,
            called_15m, called_in_time_15m, served_15m, abandoned_15m, health)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            on conflict (tenant_id, queue_id, at) do nothing";
        for sample in self.samples {
            connection.execute(sql, values(self.tenant, &sample)).await.map_err(failed)?;
        }
        Ok(())
    }
}

fn values(tenant: TenantId, sample: &QueueSampleRow) -> Vec<Value> {
    let wait = |wait: Option<Secs>| Value::Int(wait.map(|wait| i64::from(wait.0)));
    let count = |count: u32| Value::from(u64::from(count));
    vec![
        tenant.into(),
        sample.queue.into(),
        sample.at.into(),
        count(sample.waiting),
        count(sample.longest_wait.0),
        wait(sample.wait_p50),
        wait(sample.wait_p90),
        wait(sample.wait_p95),
        count(sample.agents_available),
        count(sample.agents_busy),
        count(sample.agents_on_break),
        count(sample.called),
        count(sample.called_in_time),
        count(sample.served),
        count(sample.abandoned),
        Value::Int(sample.health.map(i64::from)),
    ]
}

pub(crate) struct Thin {
    pub(crate) tenant: TenantId,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) limit: u32,
}

#[async_trait]
impl Job for Thin {
    type Done = u64;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, SaveError> {
        let sql = "delete from queue_samples where tenant_id = $1 and (queue_id, at) in (
            select old.queue_id, old.at from queue_samples old
            where old.tenant_id = $1 and old.at >= $2 and old.at < $3 and exists (
                select 1 from queue_samples later where later.tenant_id = $1 and later.queue_id = old.queue_id
                and later.at > old.at and later.at < (old.at / $4 + 1) * $4)
            order by old.at limit $5)";
        let values = vec![
            self.tenant.into(),
            self.from.into(),
            self.to.into(),
            HOUR_MICROS.into(),
            u64::from(self.limit).into(),
        ];
        connection.execute(sql, values).await.map_err(failed)
    }
}
