//! What an application of a declaration did, for people and for machines.
//!
//! One line or object for each declared thing, in the order of the file, and the sums.
//! Invariant: created, changed and unchanged add up to the number of things.

use serde_json::{Value, json};

use super::book::Change;
use super::walk::Entry;

/// How many of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) created: usize,
    pub(super) changed: usize,
    pub(super) unchanged: usize,
}

impl Sums {
    pub(super) fn of(entries: &[Entry]) -> Sums {
        entries.iter().fold(Sums::default(), |mut sums, entry| {
            match entry.change {
                Change::Created => sums.created += 1,
                Change::Changed(_) => sums.changed += 1,
                Change::Unchanged => sums.unchanged += 1,
            }
            sums
        })
    }
}

/// `changed    queue    bank/plateau/A  (capacity, policy)`.
pub(super) fn line(entry: &Entry) -> String {
    let (word, fields) = said(&entry.change);
    let fields =
        if fields.is_empty() { String::new() } else { format!("  ({})", fields.join(", ")) };
    format!("{word:<9}  {:<7}  {}{fields}", entry.kind, entry.key)
}

/// The sums as a sentence.
pub(super) fn summary(entries: &[Entry], dry_run: bool) -> String {
    let Sums { created, changed, unchanged } = Sums::of(entries);
    let end = if dry_run { "; dry run, nothing was written" } else { "" };
    format!("{created} created, {changed} changed, {unchanged} unchanged{end}")
}

pub(super) fn json(entries: &[Entry], dry_run: bool) -> Value {
    let Sums { created, changed, unchanged } = Sums::of(entries);
    let things: Vec<Value> = entries.iter().map(object).collect();
    json!({
        "dry_run": dry_run, "created": created, "changed": changed, "unchanged": unchanged,
        "things": things,
    })
}

fn object(entry: &Entry) -> Value {
    let (word, fields) = said(&entry.change);
    json!({
        "change": word, "kind": entry.kind, "key": entry.key, "line": entry.line, "properties": fields,
    })
}

fn said(change: &Change) -> (&'static str, &[String]) {
    match change {
        Change::Created => ("created", &[]),
        Change::Changed(fields) => ("changed", fields),
        Change::Unchanged => ("unchanged", &[]),
    }
}
