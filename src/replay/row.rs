//! One row of a queue log: what its columns mean, and what makes it a bad one.
//!
//! Times are local times without a zone and are taken as UTC, so that the day of the log is the day of the site.
//! Invariant: a visit that was read is possible: nobody is called before coming or leaves before being called.

use std::fmt;

use domain::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The columns that a log must have, in the order of [`Cells`].
pub(super) const COLUMNS: [&str; 9] = [
    "queue_id",
    "customer_id",
    "class",
    "priority",
    "arrival_ts",
    "called_ts",
    "end_ts",
    "outcome",
    "server_id",
];
/// Characters of an identifier or a class.
const WORD_CHARS_MAX: usize = 64;

/// What is wrong with a row: which column, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) column: &'static str,
    pub(crate) reason: String,
}

fn fault<T>(column: &'static str, reason: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { column, reason: reason.into() })
}

/// How a visit ended in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Called { server: usize, called_at: Timestamp, ended_at: Timestamp, shown_up: bool },
    Abandoned { at: Timestamp },
}

/// The two values of the column `priority`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    Normal,
    High,
}

impl Priority {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::High => "high",
        }
    }
}

/// One person's visit as the log tells it. Queue and server are places in the log's lists.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) queue: usize,
    /// The skill that serving takes; empty for none.
    pub(crate) class: String,
    pub(crate) priority: Priority,
    pub(crate) arrived_at: Timestamp,
    pub(crate) ending: Ending,
}

/// Gives every name a place in a list, so that visits stay small.
pub(super) trait Names {
    fn place(&mut self, name: &str) -> usize;
}

/// The nine cells of a row, in the order of [`COLUMNS`].
pub(super) struct Cells<'a>(pub(super) [&'a str; 9]);

impl Cells<'_> {
    /// # Errors
    /// The first fault found.
    pub(super) fn visit(
        &self,
        queues: &mut impl Names,
        servers: &mut impl Names,
    ) -> Result<Visit, Fault> {
        let [queue, customer, class, priority, arrival, ..] = self.0;
        word("queue_id", queue)?;
        word("customer_id", customer)?;
        if class.chars().count() > WORD_CHARS_MAX {
            return fault("class", format!("is longer than {WORD_CHARS_MAX} characters"));
        }
        let priority = match priority {
            "normal" => Priority::Normal,
            "high" => Priority::High,
            other => return fault("priority", format!("is {other:?}; expected normal or high")),
        };
        let arrived_at = instant("arrival_ts", arrival)?;
        let ending = self.ending(arrived_at, servers)?;
        Ok(Visit {
            queue: queues.place(queue),
            class: class.to_owned(),
            priority,
            arrived_at,
            ending,
        })
    }

    fn ending(&self, arrived_at: Timestamp, servers: &mut impl Names) -> Result<Ending, Fault> {
        let [.., called, ended, outcome, server] = self.0;
        let ended_at = instant("end_ts", ended)?;
        let shown_up = match outcome {
            "served" => true,
            "no_show" => false,
            "abandoned" if !called.is_empty() => {
                return fault("called_ts", "is given, but the row is abandoned");
            }
            "abandoned" => {
                not_before("end_ts", ended_at, "arrival_ts", arrived_at)?;
                return Ok(Ending::Abandoned { at: ended_at });
            }
            other => {
                return fault(
                    "outcome",
                    format!("is {other:?}; expected served, abandoned or no_show"),
                );
            }
        };
        let called_at = instant("called_ts", called)?;
        not_before("called_ts", called_at, "arrival_ts", arrived_at)?;
        not_before("end_ts", ended_at, "called_ts", called_at)?;
        word("server_id", server)?;
        Ok(Ending::Called { server: servers.place(server), called_at, ended_at, shown_up })
    }
}

fn word(column: &'static str, text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return fault(column, "is empty");
    }
    if text.chars().count() > WORD_CHARS_MAX || text.chars().any(char::is_control) {
        return fault(column, format!("is not a word of at most {WORD_CHARS_MAX} characters"));
    }
    Ok(())
}

fn instant(column: &'static str, text: &str) -> Result<Timestamp, Fault> {
    if text.is_empty() {
        return fault(column, "is empty");
    }
    let civil = text.parse::<DateTime>().ok();
    match civil.and_then(|civil| TimeZone::UTC.to_timestamp(civil).ok()) {
        Some(instant) => Ok(instant.into()),
        None => {
            fault(column, format!("is {text:?}; expected a local time such as 2025-01-06T09:00:09"))
        }
    }
}

fn not_before(
    column: &'static str,
    later: Timestamp,
    than: &'static str,
    earlier: Timestamp,
) -> Result<(), Fault> {
    if later < earlier { fault(column, format!("is before {than}")) } else { Ok(()) }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct List(Vec<String>);

    impl Names for List {
        fn place(&mut self, name: &str) -> usize {
            self.0.push(name.to_owned());
            self.0.len() - 1
        }
    }

    fn read(cells: [&str; 9]) -> Result<Visit, &'static str> {
        Cells(cells).visit(&mut List::default(), &mut List::default()).map_err(|fault| fault.column)
    }

    const SERVED: [&str; 9] = [
        "q",
        "c1",
        "T",
        "high",
        "2025-01-06T09:00:09",
        "2025-01-06T09:01:00",
        "2025-01-06 09:02:30.5",
        "served",
        "K0",
    ];

    #[test]
    fn a_served_visit_is_read() {
        let visit = read(SERVED).unwrap();
        assert_eq!(visit.priority, Priority::High);
        assert_eq!(visit.arrived_at.to_string(), "2025-01-06T09:00:09Z");
        let Ending::Called { called_at, ended_at, shown_up, .. } = visit.ending else {
            panic!("not called")
        };
        assert!(shown_up);
        assert_eq!(ended_at.micros_since(called_at), 90_500_000);
    }

    #[test]
    fn a_fault_names_its_column() {
        let with = |place: usize, text: &'static str| {
            let mut cells = SERVED;
            cells[place] = text;
            read(cells).map(drop)
        };
        assert_eq!(with(0, ""), Err("queue_id"));
        assert_eq!(with(1, ""), Err("customer_id"));
        assert_eq!(with(2, ""), Ok(()));
        assert_eq!(with(3, "urgent"), Err("priority"));
        assert_eq!(with(4, "06/01/2025"), Err("arrival_ts"));
        assert_eq!(with(4, "2025-01-06T09:00:09Z"), Err("arrival_ts"));
        assert_eq!(with(5, "2025-01-06T08:59:00"), Err("called_ts"));
        assert_eq!(with(6, "2025-01-06T09:00:30"), Err("end_ts"));
        assert_eq!(with(7, "lost"), Err("outcome"));
        assert_eq!(with(7, "abandoned"), Err("called_ts"));
        assert_eq!(with(8, ""), Err("server_id"));
    }
}
