//! Reading what is known of one ticket.
//!
//! The row, its finished legs, its private part, its intents.
//! Invariant: a ticket of another tenant is not found.

use domain::{TenantId, TicketId};

use super::{Query, select};
use crate::error::StoreError;
use crate::rows::{IntentRow, LegRow, TicketPrivateRow, TicketRow};
use crate::sql::Connection;
use crate::table;
use crate::vault::Vault;

const OF_TICKET: &str = "where tenant_id = $1 and ticket_id = $2";

pub(crate) async fn one(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    ticket: TicketId,
) -> Result<Option<TicketRow>, StoreError> {
    let query = Query { table: "tickets", read: table::read_ticket };
    query
        .first(connection, select(&table::TICKETS, OF_TICKET), vec![tenant.into(), ticket.into()])
        .await
}

pub(crate) async fn legs(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    ticket: TicketId,
) -> Result<Vec<LegRow>, StoreError> {
    let query = Query { table: "legs", read: table::read_leg };
    let sql = select(&table::LEGS, "where tenant_id = $1 and ticket_id = $2 order by leg");
    query.all(connection, sql, vec![tenant.into(), ticket.into()]).await
}

pub(crate) async fn private(
    connection: &mut Connection<'_>,
    vault: &Vault,
    tenant: TenantId,
    ticket: TicketId,
) -> Result<Option<TicketPrivateRow>, StoreError> {
    let query = Query { table: "ticket_private", read: |record| record.blob("sealed") };
    let sql = "select sealed from ticket_private where tenant_id = $1 and ticket_id = $2";
    let blob = query.first(connection, sql, vec![tenant.into(), ticket.into()]).await?;
    blob.map(|blob| table::open_private(tenant, ticket, &blob, vault)).transpose()
}

pub(crate) async fn intents(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    ticket: TicketId,
) -> Result<Vec<IntentRow>, StoreError> {
    let query = Query { table: "intents", read: table::read_intent };
    let sql = select(&table::INTENTS, "where tenant_id = $1 and ticket_id = $2 order by intent_id");
    query.all(connection, sql, vec![tenant.into(), ticket.into()]).await
}
