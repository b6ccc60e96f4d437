//! The read model of finished legs: what reports count.
//!
//! A leg that ends, is reinstated and ends again is written again: the later end stands.
//! Invariant: one row per (ticket, leg).

use std::collections::HashMap;

use super::{Kind, Sink, Table, at, at_opt, secs, secs_opt};
use crate::rows::LegRow;
use crate::sql::Record;

pub(crate) const TABLE: Table = Table {
    name: "legs",
    columns: &[
        ("tenant_id", Kind::Id),
        ("ticket_id", Kind::Id),
        ("leg", Kind::Int),
        ("queue_id", Kind::Id),
        ("site_id", Kind::Id),
        ("service_id", Kind::Id),
        ("agent_id", Kind::Id),
        ("class", Kind::Text),
        ("channel", Kind::Text),
        ("outcome", Kind::Text),
        ("arrived_at", Kind::Int),
        ("first_called_at", Kind::Int),
        ("last_called_at", Kind::Int),
        ("started_at", Kind::Int),
        ("ended_at", Kind::Int),
        ("held_secs", Kind::Int),
        ("wait_secs", Kind::Int),
        ("walk_secs", Kind::Int),
        ("service_secs", Kind::Int),
        ("stay_secs", Kind::Int),
        ("reason", Kind::Text),
        ("out_of_order", Kind::Flag),
    ],
    conflict: "on conflict (tenant_id, ticket_id, leg) do update set
        queue_id = excluded.queue_id, site_id = excluded.site_id, service_id = excluded.service_id,
        agent_id = excluded.agent_id, class = excluded.class, channel = excluded.channel, outcome = excluded.outcome,
        arrived_at = excluded.arrived_at, first_called_at = excluded.first_called_at,
        last_called_at = excluded.last_called_at, started_at = excluded.started_at, ended_at = excluded.ended_at,
        held_secs = excluded.held_secs, wait_secs = excluded.wait_secs, walk_secs = excluded.walk_secs,
        service_secs = excluded.service_secs, stay_secs = excluded.stay_secs, reason = excluded.reason,
        out_of_order = excluded.out_of_order",
};

/// One row per leg: the last one given.
pub(crate) fn winners(rows: &[LegRow]) -> Vec<&LegRow> {
    let mut places = HashMap::with_capacity(rows.len());
    let mut winners: Vec<&LegRow> = Vec::with_capacity(rows.len());
    for row in rows {
        let place = *places.entry((row.tenant, row.ticket, row.leg)).or_insert(winners.len());
        match winners.get_mut(place) {
            Some(held) => *held = row,
            None => winners.push(row),
        }
    }
    winners
}

pub(crate) fn put<'a>(row: &'a LegRow, sink: &mut impl Sink<'a>) {
    sink.id(Some(row.tenant.0));
    sink.id(Some(row.ticket.0));
    sink.count(row.leg);
    sink.id(Some(row.queue.0));
    sink.id(Some(row.site.0));
    sink.id(Some(row.service.0));
    sink.id(row.agent.map(|id| id.0));
    sink.text(Some(&row.class));
    sink.text(Some(&row.channel));
    sink.text(Some(&row.outcome));
    sink.at_opt(row.arrived_at);
    sink.at_opt(row.first_called_at);
    sink.at_opt(row.last_called_at);
    sink.at_opt(row.started_at);
    sink.at(row.ended_at);
    sink.secs(row.held);
    sink.secs_opt(row.wait);
    sink.secs_opt(row.walk);
    sink.secs_opt(row.service_time);
    sink.secs(row.stay);
    sink.text(row.reason.as_deref());
    sink.flag(row.out_of_order);
}

pub(crate) fn read(record: &Record) -> Result<LegRow, sqlx::Error> {
    Ok(LegRow {
        tenant: record.id("tenant_id")?,
        ticket: record.id("ticket_id")?,
        leg: record.int("leg")?,
        queue: record.id("queue_id")?,
        site: record.id("site_id")?,
        service: record.id("service_id")?,
        agent: record.id_opt("agent_id")?,
        class: record.text("class")?.into(),
        channel: record.text("channel")?.into(),
        outcome: record.text("outcome")?.into(),
        arrived_at: at_opt(record, "arrived_at")?,
        first_called_at: at_opt(record, "first_called_at")?,
        last_called_at: at_opt(record, "last_called_at")?,
        started_at: at_opt(record, "started_at")?,
        ended_at: at(record, "ended_at")?,
        held: secs(record, "held_secs")?,
        wait: secs_opt(record, "wait_secs")?,
        walk: secs_opt(record, "walk_secs")?,
        service_time: secs_opt(record, "service_secs")?,
        stay: secs(record, "stay_secs")?,
        reason: record.text_opt("reason")?,
        out_of_order: record.flag("out_of_order")?,
    })
}
