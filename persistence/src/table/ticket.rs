//! The read model of tickets: one row per visit.
//!
//! A row is written whole each time; the database compares (leg, version) and keeps the newer one.
//! Invariant: a batch writes one row per ticket, the newest it was given.

use std::collections::HashMap;

use super::{Kind, Sink, Table, at, at_opt, secs};
use crate::rows::TicketRow;
use crate::sql::Record;

pub(crate) const TABLE: Table = Table {
    name: "tickets",
    columns: &[
        ("tenant_id", Kind::Id),
        ("ticket_id", Kind::Id),
        ("queue_id", Kind::Id),
        ("site_id", Kind::Id),
        ("service_id", Kind::Id),
        ("customer_id", Kind::Id),
        ("agent_id", Kind::Id),
        ("counter_id", Kind::Id),
        ("number", Kind::Text),
        ("class", Kind::Text),
        ("channel", Kind::Text),
        ("language", Kind::Text),
        ("state", Kind::Text),
        ("outcome", Kind::Text),
        ("leg", Kind::Int),
        ("calls", Kind::Int),
        ("requeues", Kind::Int),
        ("issued_at", Kind::Int),
        ("arrived_at", Kind::Int),
        ("first_called_at", Kind::Int),
        ("last_called_at", Kind::Int),
        ("started_at", Kind::Int),
        ("ended_at", Kind::Int),
        ("held_secs", Kind::Int),
        ("version", Kind::Int),
        ("tags", Kind::Text),
    ],
    conflict: "on conflict (tenant_id, ticket_id) do update set
        queue_id = excluded.queue_id, site_id = excluded.site_id, service_id = excluded.service_id,
        customer_id = excluded.customer_id, agent_id = excluded.agent_id, counter_id = excluded.counter_id,
        number = excluded.number, class = excluded.class, channel = excluded.channel, language = excluded.language,
        state = excluded.state, outcome = excluded.outcome, leg = excluded.leg, calls = excluded.calls,
        requeues = excluded.requeues, issued_at = excluded.issued_at, arrived_at = excluded.arrived_at,
        first_called_at = excluded.first_called_at, last_called_at = excluded.last_called_at,
        started_at = excluded.started_at, ended_at = excluded.ended_at, held_secs = excluded.held_secs,
        version = excluded.version, tags = excluded.tags
        where (tickets.leg, tickets.version) < (excluded.leg, excluded.version)",
};

/// The same table for tickets that no row can stand for yet: to look for one costs a tenth of the whole insert.
pub(crate) const ISSUED: Table = Table { name: TABLE.name, columns: TABLE.columns, conflict: "" };

/// One row per ticket: the one with the highest (leg, version), the later one at a tie. First those of tickets that are
/// new with this batch, then the others.
pub(crate) fn winners<'a>(
    issued: &'a [TicketRow],
    others: &'a [TicketRow],
) -> (Vec<&'a TicketRow>, Vec<&'a TicketRow>) {
    let mut places = HashMap::with_capacity(issued.len() + others.len());
    let mut winners: Vec<&TicketRow> = Vec::with_capacity(issued.len() + others.len());
    let mut new = 0;
    for (index, row) in issued.iter().chain(others).enumerate() {
        let place = *places.entry((row.tenant, row.ticket)).or_insert(winners.len());
        match winners.get_mut(place) {
            Some(held) if (held.leg, held.version) <= (row.leg, row.version) => *held = row,
            Some(_) => {}
            None => winners.push(row),
        }
        if index < issued.len() {
            new = winners.len();
        }
    }
    let others = winners.split_off(new);
    (winners, others)
}

pub(crate) fn put<'a>(row: &'a TicketRow, sink: &mut impl Sink<'a>) {
    put_who(row, sink);
    sink.text(Some(&row.number));
    sink.text(Some(&row.class));
    sink.text(Some(&row.channel));
    sink.text(row.language.as_deref());
    sink.text(Some(&row.state));
    sink.text(row.outcome.as_deref());
    sink.count(row.leg);
    sink.count(row.calls);
    sink.count(row.requeues);
    put_when(row, sink);
    sink.secs(row.held);
    sink.count(row.version);
    sink.text(Some(&row.tags));
}

fn put_who<'a>(row: &'a TicketRow, sink: &mut impl Sink<'a>) {
    sink.id(Some(row.tenant.0));
    sink.id(Some(row.ticket.0));
    sink.id(Some(row.queue.0));
    sink.id(Some(row.site.0));
    sink.id(Some(row.service.0));
    sink.id(row.customer.map(|id| id.0));
    sink.id(row.agent.map(|id| id.0));
    sink.id(row.counter.map(|id| id.0));
}

fn put_when<'a>(row: &'a TicketRow, sink: &mut impl Sink<'a>) {
    sink.at(row.issued_at);
    sink.at_opt(row.arrived_at);
    sink.at_opt(row.first_called_at);
    sink.at_opt(row.last_called_at);
    sink.at_opt(row.started_at);
    sink.at_opt(row.ended_at);
}

pub(crate) fn read(record: &Record) -> Result<TicketRow, sqlx::Error> {
    Ok(TicketRow {
        tenant: record.id("tenant_id")?,
        ticket: record.id("ticket_id")?,
        queue: record.id("queue_id")?,
        site: record.id("site_id")?,
        service: record.id("service_id")?,
        customer: record.id_opt("customer_id")?,
        agent: record.id_opt("agent_id")?,
        counter: record.id_opt("counter_id")?,
        number: record.text("number")?,
        class: record.text("class")?.into(),
        channel: record.text("channel")?.into(),
        language: record.text_opt("language")?.map(Into::into),
        state: record.text("state")?.into(),
        outcome: record.text_opt("outcome")?.map(Into::into),
        leg: record.int("leg")?,
        calls: record.int("calls")?,
        requeues: record.int("requeues")?,
        issued_at: at(record, "issued_at")?,
        arrived_at: at_opt(record, "arrived_at")?,
        first_called_at: at_opt(record, "first_called_at")?,
        last_called_at: at_opt(record, "last_called_at")?,
        started_at: at_opt(record, "started_at")?,
        ended_at: at_opt(record, "ended_at")?,
        held: secs(record, "held_secs")?,
        version: record.int("version")?,
        tags: record.text("tags")?,
    })
}
