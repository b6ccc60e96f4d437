//! Intents to notify somebody, written in the batch of the event that caused them.
//!
//! They enter as `queued`; what becomes of them is another statement's matter.
//! Invariant: an intent written twice is there once, as it was first.

use super::{Kind, Sink, Table, at};
use crate::rows::IntentRow;
use crate::sql::Record;

pub(crate) const TABLE: Table = Table {
    name: "intents",
    columns: &[
        ("tenant_id", Kind::Id),
        ("intent_id", Kind::Id),
        ("ticket_id", Kind::Id),
        ("customer_id", Kind::Id),
        ("trigger_kind", Kind::Text),
        ("state", Kind::Text),
        ("due_at", Kind::Int),
        ("payload", Kind::Text),
    ],
    conflict: "on conflict (tenant_id, intent_id) do nothing",
};

pub(crate) fn put<'a>(row: &'a IntentRow, sink: &mut impl Sink<'a>) {
    sink.id(Some(row.tenant.0));
    sink.id(Some(row.id));
    sink.id(Some(row.ticket.0));
    sink.id(row.customer.map(|id| id.0));
    sink.text(Some(&row.trigger));
    sink.text(Some("queued"));
    sink.at(row.due_at);
    sink.text(Some(&row.payload));
}

pub(crate) fn read(record: &Record) -> Result<IntentRow, sqlx::Error> {
    Ok(IntentRow {
        tenant: record.id("tenant_id")?,
        id: record.id("intent_id")?,
        ticket: record.id("ticket_id")?,
        customer: record.id_opt("customer_id")?,
        trigger: record.text("trigger_kind")?.into(),
        due_at: at(record, "due_at")?,
        payload: record.text("payload")?,
    })
}
