//! What is private about tickets, apart from everything else so that it can be erased alone.
//!
//! Each row is written whole.
//! Invariant: one row per ticket, the last one given.

use std::collections::HashMap;

use super::{Kind, Sink, Table};
use crate::rows::TicketPrivateRow;
use crate::sql::Record;

pub(crate) const TABLE: Table = Table {
    name: "ticket_private",
    columns: &[
        ("tenant_id", Kind::Id),
        ("ticket_id", Kind::Id),
        ("name", Kind::Text),
        ("phone", Kind::Text),
        ("email", Kind::Text),
        ("notes", Kind::Text),
    ],
    conflict: "on conflict (tenant_id, ticket_id) do update set
        name = excluded.name, phone = excluded.phone, email = excluded.email, notes = excluded.notes",
};

/// One row per ticket: the last one given.
pub(crate) fn winners(rows: &[TicketPrivateRow]) -> Vec<&TicketPrivateRow> {
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

pub(crate) fn put<'a>(row: &'a TicketPrivateRow, sink: &mut impl Sink<'a>) {
    sink.id(Some(row.tenant.0));
    sink.id(Some(row.ticket.0));
    sink.text(row.name.as_deref());
    sink.text(row.phone.as_deref());
    sink.text(row.email.as_deref());
    sink.text(Some(&row.notes));
}

pub(crate) fn read(record: &Record) -> Result<TicketPrivateRow, sqlx::Error> {
    Ok(TicketPrivateRow {
        tenant: record.id("tenant_id")?,
        ticket: record.id("ticket_id")?,
        name: record.text_opt("name")?,
        phone: record.text_opt("phone")?,
        email: record.text_opt("email")?,
        notes: record.text("notes")?,
    })
}
