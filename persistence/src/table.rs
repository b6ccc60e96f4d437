//! The tables of a batch: their columns, and how a row is put into them and read from them.
//!
//! A row is put value by value into a [`Sink`], in the order of the table's columns: SQLite's sink binds row by row,
//! PostgreSQL's gathers one array per column. So each table is written down once for both databases.
//!
//! Invariant: `put` gives exactly one value per column, in order (checked when a PostgreSQL statement is built).

mod event;
mod intent;
mod key;
mod leg;
mod private;
mod snapshot;
mod ticket;

pub(crate) use event::Link;

use domain::{Secs, Timestamp};
use uuid::Uuid;

use crate::journal::Batch;
use crate::rows::TicketRow;
use crate::sql::{Record, stored};

pub(crate) use snapshot::checksum;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Id,
    Int,
    Text,
    Blob,
    Flag,
}

/// One table of a batch.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
    /// What to do when the row is there already; empty means that the batch fails.
    pub(crate) conflict: &'static str,
}

impl Table {
    /// The names of all columns, as in `select …` and `insert into t (…)`.
    pub(crate) fn column_list(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }
}

/// Takes the values of a row, one after the other.
pub(crate) trait Sink<'a> {
    fn id(&mut self, id: Option<Uuid>);
    fn int(&mut self, int: Option<i64>);
    fn text(&mut self, text: Option<&'a str>);
    fn blob(&mut self, blob: &'a [u8]);
    fn flag(&mut self, flag: bool);

    fn count(&mut self, int: impl Into<u64>) {
        self.int(Some(stored(int.into())));
    }

    fn at(&mut self, at: Timestamp) {
        self.int(Some(at.0));
    }

    fn at_opt(&mut self, at: Option<Timestamp>) {
        self.int(at.map(|at| at.0));
    }

    fn secs(&mut self, secs: Secs) {
        self.int(Some(i64::from(secs.0)));
    }

    fn secs_opt(&mut self, secs: Option<Secs>) {
        self.int(secs.map(|secs| i64::from(secs.0)));
    }
}

/// The tables that a batch may write, in the order in which they are written.
pub(crate) const TABLES: [&Table; 8] = [
    &event::TABLE,
    &ticket::ISSUED,
    &ticket::TABLE,
    &leg::TABLE,
    &private::TABLE,
    &intent::TABLE,
    &key::TABLE,
    &snapshot::TABLE,
];

/// A batch made ready: events linked into their chains, and one row per ticket, leg and stream.
///
/// A table refuses to touch one row twice in a statement, so only the row that wins is written.
pub(crate) struct Prepared<'a> {
    batch: &'a Batch,
    links: &'a [Link],
    issued: Vec<&'a TicketRow>,
    tickets: Vec<&'a TicketRow>,
    legs: Vec<&'a crate::rows::LegRow>,
    private: &'a [SealedPrivate],
    snapshots: Vec<(&'a crate::journal::SnapshotRow, [u8; 32])>,
}

impl<'a> Prepared<'a> {
    /// `links` has one link for each event of the batch.
    pub(crate) fn new(batch: &'a Batch, links: &'a [Link], private: &'a [SealedPrivate]) -> Self {
        debug_assert_eq!(batch.events.len(), links.len(), "each event has its link");
        let (issued, tickets) = ticket::winners(&batch.issued, &batch.tickets);
        Self {
            batch,
            links,
            issued,
            tickets,
            legs: leg::winners(&batch.legs),
            private,
            snapshots: snapshot::winners(&batch.snapshots),
        }
    }

    /// How many rows go into `TABLES[table]`.
    pub(crate) fn rows(&self, table: usize) -> usize {
        match table {
            0 => self.batch.events.len(),
            1 => self.issued.len(),
            2 => self.tickets.len(),
            3 => self.legs.len(),
            4 => self.private.len(),
            5 => self.batch.intents.len(),
            6 => self.batch.keys.len(),
            _ => self.snapshots.len(),
        }
    }

    /// Puts row number `row` of `TABLES[table]`.
    pub(crate) fn put<'s>(&'s self, table: usize, row: usize, sink: &mut impl Sink<'s>) {
        match table {
            0 => event::put(&self.batch.events[row], &self.links[row], sink),
            1 => ticket::put(self.issued[row], sink),
            2 => ticket::put(self.tickets[row], sink),
            3 => leg::put(self.legs[row], sink),
            4 => private::put(&self.private[row], sink),
            5 => intent::put(&self.batch.intents[row], sink),
            6 => key::put(&self.batch.keys[row], sink),
            _ => snapshot::put(self.snapshots[row].0, &self.snapshots[row].1, sink),
        }
    }

    /// The snapshots written: older ones of the same streams are taken away after them.
    pub(crate) fn snapshots(&self) -> impl Iterator<Item = &crate::journal::SnapshotRow> {
        self.snapshots.iter().map(|(row, _)| *row)
    }
}

pub(crate) use event::{TABLE as EVENTS, read as read_event, read_version};
pub(crate) use intent::{TABLE as INTENTS, read as read_intent};
pub(crate) use leg::{TABLE as LEGS, read as read_leg};
pub(crate) use private::{
    SealedPrivate, blob as private_blob, open as open_private, seal as seal_private,
};
pub(crate) use ticket::{TABLE as TICKETS, read as read_ticket};

fn at(record: &Record, column: &str) -> Result<Timestamp, sqlx::Error> {
    record.int(column).map(Timestamp)
}

fn at_opt(record: &Record, column: &str) -> Result<Option<Timestamp>, sqlx::Error> {
    Ok(record.int_opt(column)?.map(Timestamp))
}

fn secs(record: &Record, column: &str) -> Result<Secs, sqlx::Error> {
    record.int(column).map(Secs)
}

fn secs_opt(record: &Record, column: &str) -> Result<Option<Secs>, sqlx::Error> {
    Ok(record.int_opt(column)?.map(Secs))
}
