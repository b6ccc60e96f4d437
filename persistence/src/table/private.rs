//! What is private about tickets, apart from everything else so that it can be erased alone.
//!
//! Each row is written whole, sealed before it comes here. The plain columns are those of older databases.
//! Invariant: one row per ticket, the last one given; nothing in it can be read without the vault.

use std::collections::HashMap;

use domain::{TenantId, TicketId};
use serde::{Deserialize, Serialize};

use super::{Kind, Sink, Table};
use crate::error::StoreError;
use crate::rows::TicketPrivateRow;
use crate::vault::{Place, Vault};

pub(crate) const TABLE: Table = Table {
    name: "ticket_private",
    columns: &[
        ("tenant_id", Kind::Id),
        ("ticket_id", Kind::Id),
        ("notes", Kind::Text),
        ("sealed", Kind::Blob),
    ],
    conflict: "on conflict (tenant_id, ticket_id) do update set notes = excluded.notes, sealed = excluded.sealed",
};

/// A row as it is kept.
pub(crate) struct SealedPrivate {
    tenant: TenantId,
    ticket: TicketId,
    sealed: Vec<u8>,
}

/// What is in the blob.
#[derive(Serialize, Deserialize)]
struct Content {
    name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    notes: String,
}

/// Seals one row per ticket: the last one given. Nothing is done when there is none.
pub(crate) fn seal(
    rows: &[TicketPrivateRow],
    vault: &Vault,
) -> Result<Vec<SealedPrivate>, StoreError> {
    winners(rows).into_iter().map(|row| seal_one(row, vault)).collect()
}

fn seal_one(row: &TicketPrivateRow, vault: &Vault) -> Result<SealedPrivate, StoreError> {
    let (tenant, ticket) = (row.tenant, row.ticket);
    Ok(SealedPrivate { tenant, ticket, sealed: blob(row, vault)? })
}

/// The sealed content of a row.
pub(crate) fn blob(row: &TicketPrivateRow, vault: &Vault) -> Result<Vec<u8>, StoreError> {
    let content = Content {
        name: row.name.clone(),
        phone: row.phone.clone(),
        email: row.email.clone(),
        notes: row.notes.clone(),
    };
    let plain = serde_json::to_vec(&content).unwrap_or_default();
    vault.seal(Place::ticket(row.tenant, row.ticket.0), &plain)
}

/// The row of a blob.
pub(crate) fn open(
    tenant: TenantId,
    ticket: TicketId,
    blob: &[u8],
    vault: &Vault,
) -> Result<TicketPrivateRow, StoreError> {
    let plain = vault.open(Place::ticket(tenant, ticket.0), blob)?;
    let content: Content = serde_json::from_slice(&plain).map_err(|_| {
        let reason = "the sealed part has not the form this program writes".to_owned();
        StoreError::UnreadableRow { table: "ticket_private", reason }
    })?;
    let Content { name, phone, email, notes } = content;
    Ok(TicketPrivateRow { tenant, ticket, name, phone, email, notes })
}

fn winners(rows: &[TicketPrivateRow]) -> Vec<&TicketPrivateRow> {
    let mut places = HashMap::with_capacity(rows.len());
    let mut winners: Vec<&TicketPrivateRow> = Vec::with_capacity(rows.len());
    for row in rows {
        let place = *places.entry((row.tenant, row.ticket)).or_insert(winners.len());
        match winners.get_mut(place) {
            Some(held) => *held = row,
            None => winners.push(row),
        }
    }
    winners
}

pub(crate) fn put<'a>(row: &'a SealedPrivate, sink: &mut impl Sink<'a>) {
    sink.id(Some(row.tenant.0));
    sink.id(Some(row.ticket.0));
    sink.text(Some("[]"));
    sink.blob(&row.sealed);
}
