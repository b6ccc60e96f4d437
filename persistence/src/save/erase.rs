//! Erasing what is personal: of one person on request, of everybody after the retention.
//!
//! Rows go away as a whole; tickets, legs and the journal hold ids only and stay, so the figures stay.
//! Invariant: whatever names a person of an erasure is gone when its job has run, however often it runs.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{CustomerId, TenantId, TicketId, Timestamp};
use uuid::Uuid;

use super::customer::Indexes;
use super::failed;
use crate::backend::{Job, Reach};
use crate::error::SaveError;
use crate::read;
use crate::rows::Whom;
use crate::sealed::Erasure;
use crate::sql::{Connection, Value};
use crate::vault::Vault;

/// Finds out what is to be erased of a person.
pub(crate) struct Survey {
    pub(crate) tenant: TenantId,
    pub(crate) whom: Whom,
    pub(crate) erasure: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) vault: Arc<Vault>,
}

#[async_trait]
impl Job for Survey {
    type Done = Option<Erasure>;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<Option<Erasure>, SaveError> {
        match self.whom {
            Whom::Customer(customer) => self.of_customer(connection, customer).await,
            Whom::Ticket(ticket) => self.of_ticket(connection, ticket).await,
        }
    }
}

impl Survey {
    async fn of_customer(
        &self,
        connection: &mut Connection<'_>,
        customer: CustomerId,
    ) -> Result<Option<Erasure>, SaveError> {
        let tenant = self.tenant;
        let known = read::customer::one(connection, &self.vault, tenant, customer).await?;
        let sql = "select ticket_id from tickets where tenant_id = $1 and customer_id = $2";
        let tickets = ids(connection, sql, vec![tenant.into(), customer.into()]).await?;
        if known.is_none() && tickets.is_empty() {
            return Ok(None);
        }
        let person = known.map(|row| row.person).unwrap_or_default();
        let indexes = Indexes::of(tenant, &person, &self.vault);
        Ok(Some(Erasure::new(self, Some(customer), &indexes, tickets)))
    }

    /// Who has a customer is erased as that customer; a ticket without one is erased alone.
    async fn of_ticket(
        &self,
        connection: &mut Connection<'_>,
        ticket: TicketId,
    ) -> Result<Option<Erasure>, SaveError> {
        let sql = "select customer_id from tickets where tenant_id = $1 and ticket_id = $2";
        let values = vec![self.tenant.into(), ticket.into()];
        let row = connection.fetch_first(sql, values).await.map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        match row.id_opt("customer_id").map_err(failed)? {
            Some(customer) => self.of_customer(connection, customer).await,
            None => Ok(Some(Erasure::new(self, None, &Indexes::default(), vec![ticket]))),
        }
    }
}

async fn ids(
    connection: &mut Connection<'_>,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<Vec<TicketId>, SaveError> {
    let records = connection.fetch(sql, values).await.map_err(failed)?;
    records.iter().map(|record| record.id("ticket_id")).collect::<Result<_, _>>().map_err(failed)
}

/// Does what an erasure says.
pub(crate) struct Erase(pub(crate) Erasure);

#[async_trait]
impl Job for Erase {
    type Done = ();

    fn reach(&self) -> Reach {
        Reach::Tenant(self.0.tenant())
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), SaveError> {
        let Self(erasure) = self;
        let tenant = erasure.tenant();
        for ticket in erasure.tickets() {
            for sql in [
                "delete from ticket_private where tenant_id = $1 and ticket_id = $2",
                "update intents set payload = '{}' where tenant_id = $1 and ticket_id = $2",
                "update feedback set comment = null where tenant_id = $1 and ticket_id = $2",
            ] {
                let values = vec![tenant.into(), ticket.into()];
                connection.execute(sql, values).await.map_err(failed)?;
            }
        }
        // By their indexes too, for rows of a restored copy; who came back after the erasure is somebody new.
        let sql = "delete from customers where tenant_id = $1 and (customer_id = $2
            or (created_at <= $5 and (phone_index = $3 or email_index = $4)))";
        let values = vec![
            tenant.into(),
            Value::Id(erasure.customer().map(|customer| customer.0)),
            erasure.phone_index().into(),
            erasure.email_index().into(),
            erasure.at().into(),
        ];
        connection.execute(sql, values).await.map_err(failed)?;
        record(connection, &erasure).await
    }
}

async fn record(connection: &mut Connection<'_>, erasure: &Erasure) -> Result<(), SaveError> {
    let sql = "insert into erasures (tenant_id, erasure_id, customer_id, phone_index, email_index, at, tickets, hash)
        values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant_id, erasure_id) do nothing";
    let receipt = erasure.receipt();
    let values = vec![
        receipt.tenant.into(),
        receipt.erasure.into(),
        Value::Id(receipt.customer.map(|customer| customer.0)),
        erasure.phone_index().into(),
        erasure.email_index().into(),
        receipt.at.into(),
        receipt.tickets.into(),
        receipt.hash.to_vec().into(),
    ];
    connection.execute(sql, values).await.map(|_| ()).map_err(failed)
}

/// Rows of each kind in one transaction: a few milliseconds.
const STEP_ROWS: u64 = 500;

/// One step: deletes some of what is personal of tickets that ended long ago, and some customers not seen since. Does how
/// many rows there were; none means that there are no more.
pub(crate) struct ForgetBefore {
    pub(crate) tenant: TenantId,
    pub(crate) before: Timestamp,
}

#[async_trait]
impl Job for ForgetBefore {
    type Done = u64;

    fn reach(&self) -> Reach {
        Reach::Tenant(self.tenant)
    }

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, SaveError> {
        let mut forgotten = 0;
        for sql in [
            "delete from ticket_private where tenant_id = $1 and ticket_id in (
                select p.ticket_id from ticket_private p join tickets t on t.ticket_id = p.ticket_id
                where p.tenant_id = $1 and t.tenant_id = $1 and t.ended_at < $2 limit $3)",
            "update intents set payload = '{}' where tenant_id = $1 and payload <> '{}' and ticket_id in (
                select i.ticket_id from intents i join tickets t on t.ticket_id = i.ticket_id
                where i.tenant_id = $1 and i.payload <> '{}' and t.tenant_id = $1 and t.ended_at < $2 limit $3)",
            "update feedback set comment = null where tenant_id = $1 and ticket_id in (
                select f.ticket_id from feedback f join tickets t on t.ticket_id = f.ticket_id
                where f.tenant_id = $1 and f.comment is not null and t.tenant_id = $1 and t.ended_at < $2 limit $3)",
            "delete from customers where tenant_id = $1 and customer_id in (
                select customer_id from customers where tenant_id = $1 and updated_at < $2 and customer_id not in (
                    select customer_id from tickets where tenant_id = $1 and customer_id is not null
                    and (ended_at is null or ended_at >= $2)) limit $3)",
        ] {
            let values = vec![self.tenant.into(), self.before.into(), STEP_ROWS.into()];
            forgotten += connection.execute(sql, values).await.map_err(failed)?;
        }
        Ok(forgotten)
    }
}
